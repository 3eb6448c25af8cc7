"""What rings while nobody presses anything."""
