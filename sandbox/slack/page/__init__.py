"""The web page that draws the workspace in a browser, and the calls that control it."""
