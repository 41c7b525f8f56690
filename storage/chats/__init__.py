"""Chats: what they follow, choose and keep, and how they move or go."""
