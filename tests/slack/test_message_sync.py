"""Messages about expenses follow them, each for itself: none that Slack refuses keeps another."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.database.messages import Message
from bot.domain.errors import TryAgain
from bot.domain.expense import Decision, Expense
from bot.domain.people.audience import REQUESTER, Audience, approvers
from bot.slack.directory import SlackDirectory
from bot.slack.errors import SlackRefusal
from bot.slack.message_links import MessageLinks
from bot.slack.message_sync import MessageSync
from bot.slack.messenger import Messenger
from bot.slack.recipients import Recipients
from bot.slack.web_client import make_session, make_slack_client
from sandbox import Sandbox
from sandbox.slack.config import ADA, APPROVALS, GRETA, MINA, MONEY
from tests.support.databases import make_sqlite
from tests.support.rooms import LUNCH, MANAGER, WINDOW, Rooms, caller, rooms


@dataclass
class Shown:
    """An expense that is asked about in a channel, in two direct messages, and told to Ada."""

    slack: Sandbox
    rooms: Rooms
    asking_in: Callable[[str], MessageSync]
    sync: MessageSync
    expense: Expense

    async def show(self) -> None:
        self.expense = await self.rooms.expenses.get(self.expense.id)
        await self.sync.show(self.expense)

    async def approve(self) -> None:
        await self.rooms.decisions.decide(self.expense.id, Decision.APPROVED, MANAGER)

    async def message(self, audience: Audience) -> Message:
        found = await self.rooms.messages.find(self.expense.id, audience)
        assert found
        return found

    async def text(self, audience: Audience) -> str:
        message = await self.message(audience)
        shown = self.slack.workspace.message(message.channel, message.ts)
        assert shown
        return str(shown["text"])

    def updates(self, ts: str) -> list[str]:
        """What came of each attempt to draw a message again."""
        calls = self.slack.calls_of("chat.update")
        return [call.outcome for call in calls if call.arguments.get("ts") == ts]


async def registered(rooms: Rooms, key: str) -> Expense:
    """Submit an expense whose workflow waits for a decision."""
    expense = await rooms.submissions.submit(ADA.id, LUNCH, key)
    await rooms.workflow_calls.create(expense.id, caller(expense.id))
    window = expense.created_at + WINDOW
    await rooms.workflow_calls.register_callback(expense.id, b"x", caller(expense.id), window)
    return await rooms.expenses.get(expense.id)


HOME = "https://example.slack.com/"
IN_CHANNEL, FIRST, SECOND = approvers(0), approvers(0, GRETA.id), approvers(0, MINA.id)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Shown]:
    database = tmp_path / "expenses.db"
    await make_sqlite(str(database))
    async with (
        Sandbox.start() as slack,
        make_session() as session,
        rooms(f"sqlite:///{database}") as r,
    ):
        client = make_slack_client(slack.config.bot_token, slack.api_url, session)
        people = SlackDirectory(client)
        messenger = Messenger(client, r.messages, timedelta(minutes=1))
        links = MessageLinks(r.messages, lambda: HOME)

        def asking_in(channel: str) -> MessageSync:
            recipients = Recipients(channel, r.policy, r.company, r.delegations)
            return MessageSync(
                messenger, recipients, people, r.expenses, r.messages, r.watch, links
            )

        expense = await registered(r, "view 1")
        shown = Shown(slack, r, asking_in, asking_in(APPROVALS.id), expense)
        for audience in (FIRST, SECOND):
            await messenger.post(shown.expense, audience, audience.person or "", "Asked", [])
        await shown.show()
        yield shown


async def all_say(here: Shown, words: str, *audiences: Audience) -> None:
    for audience in audiences:
        assert words in await here.text(audience)


async def test_what_was_asked_stays_where_it_was_when_the_setting_names_another_channel(
    here: Shown,
) -> None:
    here.sync = here.asking_in(MONEY.id)
    await here.show()
    await here.approve()
    await here.show()
    assert (await here.message(IN_CHANNEL)).channel == APPROVALS.id
    await all_say(here, "Approved", IN_CHANNEL)
    assert here.slack.messages(MONEY) == []


@pytest.mark.parametrize("archived", [APPROVALS])
async def test_a_message_in_an_archived_channel_keeps_no_other_as_it_was(
    here: Shown, archived: Any
) -> None:
    here.slack.admin.archive(archived)
    await here.approve()
    for _ in range(3):
        await here.show()
    await all_say(here, "Approved", FIRST, SECOND)
    assert any("approved it" in m["text"] for m in here.slack.direct_messages(ADA))
    # It is over, so it is tried once.
    assert here.updates((await here.message(IN_CHANNEL)).ts) == ["is_inactive"]
    assert "Approved" not in await here.text(IN_CHANNEL)


@pytest.mark.parametrize("is_theirs", [True, False])
async def test_a_message_that_comes_back_with_its_channel_heals_at_a_click(
    here: Shown, is_theirs: bool
) -> None:
    """Also at one of the person who decided, who is not told that it is decided already."""
    here.slack.admin.archive(APPROVALS)
    await here.approve()
    await here.show()
    here.slack.admin.unarchive(APPROVALS)
    ts = (await here.message(IN_CHANNEL)).ts
    if is_theirs:
        here.sync.clicked(APPROVALS.id, ts, MINA.id, here.expense)
    else:
        await here.sync.redraw(APPROVALS.id, ts, MINA.id, here.expense)
    await here.show()
    await all_say(here, "Approved", IN_CHANNEL)


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        ("restricted_action", SlackRefusal),
        ("brand_new", SlackRefusal),
        ("internal_error", TryAgain),
    ],
)
@pytest.mark.parametrize("refused", [FIRST, IN_CHANNEL, REQUESTER])
async def test_a_message_that_slack_refuses_for_a_while_keeps_no_other_as_it_was(
    here: Shown, error: str, raised: type[Exception], refused: Audience
) -> None:
    ts = (await here.message(refused)).ts
    here.slack.faults.add("chat.update", "error", error=error, about=ts)
    await here.approve()
    with pytest.raises(raised):
        await here.show()
    others = {IN_CHANNEL, FIRST, SECOND, REQUESTER} - {refused}
    await all_say(here, "Approved", *others - {REQUESTER})
    drawn = len(here.slack.calls_of("chat.update"))
    here.slack.faults.clear()
    await here.show()
    await all_say(here, "Approved", *{IN_CHANNEL, FIRST, SECOND, refused} - {REQUESTER})
    # The others were up to date.
    assert len(here.slack.calls_of("chat.update")) == drawn + 1


async def test_of_messages_that_nobody_remembers_none_keeps_another_as_it_was(here: Shown) -> None:
    copies = [here.slack.workspace.compose(await here.text(IN_CHANNEL)) for _ in range(2)]
    for copy in copies:
        here.slack.workspace.put_message(APPROVALS.id, copy)
        here.sync.clicked(APPROVALS.id, copy["ts"], MINA.id, here.expense)
    refused, other = (copy["ts"] for copy in copies)
    here.slack.faults.add("chat.update", "error", error="restricted_action", about=refused)
    await here.approve()
    with pytest.raises(SlackRefusal):
        await here.show()
    await all_say(here, "Approved", IN_CHANNEL, FIRST, SECOND)
    assert "Approved" in str(here.slack.workspace.message(APPROVALS.id, other))
    here.slack.faults.clear()
    await here.show()
    assert "Approved" in str(here.slack.workspace.message(APPROVALS.id, refused))


async def test_slack_s_errors_about_several_messages_keep_no_other_as_it_was(here: Shown) -> None:
    # It answers, so it is not away; who waits for it in vain would wait for each of them.
    for audience in (IN_CHANNEL, FIRST):
        ts = (await here.message(audience)).ts
        here.slack.faults.add("chat.update", "error", error="internal_error", about=ts)
    await here.approve()
    with pytest.raises(TryAgain):
        await here.show()
    await all_say(here, "Approved", SECOND)
    assert any("approved it" in m["text"] for m in here.slack.direct_messages(ADA))


async def test_what_nobody_was_asked_stays_stuck_while_slack_is_out_of_order(here: Shown) -> None:
    here.expense = await registered(here.rooms, "view 3")
    here.slack.admin.restrict_posting(APPROVALS, "restricted_action")
    with pytest.raises(SlackRefusal):
        await here.show()
    here.slack.faults.add("chat.postMessage", "error", error="internal_error")
    with pytest.raises(TryAgain):
        await here.show()
    here.expense = await here.rooms.expenses.get(here.expense.id)
    assert here.expense.obstacle
    here.slack.faults.clear()
    here.slack.admin.restrict_posting(APPROVALS, None)
    await here.show()
    here.expense = await here.rooms.expenses.get(here.expense.id)
    assert here.expense.obstacle is None


async def test_what_cannot_be_redrawn_keeps_nobody_from_being_asked(here: Shown) -> None:
    message = await here.message(FIRST)
    here.slack.faults.add("chat.update", "error", error="restricted_action", about=message.ts)
    await here.rooms.messages.outdate(message)
    asked = len(here.slack.messages(APPROVALS))
    here.expense = await registered(here.rooms, "view 2")
    await here.rooms.messages.add(
        Message(
            expense_id=here.expense.id,
            audience=FIRST,
            channel=message.channel,
            ts=message.ts,
            shown_version=0,
        )
    )
    with pytest.raises(SlackRefusal):
        await here.show()
    assert len(here.slack.messages(APPROVALS)) == asked + 1


async def test_a_locked_thread_is_not_tried_for_ever(here: Shown) -> None:
    message = await here.message(REQUESTER)
    root = here.slack.workspace.message(message.channel, message.ts)
    assert root
    here.slack.admin.lock_thread(root)
    await here.approve()
    posted = len(here.slack.calls_of("chat.postMessage"))
    for _ in range(3):
        await here.show()
    replies = here.slack.calls_of("chat.postMessage")[posted:]
    assert [call.outcome for call in replies if call.arguments["channel"] == message.channel] == [
        "restricted_action_thread_locked"
    ]
    assert (await here.message(REQUESTER)).shown_version == here.expense.version


async def test_a_channel_where_nobody_may_post_is_told_to_the_operator(here: Shown) -> None:
    here.slack.admin.restrict_posting(MONEY, "restricted_action_read_only_channel")
    post = here.sync._messenger.post
    with pytest.raises(SlackRefusal, match="let the bot post in this channel"):
        await post(here.expense, approvers(1), MONEY.id, "x", [])
    here.slack.admin.archive(MONEY)
    with pytest.raises(SlackRefusal, match="unarchive this channel"):
        await post(here.expense, approvers(1), MONEY.id, "x", [])
    here.slack.admin.unarchive(MONEY)
    here.slack.admin.restrict_posting(MONEY, None)
    with pytest.raises(SlackRefusal, match="/invite the bot"):
        await post(here.expense, approvers(1), MONEY.id, "x", [])
