"""The whole system on this machine, clickable in a browser: `python -m sandbox.demo`."""
