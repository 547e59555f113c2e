"""Delegating to a colleague, as people do it, and what the colleague may do then."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from temporalio.client import Client

from bot import catalogue
from bot.block_kit.home_tab import APPROVE_SELECTED_ACTION
from bot.database.delegations import Delegations
from bot.database.engine.connection import Database
from bot.database.engine.url import parse_database_url
from sandbox import Sandbox, WorkspaceConfig
from sandbox.slack.config import FINANCE, KIM, LEE, User, UserGroup
from tests.slack.listeners.conftest import say, send, send_payload, submit
from tests.slack.listeners.test_actions import buttons, told, until_text
from tests.support.house import ADA, MANAGERS, MINA, NOOR, SAM, House, house
from tests.support.ruled import policy
from tests.support.stopwatch import Stopwatch

pytestmark = pytest.mark.usefixtures("same_day")

CROWD = tuple(
    User(f"U0CROWD{n:03}", f"crowd{n}", f"Somebody {n}", "", "en-GB", "Europe/London")
    for n in range(250)
)
APPROVERS, OTHERS = CROWD[:40], CROWD[40:]
BOT = User("U0EXPENSES", "expenses", "Expenses", is_bot=True)
VIEW = {"id": "V1", "type": "modal", "callback_id": "delegate_modal"}
INVITED = User("U0INVITED01", "ivy", "Ivy", marks=("is_invited_user",))
HELPFUL = "`/expense delegate @colleague until Friday`"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("delegation")


@pytest.fixture(scope="module")
async def h(temporal_client: Client, folder: Path) -> AsyncIterator[House]:
    """A house in which many people may approve."""
    managers = UserGroup(MANAGERS.id, "managers", "Managers", tuple(user.id for user in APPROVERS))
    users = (ADA, MINA, SAM, NOOR, KIM, LEE, BOT, INVITED, *CROWD)
    config = WorkspaceConfig(users=users, user_groups=(managers, FINANCE))
    queue = f"test-{uuid.uuid4()}"
    async with (
        Sandbox.start(config) as slack,
        house(temporal_client, queue, folder, slack=slack) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def people() -> list[User]:
    return list(OTHERS)


@pytest.fixture(scope="module")
def _approvers() -> Iterator[User]:
    return iter(APPROVERS)


@pytest.fixture
def approver(_approvers: Iterator[User]) -> User:
    """Somebody who may approve, and has delegated to nobody."""
    return next(_approvers)


@pytest.fixture
def other_approver(_approvers: Iterator[User]) -> User:
    """Somebody else who may."""
    return next(_approvers)


@pytest.fixture
async def delegations(h: House, folder: Path) -> AsyncIterator[Delegations]:
    """What the bot's database says of who stands in for whom."""
    url = parse_database_url(f"sqlite:///{folder}/expenses.db")
    database = Database(url)  # type: ignore[arg-type]
    yield Delegations(database)
    await database.close()


@pytest.fixture(autouse=True)
async def _nobody_stays_away(h: House, delegations: Delegations) -> AsyncIterator[None]:
    """End what was begun: every delegate is asked about every expense, and Slack sets the pace."""
    yield
    for person in await delegations.delegates_of({user.id for user in APPROVERS}):
        await delegations.end(person)


async def delegate(h: House, who: User, whom: User, when: str = "until tomorrow") -> str:
    """Delegate by command."""
    ack = await say(h, who, f"delegate @{whom.name} {when}")
    assert f"<@{whom.id}> decides in your place" in ack.text, ack
    return ack.text


async def request_to(h: House, whom: User, expense_id: str) -> dict[str, Any]:
    """Wait until somebody is asked about an expense in their direct messages."""
    return await h.slack.until(
        lambda: next(
            (m for m in h.slack.direct_messages(whom) if expense_id in m["text"] and buttons(m)),
            None,
        )
    )


def news(h: House, whom: User) -> list[str]:
    """List what somebody was told of delegations."""
    texts = [message["text"] for message in h.slack.direct_messages(whom)]
    return [text for text in texts if "tand in for" in text]


# What a delegate may do


