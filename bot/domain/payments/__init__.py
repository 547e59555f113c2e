"""How approved expenses are paid: by finance, by hand, or by a payment system."""
