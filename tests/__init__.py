"""Tests mirror the house; fakes are small working versions, never mocks."""
