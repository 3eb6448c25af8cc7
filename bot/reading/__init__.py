"""Mail and text in, a proposal out; a person decides what it becomes."""
