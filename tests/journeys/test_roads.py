"""The special roads, mail in to letter out: referrals, an authority, what is meant, a question, a death."""
