"""What an expense is: its states, plan, money and errors; it knows nobody."""
