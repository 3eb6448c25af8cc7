"""Outbound: one folder per system that holds personal data."""
