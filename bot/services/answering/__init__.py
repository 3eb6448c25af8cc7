"""Letters: written, checked, approved, sent, looked for."""
