"""A stand-in Slack workspace with a web page, for the demo, the tests and the benchmarks."""
