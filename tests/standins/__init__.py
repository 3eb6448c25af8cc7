"""Small local servers that behave as the chats do, for tests and journeys."""
