"""What editors see and decide of the house and its people."""
