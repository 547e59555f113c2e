"""The payment endpoint of the demo and the tests."""
