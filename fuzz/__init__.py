"""Throws generated inputs at every public entrance; `python -m fuzz` is the long run."""
