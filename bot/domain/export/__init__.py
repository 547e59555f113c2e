"""What finance takes out: a line for each expense, in columns that stay."""
