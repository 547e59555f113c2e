"""What operators see of the bot from outside, by OpenTelemetry; not imported unless it is on."""
