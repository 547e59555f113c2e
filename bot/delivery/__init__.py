"""What follows a commit: Temporal and Slack are brought in line with the database."""
