"""The copies of receipts: what is recorded of them, where threads show them, what is in them."""
