"""What `python -m bot audit bundle` hands to an auditor, and the program that checks it there."""
