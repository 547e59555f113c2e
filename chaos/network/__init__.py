"""What stands on the way between the processes, and can be cut, held, slowed or caught."""
