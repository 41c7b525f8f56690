"""The public web, and nothing but it: the guard, the client, its manners."""
