"""What the desk can do, one verb each: load, decide (domain), write state, ledger and jobs together.

`progress` is the only place that moves a part on by itself; every other service does one
thing and then calls it. Nothing here waits for a network inside a transaction: whatever
calls a vendor, a chat or a mail server is a job of its own (`execution`, `reply`, `posting`).
"""
