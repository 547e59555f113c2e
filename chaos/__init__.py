"""Kills the whole system again and again, and counts what was lost: `python -m chaos`."""