async def test_a_delegate_approves_in_the_place_of_who_is_away(
    h: House, person: User, other: User, approver: User
) -> None:
    await delegate(h, approver, other)
    expense_id = await submit(h, person)
    request = await request_to(h, other, expense_id)
    assert (await h.slack.click(other, request, "approve_expense")).ok
    assert await h.workflow(expense_id).result() == "COMPLETED"
    message = await until_text(h, expense_id, "finance pays")
    assert f"by <@{other.id}> for <@{approver.id}>" in message["text"]
    history = (await say(h, person, f"history {expense_id}")).text
    assert f"<@{other.id}> for <@{approver.id}> approved it" in history
    # What was asked in their direct messages says so, too.
    await h.slack.until(lambda: "finance pays" in h.slack.direct_messages(other)[-1]["text"])


async def test_what_waits_is_still_decided_by_the_channel_s_message(
    h: House, person: User, other: User, approver: User
) -> None:
    """Whoever stands in from now on may decide what was asked before."""
    expense_id = await submit(h, person)
    await delegate(h, approver, other)
    assert (await h.slack.click(other, h.message(expense_id), "approve_expense")).ok
    await until_text(h, expense_id, f"by <@{other.id}> for <@{approver.id}>")


async def test_a_delegate_rejects_in_the_place_of_who_is_away(
    h: House, person: User, other: User, approver: User
) -> None:
    await delegate(h, approver, other)
    expense_id = await submit(h, person)
    assert (await h.slack.click(other, h.message(expense_id), "reject_expense")).ok
    view = h.slack.open_view(other)
    assert view
    assert (await h.slack.submit(other, view, {"reason": "Not this month"})).ok
    message = await until_text(h, expense_id, "Rejected")
    assert f"by <@{other.id}> for <@{approver.id}>" in message["text"]


async def test_an_approver_who_stands_in_decides_on_their_own_behalf(
    h: House, person: User, approver: User, other_approver: User
) -> None:
    await delegate(h, approver, other_approver)
    expense_id = await submit(h, person)
    await h.slack.click(other_approver, h.message(expense_id), "approve_expense")
    message = await until_text(h, expense_id, "finance pays")
    assert f"by <@{other_approver.id}>," in message["text"]


async def test_who_is_away_may_still_decide(
    h: House, person: User, other: User, approver: User
) -> None:
    await delegate(h, approver, other)
    expense_id = await submit(h, person)
    assert (await h.slack.click(approver, h.message(expense_id), "approve_expense")).ok
    await until_text(h, expense_id, f"by <@{approver.id}>,")


@pytest.mark.parametrize("action", ["approve_expense", "reject_expense"])
async def test_a_delegate_does_not_decide_their_own_expense(
    h: House, other: User, approver: User, action: str
) -> None:
    await delegate(h, approver, other)
    expense_id = await submit(h, other)
    assert (await h.slack.click(other, h.message(expense_id), action)).ok
    await told(h, other, "You cannot decide your own expense; another approver has to.")
    assert await h.status(expense_id) == "CREATED"
    assert h.slack.open_view(other) is None


@pytest.mark.parametrize("action", ["approve_expense", "reject_expense"])
async def test_a_delegate_does_not_decide_for_who_delegated_to_them(
    h: House, other: User, approver: User, action: str
) -> None:
    await delegate(h, approver, other)
    expense_id = await submit(h, approver)
    assert (await h.slack.click(other, h.message(expense_id), action)).ok
    await told(h, other, "You stand in for the requester right now")
    assert await h.status(expense_id) == "CREATED"
    assert h.slack.open_view(other) is None


@pytest.mark.parametrize("action", ["approve_expense", "reject_expense"])
async def test_nor_does_one_who_may_approve_anyway(
    h: House, approver: User, other_approver: User, action: str
) -> None:
    await delegate(h, approver, other_approver)
    expense_id = await submit(h, approver)
    assert (await h.slack.click(other_approver, h.message(expense_id), action)).ok
    await told(h, other_approver, "You stand in for the requester right now")
    assert await h.status(expense_id) == "CREATED"


async def test_an_expense_of_two_delegators_is_decided_for_neither(
    h: House, other: User, approver: User, other_approver: User
) -> None:
    """Who stands in for two does not decide the expense of one in the place of the other."""
    await delegate(h, approver, other)
    await delegate(h, other_approver, other)
    expense_id = await submit(h, approver)
    await h.slack.click(other, h.message(expense_id), "approve_expense")
    await told(h, other, "You stand in for the requester right now")
    assert await h.status(expense_id) == "CREATED"


