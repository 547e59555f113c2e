"""Amounts of money: read, compared with what a currency allows, and written."""
