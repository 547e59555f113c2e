"""What does not go as it should: findings, outages, a backlog, and stuck expenses."""
