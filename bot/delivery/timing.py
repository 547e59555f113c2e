"""How long delivery waits for what."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long delivery waits for what.

    Attributes:
        poll: between two looks for what is due.
        lease: for how long others stay off an expense after the process that delivered it has died.
        delay: what has not gone on by then takes longer than usual, and the requester is told so.
        registration: a worker registers within seconds; after this long it may have died first.
        payment: most payments are asked for this soon; what people see then changes only once.
        expiry: Temporal closes the window first; asking earlier would only find it open.
        longest_retry: while somebody we depend on is away.
        watch: between two looks whether people can still decide, at first; then ever more seldom.
        longest_watch: between two of these looks while nothing is wrong.
        longest_pause: while nothing is wrong, and nothing happens either.
        doubt: a call to Slack that nobody heard the end of may still arrive this much later.
        pictures: a picture that Slack refused may be one that it has not looked into yet.
        farewell: when the process ends, for what has begun.
    """

    poll: timedelta = timedelta(seconds=1)
    lease: timedelta = timedelta(seconds=5)
    delay: timedelta = timedelta(minutes=3)
    registration: timedelta = timedelta(seconds=60)
    payment: timedelta = timedelta(seconds=0.3)
    expiry: timedelta = timedelta(seconds=0.5)
    longest_retry: timedelta = timedelta(seconds=30)
    longest_pause: timedelta = timedelta(hours=1)
    watch: timedelta = timedelta(minutes=5)
    longest_watch: timedelta = timedelta(hours=1)
    doubt: timedelta = timedelta(seconds=30)
    pictures: timedelta = timedelta(seconds=60)
    farewell: timedelta = timedelta(seconds=3)
