"""What people see: pure functions from the domain to Block Kit and text."""
