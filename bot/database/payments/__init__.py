"""The table of payments, and the payment runs in which finance marks what it has paid."""
