"""What is recorded of people over many of their expenses."""
