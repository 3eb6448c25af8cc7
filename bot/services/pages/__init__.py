"""The pages of the person and of colleagues: what opens them, what stands on each, what is done there."""
