"""What people do in Slack's own client, sent to the app as Slack sends it."""
