"""Addresses of messages about other expenses, for those who can see these messages."""

from collections.abc import Callable

from bot.database.messages import MessageStore
from bot.domain.expense import Expense


class MessageLinks:
    """Finds messages about the expenses that an expense's flags name.

    Args:
        home: returns the workspace's address, such as https://example.slack.com/; None before Slack
            has told it.
    """

    def __init__(self, messages: MessageStore, home: Callable[[], str | None]) -> None:
        self._messages = messages
        self._home = home

    async def of(self, expense: Expense, channel: str, person: str | None) -> dict[str, str]:
        """Return the addresses of messages, by the ids of their expenses.

        Args:
            expense: what is flagged.
            channel: Slack id of the channel where the links are read: messages in it can be seen.
            person: Slack user id of their only reader; None for everybody in the channel.
        """
        ids, home = {id for flag in expense.flags for id in flag.others}, self._home()
        if not (ids and home):
            return {}
        return {
            message.expense_id: f"{home}archives/{message.channel}/p{message.ts.replace('.', '')}"
            for message in await self._messages.of_expenses(ids)
            if message.audience.is_asked
            and (message.channel == channel or (person and message.audience.person == person))
        }
