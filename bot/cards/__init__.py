"""Pure functions from state to Card; no markup and no personal data."""
