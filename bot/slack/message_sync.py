"""Shows people in Slack what the database says of an expense.

Every message remembers which version of the expense it shows, and which line of the audit trail
its thread has told: a message that is behind is brought up to date, as often as it takes, also by
the next process after a crash.
"""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.block_kit import message_blocks, sentences, thread_replies
from bot.block_kit.components import section
from bot.database.expenses import ExpenseStore
from bot.database.messages import Message, MessageStore
from bot.domain.audit_events import AuditEntry
from bot.domain.expense import MISCARRIED, Expense
from bot.domain.obstacle import Kind, Obstacle
from bot.domain.people.audience import DECIDER, REQUESTER, Audience
from bot.domain.people.locale import ANYBODY
from bot.domain.people.slack_ids import is_pseudonym, is_user_id
from bot.services.watch import Watch
from bot.slack.directory import SlackDirectory
from bot.slack.errors import Troubles
from bot.slack.message_links import MessageLinks
from bot.slack.messenger import Messenger
from bot.slack.recipients import Recipients

# Clicks whose expense is not drawn yet; with two bots, the other one may have drawn it.
MOST_CLICKED = 10_000


class MessageSync:
    """Keeps the messages about expenses as the expenses are."""

    def __init__(
        self,
        messenger: Messenger,
        recipients: Recipients,
        people: SlackDirectory,
        expenses: ExpenseStore,
        messages: MessageStore,
        watch: Watch,
        links: MessageLinks,
    ) -> None:
        self._messenger = messenger
        self._recipients = recipients
        self._people = people
        self._expenses = expenses
        self._messages = messages
        self._watch = watch
        self._links = links
        self._clicked: dict[str, dict[tuple[str, str], str]] = {}

    async def show(self, expense: Expense, *, anew: bool = False) -> None:
        """Bring every message about an expense up to date, the approvers' first.

        A message that cannot be drawn does not keep the others as they were.
        """
        messages = await self._messages.of_expense(expense.id)
        troubles, asking = Troubles(), Troubles()
        # First of all: who clicks is remembered in this process only.
        if await self._heal(expense, messages, troubles):
            messages = await self._messages.of_expense(expense.id)
        if anew:
            messages = {whom: message.outdated() for whom, message in messages.items()}
        told = min((message.told for message in messages.values()), default=0)
        history = await self._expenses.history(expense.id, after=told)
        # Who is not asked any more loses the buttons before others are asked.
        for audience, message in messages.items():
            if audience.is_asked and not troubles.is_silence:
                with troubles.kept():
                    await self._bring(expense, message, history)
        if troubles.is_silence:
            troubles.raise_one()
        # A new message tells nothing old, also if all the others have told everything.
        latest = history[-1].number if history else told
        not_asked = await self._ask(expense, messages, latest, asking)
        expense, before = await self._watch.look(expense, not_asked), expense
        if expense is not before:
            history = await self._expenses.history(expense.id, after=told)
        with troubles.kept():
            mine = messages.get(REQUESTER)
            whom = expense.requester
            if whom and not (mine or asking.passing or is_pseudonym(whom)):
                mine = await self._post(expense, REQUESTER, whom)
            if mine:
                asked = thread_replies.tells_of_asking(history) and await self._has_asked(expense)
                news = thread_replies.known(history, expense, is_asked=asked)
                await self._bring(expense, mine, news)
        with troubles.kept():
            if vain := messages.get(DECIDER):
                await self._bring(expense, vain, history)
            elif expense.state in MISCARRIED and is_user_id(expense.decided_by or ""):
                # Their decision did not lead where they meant it to.
                await self._post(expense, DECIDER, expense.decided_by or "")
        troubles.add(asking)
        troubles.raise_one()

    async def is_asked(self, expense: Expense) -> bool:
        """Say whether somebody was asked about an expense, or nobody has to be.

        Of what is stuck the operator knows: a worker that asks again and again helps nobody.
        """
        if not expense.is_open or expense.asks_nobody or expense.obstacle:
            return True
        return await self._has_asked(expense)

    async def _has_asked(self, expense: Expense) -> bool:
        return any(whom.is_asked for whom in await self._messages.of_expense(expense.id))

    def lacks_pictures(self, expense: Expense) -> bool:
        """Say whether Slack refused a picture lately, and may show it later."""
        return self._messenger.lacks_pictures(expense.claim)

    async def redraw(self, channel: str, ts: str, person: str, expense: Expense) -> None:
        """Make a message that was clicked show the expense as it is, from now on.

        The answer to its post may have been lost: then the click tells us that it is there. What
        is remembered is drawn by the delivery of the expense: two who draw the same message at the
        same time could leave old news in it.
        """
        expense = await self._expenses.find(expense.id) or expense
        audience = self._recipients.audience_at(expense, channel, person)
        found = Message(
            expense_id=expense.id, audience=audience, channel=channel, ts=ts, shown_version=0
        )
        if await self._messages.outdate(found) or await self._messages.adopt(found):
            return
        await self._messenger.update(channel, ts, *await self._shown(expense, audience, channel))

    def clicked(self, channel: str, ts: str, person: str, expense: Expense) -> None:
        """Have the message that was clicked drawn with the others, also if it is not remembered.

        It was posted twice then, because Slack's answer was lost.
        """
        if len(self._clicked) >= MOST_CLICKED:
            del self._clicked[next(iter(self._clicked))]
        self._clicked.setdefault(expense.id, {})[channel, ts] = person

    async def _heal(
        self, expense: Expense, messages: dict[Audience, Message], troubles: Troubles
    ) -> bool:
        """Draw messages that were clicked and would not be drawn anyway; say if there were any.

        We do not remember them, or Slack refused to change them while their channel was archived.
        """
        coming = {
            (message.channel, message.ts)
            for message in messages.values()
            if message.shown_version < expense.version
        }
        clicks = self._clicked.pop(expense.id, {})
        left = {place: person for place, person in clicks.items() if place not in coming}
        try:
            for place, person in (unknown := [*left.items()]):
                with troubles.kept():
                    await self.redraw(*place, person, expense)
                    del left[place]
        finally:
            if left:
                self._clicked.setdefault(expense.id, {}).update(left)
        return bool(unknown)

    async def _ask(
        self, expense: Expense, messages: dict[Audience, Message], latest: int, troubles: Troubles
    ) -> Obstacle | None:
        """Ask whom the present stage asks and who was not asked yet.

        A person or channel that cannot be written to does not keep the others waiting, and neither
        does a user group that cannot be read.

        Args:
            latest: number of the last audit entry; new threads tell what comes after it. Who is
                asked later than others is also told what was asked and answered before.

        Returns:
            Why nobody was asked at all, or was when Slack last told; None if somebody was, or may
            be soon.
        """
        if not expense.is_asking:
            return None
        latest = 0 if any(whom.is_asked for whom in messages) else latest
        places, unread = await self._recipients.of(expense)
        last_resort, is_asked = self._recipients.last_resort(expense), False
        for number, (audience, channel) in enumerate([*places, last_resort]):
            is_needed = number < len(places) or not (is_asked or troubles or unread)
            if troubles.is_silence or not is_needed:
                break
            with troubles.kept():
                is_asked |= audience in messages or bool(
                    await self._post(expense, audience, channel, latest)
                )
        troubles.passing += [unread] if unread else []
        if is_asked or last_resort[0] in messages:
            return None
        if troubles.passing or not troubles.refusals:
            known = expense.obstacle
            return known if known and known.kind is Kind.NOT_ASKED else None
        channel = [*places, last_resort][0][1]
        return Obstacle(kind=Kind.NOT_ASKED, about=(channel, troubles.refusals[0].code))

    async def _post(
        self, expense: Expense, audience: Audience, channel: str, told: int = 0
    ) -> Message | None:
        text, body = await self._shown(expense, audience, channel)
        message = await self._messenger.post(expense, audience, channel, text, body, told=told)
        if message and audience.is_asked and not told:
            await self._messenger.tell(expense, message, await self._expenses.history(expense.id))
        return message

    async def _bring(
        self, expense: Expense, message: Message, history: Sequence[AuditEntry]
    ) -> None:
        """Bring a message and its thread up to date."""
        if message.shown_version < expense.version:
            text, body = await self._shown(expense, message.audience, message.channel)
            if not await self._messenger.update(message.channel, message.ts, text, body):
                # It is over. A click on it, if it should come back with its channel, has it drawn.
                told = history[-1].number if history else message.told
                await self._messages.mark_shown(message, version=expense.version, told=told)
                return
        await self._messenger.tell(expense, message, history)

    async def _shown(
        self, expense: Expense, audience: Audience, channel: str
    ) -> tuple[str, list[Block]]:
        """Build what an audience is shown there, in the language of a person if it is one."""
        people = {REQUESTER: expense.requester, DECIDER: expense.decided_by}
        person = people.get(audience, audience.person)
        locale = (await self._people.reader(person) if person else ANYBODY).locale
        if audience == REQUESTER:
            text = sentences.acknowledgement(expense, locale)
            return text, message_blocks.requester_blocks(expense, locale)
        if audience == DECIDER:
            news = thread_replies.news_for_decider(expense)
            text = f"{news} {sentences.record(expense, locale)}"
            return text, [section(news), *message_blocks.record_blocks(expense, locale)]
        relieved = await self._recipients.relieved(expense) if audience.person else {}
        successor = relieved.get(audience.person or "")
        links = await self._links.of(expense, channel, audience.person)
        return message_blocks.approval_message(expense, locale, audience, successor, links)
