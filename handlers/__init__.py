"""Inbound: handlers translate what arrives and decide nothing."""
