"""The external system: HTTP API, Slack app and expense records."""

__version__ = "0.1.0"
