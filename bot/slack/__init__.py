"""Slack through Bolt and the Web API: who people are, what they did, what they are shown."""
