"""Who may not decide an expense, even if its plan asks them."""

from collections.abc import Mapping


def barred(requester: str | None, delegates: Mapping[str, str]) -> frozenset[str]:
    """Return the requester of an expense and who stands in for them: both may not decide it.

    Args:
        requester: Slack user id; None if another service asks.
        delegates: who stands in for whom now; the requester must not be missing.
    """
    people = (requester, delegates.get(requester or ""))
    return frozenset(one for one in people if one)
