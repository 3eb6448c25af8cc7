"""What colleagues see and are told: cards made, put where they are, kept true; whose turn it is."""
