"""How long delivery waits for what."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long delivery waits for what."""

    poll: timedelta = timedelta(seconds=1)  # between two looks for what is due
    # For how long others stay off an expense after the process that delivered it has died.
    lease: timedelta = timedelta(seconds=5)
    # What has not gone on by then takes longer than usual, and the requester is told so.
    delay: timedelta = timedelta(minutes=3)
    # A worker registers within seconds; after this long it may have died first.
    registration: timedelta = timedelta(seconds=60)
    # Most payments are asked for this soon; what people see then changes only once.
    payment: timedelta = timedelta(seconds=0.3)
    # Temporal closes the window first; asking earlier would only find it open.
    expiry: timedelta = timedelta(seconds=0.5)
    longest_retry: timedelta = timedelta(seconds=30)  # while somebody we depend on is away
    # While nothing is wrong, and nothing happens either.
    longest_pause: timedelta = timedelta(hours=1)
    # Between two looks whether people can still decide, at first; then ever more seldom.
    watch: timedelta = timedelta(minutes=5)
    # Between two of these looks while nothing is wrong.
    longest_watch: timedelta = timedelta(hours=1)
    # A call to Slack that nobody heard the end of may still arrive this much later.
    doubt: timedelta = timedelta(seconds=30)
    # A picture that Slack refused may be one that it has not looked into yet.
    pictures: timedelta = timedelta(seconds=60)
    # Between two counts of the open expenses, which metrics show.
    census: timedelta = timedelta(seconds=15)
    seal: timedelta = timedelta(seconds=2)  # between two looks for lines of the audit trail
    policy: timedelta = timedelta(seconds=3)  # between two looks whether the policy has changed
    farewell: timedelta = timedelta(seconds=3)  # when the process ends, for what has begun
