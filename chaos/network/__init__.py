"""The network between the processes: it can be cut, held and slowed, and its bytes caught."""
