"""Whether each part can do what an expense needs of it."""
