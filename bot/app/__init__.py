"""Builds the bot from its settings: the one package that knows all its parts."""
