"""How a case moves on, and what moving brings with it: protection, holds, incidents, recipients, follow-up jobs."""
