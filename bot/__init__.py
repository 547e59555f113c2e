"""The external system: HTTP API, Slack app and expense records."""
