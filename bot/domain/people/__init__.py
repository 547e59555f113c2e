"""People in Slack: their ids, their roles, how they read, and what addresses them."""
