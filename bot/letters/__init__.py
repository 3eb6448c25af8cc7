"""Letters and packages, composed from texts a lawyer can edit."""
