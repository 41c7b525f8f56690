"""Editors, their pushes, whom they let in, and what they see of the house."""
