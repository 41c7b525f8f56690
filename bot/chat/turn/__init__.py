"""What a handler is given, what it gives back, and the rules that hold for all of them."""
