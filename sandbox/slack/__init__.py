"""A stand-in for Slack: its Web API, what people see and do, and the requests to the app."""
