"""The verbs: submit, decide, ask, remind, reimburse, and what workflows call."""