async def test_when_it_is_over_a_delegate_decides_nothing(
    h: House, person: User, other: User, approver: User, delegations: Delegations
) -> None:
    await delegate(h, approver, other)
    expense_id = await submit(h, person)
    request = await request_to(h, other, expense_id)
    await delegations.begin(approver.id, other.id, datetime.now(UTC) + timedelta(seconds=0.2))
    await asyncio.sleep(0.3)
    assert (await h.slack.click(other, request, "approve_expense")).ok
    await told_in_dm(h, other, "You are not an approver of this expense")
    assert await h.status(expense_id) == "CREATED"


async def told_in_dm(h: House, who: User, words: str) -> None:
    await h.slack.until(lambda: any(words in m["text"] for m in h.slack.ephemeral(who)))


async def test_when_it_is_ended_a_delegate_decides_nothing(
    h: House, person: User, other: User, approver: User
) -> None:
    await delegate(h, approver, other)
    expense_id = await submit(h, person)
    request = await request_to(h, other, expense_id)
    await say(h, approver, "delegate stop")
    assert (await h.slack.click(other, request, "approve_expense")).ok
    await told_in_dm(h, other, "You are not an approver of this expense")
    assert await h.status(expense_id) == "CREATED"


async def test_nobody_hands_on_what_they_do_not_have(
    h: House, person: User, other: User, people: list[User]
) -> None:
    requester = people.pop()
    await delegate(h, person, other)
    expense_id = await submit(h, requester)
    assert (await h.slack.click(other, h.message(expense_id), "approve_expense")).ok
    await told(h, other, "You are not an approver of this expense")
    assert await h.status(expense_id) == "CREATED"


async def test_a_delegate_sees_what_they_may_decide(
    h: House, person: User, other: User, approver: User
) -> None:
    expense_id = await submit(h, person)
    assert "no expense" in (await say(h, other, f"status {expense_id}")).text
    await delegate(h, approver, other)
    assert "Waiting" in (await say(h, other, f"status {expense_id}")).text


# The command


async def test_both_sides_are_told(h: House, approver: User, other: User) -> None:
    answer = await delegate(h, approver, other, "until Friday")
    assert "`/expense delegate stop`" in answer
    [text] = await h.slack.until(lambda: news(h, other))
    assert f"You stand in for <@{approver.id}> from now until <!date^" in text
    assert "my Home" in text
    until = answer.split("<!date^")[1].split("^")[0]
    assert f"<!date^{until}^" in text


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("until {day}", 3),
        ("till {day}", 3),
        ("UNTIL {day}", 90),
        ("until tomorrow", 1),
        ("for 3 days", 3),
        ("for a week", 7),
        ("until {day:%A}", 5),
        ("until the end of {day:%A}", 5),
        ("{day:%-d %B}", 10),
        ("until {day:%B %-d}", 10),
    ],
)
async def test_it_lasts_to_the_end_of_the_day(
    h: House, delegations: Delegations, person: User, other: User, written: str, days: int
) -> None:
    zone = ZoneInfo(person.tz)
    day = datetime.now(zone).date() + timedelta(days=days)
    await delegate(h, person, other, written.format(day=day))
    delegate_id, until = await delegations.of(person.id) or ("", datetime.now(UTC))
    assert delegate_id == other.id
    assert until.astimezone(zone).date() == day
    assert until.astimezone(zone).strftime("%H:%M:%S") == "23:59:59"


async def test_the_day_ends_where_they_are(h: House, delegations: Delegations) -> None:
    day = datetime.now(ZoneInfo(SAM.tz)).date() + timedelta(days=3)
    await delegate(h, SAM, ADA, f"until {day}")
    _, until = await delegations.of(SAM.id) or ("", datetime.now(UTC))
    assert f"{until.astimezone(ZoneInfo(SAM.tz)):%Y-%m-%d %H:%M:%S}" == f"{day} 23:59:59"
    await say(h, SAM, "delegate stop")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("until yesterday", "This is over already"),
        ("until 2020-01-01", "This is over already"),
        ("until 2199-01-01", "at most 90 days"),
        ("for 91 days", "at most 90 days"),
        ("until pigs fly", "Please write until when"),
        ("for ever", "Please write until when"),
        ("until", "Please write until when"),
        ("until 8", "Please write until when"),
        ("until <!channel>", "Please write until when"),
        (f"until {'x' * 5000}", "Please write until when"),
        (f"for {'9' * 30} days", "Please write until when"),
    ],
)
async def test_what_is_no_day_to_come_is_refused(
    h: House, delegations: Delegations, person: User, other: User, written: str, words: str
) -> None:
    ack = await say(h, person, f"delegate @{other.name} {written}")
    assert ack.ok
    assert words in ack.text
    assert await delegations.of(person.id) is None


