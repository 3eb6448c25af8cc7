"""The front desk, asked as the chats ask it."""
