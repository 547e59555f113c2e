"""Block Kit, checked against Slack's limits."""