@pytest.mark.parametrize("whom", [LEE, KIM, BOT, INVITED, User("USLACKBOT", "slackbot", "")])
async def test_only_full_members_stand_in(h: House, person: User, whom: User) -> None:
    form = {**command(h, person, f"delegate <@{whom.id}|{whom.name}> until tomorrow")}
    assert await send(h, form) == (200, catalogue.say("delegate-is-no-member"))


async def test_guests_delegate_nothing(h: House, other: User) -> None:
    ack = await say(h, LEE, f"delegate @{other.name} until tomorrow")
    assert ack.text == catalogue.say("delegator-is-no-member")


def command(h: House, person: User, text: str) -> dict[str, str]:
    return {
        "command": "/expense",
        "text": text,
        "user_id": person.id,
        "team_id": h.slack.config.team_id,
        "trigger_id": h.slack.views.trigger(person.id),
    }


@pytest.mark.parametrize(
    "whom", ["@managers", "#general", "@nobody", "noor", "@here", "http://noor", "<@U0NRH6DDD4C>"]
)
async def test_only_one_known_colleague_can_be_named(h: House, person: User, whom: str) -> None:
    ack = await say(h, person, f"delegate {whom} until tomorrow")
    assert ack.ok
    assert ack.text.startswith("Please name one colleague with an @")


async def test_a_mention_needs_no_label(h: House, person: User, other: User) -> None:
    status, text = await send(h, command(h, person, f"DELEGATE to <@{other.id}>  until tomorrow"))
    assert status == 200
    assert "decides in your place" in text


async def test_nobody_stands_in_for_themselves(h: House, person: User) -> None:
    ack = await say(h, person, f"delegate @{person.name} until tomorrow")
    assert ack.text == "Please choose somebody other than yourself."


async def test_chains_are_refused(h: House, person: User, other: User, approver: User) -> None:
    await delegate(h, approver, person)
    ack = await say(h, person, f"delegate @{other.name} until tomorrow")
    assert ack.text == "You stand in for a colleague, so you cannot delegate right now."
    ack = await say(h, person, f"delegate @{approver.name} until tomorrow")
    assert ack.text == "They have delegated themselves; please choose somebody else."
    ack = await say(h, other, f"delegate @{approver.name} until tomorrow")
    assert ack.text == "They have delegated themselves; please choose somebody else."


async def test_it_can_be_stopped_and_both_learn_it(h: House, person: User, other: User) -> None:
    await delegate(h, person, other)
    ack = await say(h, person, "delegate STOP ")
    assert ack.text.startswith(f"<@{other.id}> no longer stands in for you")
    relieved = f"You no longer stand in for <@{person.id}>."
    await h.slack.until(lambda: news(h, other)[-1:] == [relieved])
    assert (await say(h, person, "delegate stop")).text == catalogue.say("delegated-to-nobody")


async def test_whoever_stood_in_before_is_told(
    h: House, person: User, other: User, people: list[User]
) -> None:
    third = people.pop()
    await delegate(h, person, other)
    await delegate(h, person, third)
    await h.slack.until(lambda: any("no longer stand in" in text for text in news(h, other)))
    await h.slack.until(lambda: news(h, third))


async def test_who_cannot_be_told_stands_in_all_the_same(
    h: House, delegations: Delegations, person: User, other: User
) -> None:
    h.slack.faults.add("chat.postMessage", "error", status=200)
    await delegate(h, person, other)
    assert await delegations.of(person.id)


async def test_who_cannot_be_told_at_once_is_told_later(
    h: House, person: User, other: User
) -> None:
    h.slack.faults.add("chat.postMessage", "ratelimited", times=2)
    await delegate(h, person, other)
    await h.slack.until(lambda: news(h, other))


@pytest.mark.parametrize("fault", ["hang", "error"])
async def test_doubt_delegates_nothing(
    h: House, delegations: Delegations, person: User, other: User, fault: str
) -> None:
    h.slack.faults.add("users.info", fault)  # type: ignore[arg-type]
    watch = Stopwatch()
    ack = await say(h, person, f"delegate @{other.name} until tomorrow")
    assert ack.ok
    assert ack.text == catalogue.say("try-again")
    assert watch.seconds < 2.5
    assert await delegations.of(person.id) is None


