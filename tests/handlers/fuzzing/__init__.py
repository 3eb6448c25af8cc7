"""What nobody's chat would send: the doors of Slack and Teams, what is typed, and cards nobody drew."""
