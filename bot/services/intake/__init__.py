"""What arrives, through whatever channel, until a ticket stands or a mail has joined one; the first decision on it."""
