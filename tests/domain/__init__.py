"""Rules of the domain, on plain values."""
