"""What the operator does from the shell: the subcommands of `python -m bot` but `serve`."""
