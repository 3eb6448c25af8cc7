"""Letters and the package, on plain values."""
