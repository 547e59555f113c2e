"""Everything that listens: the worker's calls, Slack's endpoint, health, limits."""
