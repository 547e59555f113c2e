"""Flags: what is unusual about an expense, and how that is found."""
