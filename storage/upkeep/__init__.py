"""The database as a whole: its schema, its copies, its state."""
