"""Settings, texts, letters and policy: all that changes without code."""
