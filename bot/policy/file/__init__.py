"""The company's file: how it is read, and each mistake in it named with its line."""