# The form


async def form_of(h: House, person: User, text: str = "delegate") -> dict[str, Any]:
    ack = await say(h, person, text)
    assert ack.ok
    assert ack.text == ""
    view = h.slack.open_view(person)
    assert view
    assert view["callback_id"] == "delegate_modal"
    return view


def element(view: dict[str, Any], block_id: str) -> dict[str, Any]:
    return next(b["element"] for b in view["blocks"] if b["block_id"] == block_id)


@pytest.mark.parametrize("by_form", [True, False])
async def test_a_delegation_begins_later(
    h: House, delegations: Delegations, person: User, other: User, by_form: bool
) -> None:
    first = datetime.now(ZoneInfo(person.tz)).date() + timedelta(days=3)
    last = first + timedelta(days=2)
    if by_form:
        given = {"delegate": other.id, "since": first.isoformat(), "until": last.isoformat()}
        assert (await h.slack.submit(person, await form_of(h, person), given)).ok
        await h.slack.close_view(person)
    else:
        await delegate(h, person, other, f"from {first} until {last}")
    assert await delegations.of(person.id) is None
    who, since, until = await delegations.coming(person.id) or ("", None, None)
    assert (who, since, until) == (
        other.id,
        datetime.combine(first, datetime.min.time(), ZoneInfo(person.tz)),
        datetime.combine(last, datetime.min.time(), ZoneInfo(person.tz))
        + timedelta(days=1, seconds=-1),
    )
    [told] = await h.slack.until(lambda: news(h, other))
    assert f":wave: You stand in for <@{person.id}> from <!date" in told


async def test_the_form_begins_a_delegation(
    h: House, delegations: Delegations, person: User, other: User
) -> None:
    view = await form_of(h, person)
    assert [block["block_id"] for block in view["blocks"] if block["type"] == "input"] == [
        "delegate",
        "since",
        "until",
    ]
    day = datetime.now(ZoneInfo(person.tz)).date() + timedelta(days=2)
    values = {"delegate": other.id, "until": day.isoformat()}
    assert (await h.slack.submit(person, view, values)).ok
    shown = h.slack.open_view(person)
    assert shown
    assert f"<@{other.id}> decides in your place" in shown["blocks"][0]["text"]["text"]
    _, until = await delegations.of(person.id) or ("", datetime.now(UTC))
    assert until.astimezone(ZoneInfo(person.tz)).date() == day
    await h.slack.until(lambda: news(h, other))


async def test_the_form_shows_what_is(h: House, person: User, other: User) -> None:
    day = datetime.now(ZoneInfo(person.tz)).date() + timedelta(days=2)
    await delegate(h, person, other, f"until {day}")
    view = await form_of(h, person)
    assert element(view, "delegate")["initial_user"] == other.id
    assert element(view, "until")["initial_date"] == day.isoformat()


async def test_the_form_ends_a_delegation(
    h: House, delegations: Delegations, person: User, other: User
) -> None:
    await delegate(h, person, other)
    view = await form_of(h, person)
    assert (await h.slack.submit(person, view, {"end": ["end"]})).ok
    assert await delegations.of(person.id) is None
    await h.slack.until(lambda: any("no longer stand in" in text for text in news(h, other)))


async def test_a_colleague_without_a_day_opens_the_form_with_them(
    h: House, person: User, other: User
) -> None:
    view = await form_of(h, person, f"delegate @{other.name}")
    assert element(view, "delegate")["initial_user"] == other.id
    assert "initial_date" not in element(view, "until")


async def test_a_policy_can_let_only_approvers_stand_in(
    temporal_client: Client, tmp_path: Path
) -> None:
    file = policy(tmp_path, f'ask = ["{SAM.id}"]', rules='delegates = "approvers"')
    config = WorkspaceConfig(users=(ADA, MINA, SAM, NOOR))
    async with (
        Sandbox.start(config) as slack,
        house(
            *(temporal_client, f"test-{uuid.uuid4()}", tmp_path),
            slack=slack,
            EXPENSE_POLICY=file,
            EXPENSE_APPROVERS=MINA.id,
        ) as h,
    ):
        refused = await say(h, MINA, f"delegate @{ADA.name} until tomorrow")
        assert "only people stand in who approve expenses themselves" in refused.text
        await delegate(h, MINA, SAM)


