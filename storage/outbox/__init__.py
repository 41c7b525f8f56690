"""Messages owed to chats: planned, claimed, settled."""
