"""Measures how fast the bot is, against floors taken in the same run."""
