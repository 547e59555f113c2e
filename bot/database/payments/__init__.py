"""The table of payments, and how an expense's own is read and inserted."""
