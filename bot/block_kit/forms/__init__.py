"""The forms that people fill in, and what is read from them."""
