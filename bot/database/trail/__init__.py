"""The audit trail as evidence: sealed, signed and verified, with the policies that judged."""
