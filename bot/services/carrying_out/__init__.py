"""What jobs do at the systems: search, fetch, erase, look again, and give up to a person."""
