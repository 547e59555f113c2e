"""What people and operators look up over many expenses."""
