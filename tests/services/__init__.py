"""Tests of single services; what they do together is tested by the journeys."""
