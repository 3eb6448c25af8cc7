"""A ticket's file, fit to hand to the authority (D26)."""
