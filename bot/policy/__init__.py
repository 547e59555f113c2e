"""Who may decide which expense: rules, approvers, and the file that names them."""
