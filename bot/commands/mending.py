"""`python -m bot expenses retry` and `resend`: do again what waits, or what people have lost.

Each change is made only to the version of an expense that was looked at, and each message takes the
place of the one that was looked at: what several operators and bots do at once happens once.
"""

from contextlib import suppress

import aiohttp

from bot.block_kit.message_blocks import approval_message
from bot.commands.console import NO_SUCH_ID
from bot.commands.opening import NO_CIPHER, leave_to_bots, paying
from bot.database.audit import InForce
from bot.database.engine.connection import Database
from bot.database.expenses import ExpenseStore
from bot.database.messages import Message, MessageStore
from bot.database.queries.stuck import find_expenses
from bot.delivery.timing import Timing
from bot.domain import audit_events
from bot.domain.errors import InvalidId, InvalidState
from bot.domain.expense import Expense, State
from bot.domain.people.audience import Audience, approvers
from bot.domain.people.locale import ANYBODY
from bot.services.recovery import Recovery
from bot.setting_groups import PaymentSettings, SlackSettings
from bot.settings import load
from bot.slack.directory import SlackDirectory
from bot.slack.errors import SlackRefusal
from bot.slack.messenger import Messenger
from bot.slack.web_client import make_slack_client


async def retry(database: Database, expense_id: str, *, is_dry: bool) -> str:
    """Have what an expense waits for done now; say what happens.

    Raises:
        InvalidId, InvalidState, PaymentRefused, TryAgain: it does not happen.
        SettingsError: the payment system is to be asked, and a setting of it is missing.
    """
    found = await find_expenses(database, id=expense_id) if expense_id.isprintable() else []
    if not found:
        raise InvalidId(NO_SUCH_ID)
    expense = found[0].expense
    if found[0].due_at is None:
        raise InvalidState(f"it is {expense.state}, and nothing of it waits")
    expenses = ExpenseStore(database, NO_CIPHER, leave_to_bots)
    if not (expense.state is State.APPROVED and expense.payment_asked_at):
        if is_dry:
            return "a bot would be told to look at it at once"
        await Recovery(expenses).retry(expense)
        return "due now: a bot that runs delivers, asks or reminds within seconds"
    settings = load(PaymentSettings)
    settings.check_payments(await InForce.read(database))
    if is_dry:
        return "its payment would be asked for again, with the same key"
    await Recovery(expenses).retry(expense)
    async with paying(database, settings) as reimbursement:
        await reimbursement.pay(expense_id)
    return "it is paid"


class Resending:
    """Posts the approvers' messages of expenses again.

    Args:
        settings: name the workspace.
        session: closed by its owner.
        channel: where to post instead of where they were; None for the same places.
    """

    def __init__(
        self,
        database: Database,
        settings: SlackSettings,
        session: aiohttp.ClientSession,
        channel: str | None,
    ) -> None:
        token = settings.slack_bot_token.get_secret_value()
        client = make_slack_client(token, settings.slack_api_url, session)
        self._people = SlackDirectory(client)
        self._messages = MessageStore(database)
        self._messenger = Messenger(client, self._messages, Timing().pictures)
        self._expenses = ExpenseStore(database, NO_CIPHER, leave_to_bots)
        self._channel = channel

    async def resend(self, expense_id: str, *, is_dry: bool) -> str:
        """Post who is asked about an expense its message again, and delete the former one.

        Raises:
            InvalidId: no expense has this id.
            InvalidState: nobody is asked, or Slack refuses.
            TryAgain: Slack or the database does not answer.
        """
        expense = await self._expenses.get(expense_id)
        if not expense.is_asking:
            raise InvalidState(f"it is {expense.state}, and nobody is asked about it now")
        targets = await self._targets(expense)
        places = ", ".join(channel for _, channel, _ in targets)
        if is_dry:
            return f"would be posted again to {places}"
        for audience, channel, former in targets:
            try:
                await self._post(expense, audience, channel, former)
            except SlackRefusal as refusal:
                raise InvalidState(f"Slack says {refusal}; that was for {channel}") from refusal
        # The bot then draws them as it is by now, also if it was decided meanwhile.
        await self._expenses.change(expense, audit_events.Resent(), "operator")
        return f"posted again to {places}"

    async def _targets(self, expense: Expense) -> list[tuple[Audience, str, Message | None]]:
        """Name whom to post to, where, and which message this replaces."""
        progress = expense.progress
        asked = {
            whom: message
            for whom, message in (await self._messages.of_expense(expense.id)).items()
            if whom.is_asked and whom.stage == progress.stage
        }
        if self._channel:
            audience = approvers(progress.stage)
            return [(audience, self._channel, asked.get(audience))]
        targets: list[tuple[Audience, str, Message | None]] = [
            (whom, whom.person or message.channel, message)
            for whom, message in asked.items()
            if whom.person is None
            or not (whom.person in progress.released() or progress.has_approved(whom.person))
        ]
        if not targets:
            raise InvalidState("nobody has a message about it yet; say with --channel where to ask")
        return targets

    async def _post(
        self, expense: Expense, audience: Audience, channel: str, former: Message | None
    ) -> None:
        person = audience.person
        locale = (await self._people.reader(person) if person else ANYBODY).locale
        history = await self._expenses.history(expense.id)
        message = await self._messenger.post(
            expense,
            audience,
            channel,
            *approval_message(expense, locale, audience),
            # What was told was told; who reads the new message finds the rest in the history.
            told=history[-1].number if history else 0,
            instead_of=former,
        )
        if message is None:
            raise InvalidState(f"{channel} cannot be written to")
        if former and message.ts != former.ts:
            with suppress(SlackRefusal):  # a channel that was lost took it along
                await self._messenger.delete(former)
