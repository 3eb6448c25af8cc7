"""What is kept and for how long: reviews by rule, own traces forgotten, and counts that name nobody."""
