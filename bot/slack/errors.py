"""What Slack answers instead of doing what it was asked to."""

from bot.domain.errors import TryAgain


class RateLimited(TryAgain):
    """Slack takes no more calls like this just now; nothing else is amiss.

    `after` says when there is room for this one.
    """


class SlackRefusal(Exception):
    """Slack said no, and will say no again.

    Attributes:
        code: Slack's word for the reason, such as channel_not_found; every method lists its own at
            https://docs.slack.dev/reference/methods.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
