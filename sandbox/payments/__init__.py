"""A stand-in for the payment system of a company."""
