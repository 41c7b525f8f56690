"""How statements reach the database, whose turn it is, and how work is announced."""
