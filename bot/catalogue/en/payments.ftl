### What finance reads of payments that it makes by hand.

## Refusals

finance-pays-only = Only finance marks what is paid, and confirms it.
run-is-over = This was confirmed or taken back already, so nothing was changed.
run-is-own = You marked these yourself, so somebody else in finance has to confirm them.
run-has-own-only = What is left of these is your own, so somebody else in finance has to confirm it.