async def test_the_form_refuses_at_the_field(h: House, person: User, other: User) -> None:
    today = datetime.now(ZoneInfo(person.tz)).date()
    view = await form_of(h, person)
    tomorrow = (today + timedelta(days=1)).isoformat()
    for values, field, words in (
        ({"delegate": person.id, "until": tomorrow}, "delegate", "somebody other than yourself"),
        ({"delegate": LEE.id, "until": tomorrow}, "delegate", "full member"),
        ({"delegate": other.id, "until": "2020-01-01"}, "until", "over already"),
        ({"delegate": other.id, "until": "2199-01-01"}, "until", "at most 90 days"),
    ):
        await h.slack.submit(person, view, values)
        assert list(h.slack.view_errors(person)) == [field]
        assert words in h.slack.view_errors(person)[field]


async def test_the_form_stays_open_while_slack_does_not_tell(
    h: House, delegations: Delegations, person: User, other: User
) -> None:
    view = await form_of(h, person)
    h.slack.faults.add("users.info", "error")
    tomorrow = datetime.now(ZoneInfo(person.tz)).date() + timedelta(days=1)
    await h.slack.submit(person, view, {"delegate": other.id, "until": tomorrow.isoformat()})
    assert h.slack.view_errors(person) == {"delegate": catalogue.say("try-again")}
    assert await delegations.of(person.id) is None


async def test_what_slack_would_not_send_is_refused_at_its_field(h: House, person: User) -> None:
    for values, fields in (
        ({}, {"delegate", "until"}),
        ({"delegate": {"value": {"selected_user": 5}}}, {"delegate", "until"}),
        ({"until": {"value": {"selected_date": "2026-99-99"}}}, {"delegate", "until"}),
        ({"until": {"value": {"selected_date": "2026-12-24"}}}, {"delegate"}),
        ({"delegate": {"value": {"selected_user": "U1"}}}, {"until"}),
    ):
        payload = {
            "type": "view_submission",
            "user": {"id": person.id},
            "view": {**VIEW, "state": {"values": values}},
        }
        status, text = await send_payload(h, payload)
        assert status == 200
        for field in ("delegate", "until"):
            assert (f'"{field}"' in text) == (field in fields)


async def test_a_form_that_does_not_open_leaves_another_way(h: House, person: User) -> None:
    h.slack.faults.add("views.open", "ratelimited", times=1)
    assert HELPFUL in (await say(h, person, "delegate")).text


async def home_of(h: House, who: User) -> dict[str, Any]:
    """Open somebody's Home."""
    await h.slack.open_home(who)
    return await h.slack.until(lambda: h.slack.home(who))


def shown_at_home(h: House, who: User, words: str) -> bool:
    return words in json.dumps(h.slack.home(who), ensure_ascii=False)


async def test_the_home_s_button_opens_the_form_and_the_home_shows_what_came_of_it(
    h: House, approver: User, other: User
) -> None:
    home = await home_of(h, approver)
    await home_of(h, other)
    assert (await h.slack.click(approver, home, "delegate")).ok
    view = h.slack.open_view(approver)
    assert view
    tomorrow = datetime.now(ZoneInfo(approver.tz)).date() + timedelta(days=1)
    values = {"delegate": other.id, "until": tomorrow.isoformat()}
    assert (await h.slack.submit(approver, view, values)).ok
    mine, theirs = f"<@{other.id}> decides for you", f"You decide for <@{approver.id}>"
    await h.slack.until(lambda: shown_at_home(h, approver, mine))
    await h.slack.until(lambda: shown_at_home(h, other, theirs))
    await say(h, approver, "delegate stop")
    await h.slack.until(lambda: not shown_at_home(h, approver, mine))
    await h.slack.until(lambda: not shown_at_home(h, other, theirs))


async def test_what_waited_before_is_in_the_delegate_s_home(
    h: House, person: User, other: User, approver: User
) -> None:
    await submit(h, person)
    await home_of(h, other)
    assert not shown_at_home(h, other, APPROVE_SELECTED_ACTION)
    await delegate(h, approver, other)
    await h.slack.until(lambda: shown_at_home(h, other, APPROVE_SELECTED_ACTION))


async def test_a_form_that_does_not_open_from_the_home_is_excused(h: House, approver: User) -> None:
    home = await home_of(h, approver)
    h.slack.faults.add("views.open", "ratelimited", times=1)
    assert (await h.slack.click(approver, home, "delegate")).ok
    assert HELPFUL in h.slack.direct_messages(approver)[-1]["text"]
