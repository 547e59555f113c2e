"""Throws at every public entrance what strangers might; `python -m fuzz` is the long run."""
