"""Clicks on buttons."""

import asyncio
from typing import Any

import pytest

from bot import catalogue
from sandbox.slack.config import User
from tests.slack.listeners.conftest import send_payload, submit
from tests.support.house import APPROVALS, MINA, NOOR, SAM, House
from tests.support.stopwatch import Stopwatch

NOT_OPEN = catalogue.say("reject-form-did-not-open")
MAY_BE_OPEN = catalogue.say("reject-form-may-be-open")


def buttons(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [block for block in message["blocks"] if block["type"] == "actions"]


async def told(h: House, who: User, words: str) -> str:
    """Wait for a private sentence."""
    return await h.slack.until(
        lambda: next(
            (m["text"] for m in h.slack.ephemeral(who, APPROVALS) if words in m["text"]), ""
        ),
    )


async def until_text(h: House, expense_id: str, words: str) -> dict[str, Any]:
    await h.slack.until(lambda: words in h.message(expense_id)["text"])
    return h.message(expense_id)


# Approve


async def test_an_approval_is_recorded_paid_and_shown(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    ack = await h.slack.click(MINA, h.message(expense_id), "approve_expense")
    assert ack.ok
    assert await h.status(expense_id) in ("APPROVED", "COMPLETED")  # before the acknowledgement
    assert await h.workflow(expense_id).result() == "COMPLETED"
    message = await until_text(h, expense_id, "finance pays")
    assert f"Approved by <@{MINA.id}>" in message["text"]
    assert not buttons(message)
    steps = await h.slack.until(
        lambda: [m for m in h.slack.direct_messages(person) if "You will read here" in m["text"]]
    )
    assert steps[0]["thread_ts"] == h.slack.direct_messages(person)[0]["ts"]


async def test_a_second_click_says_who_was_first_and_changes_nothing(
    h: House, person: User
) -> None:
    expense_id = await submit(h, person)
    before = h.message(expense_id)
    await h.slack.click(MINA, before, "approve_expense")
    assert (await h.slack.click(SAM, before, "approve_expense")).ok
    assert "nothing was changed" in await told(h, SAM, f"already been approved by <@{MINA.id}>")
    assert (await h.slack.click(SAM, before, "reject_expense")).ok
    assert h.slack.open_view(SAM) is None
    assert await h.workflow(expense_id).result() == "COMPLETED"


async def test_the_same_click_again_is_no_mistake(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    before = h.message(expense_id)
    seen = len(h.slack.ephemeral(MINA))
    for _ in range(3):
        assert (await h.slack.click(MINA, before, "approve_expense")).ok
    assert await h.workflow(expense_id).result() == "COMPLETED"
    assert len(h.slack.ephemeral(MINA)) == seen


async def test_two_managers_at_once_are_one_decision(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    message = h.message(expense_id)
    acks = await asyncio.gather(
        h.slack.click(MINA, message, "approve_expense"),
        h.slack.click(SAM, message, "approve_expense"),
    )
    assert all(ack.ok for ack in acks)
    shown = await until_text(h, expense_id, "finance pays")
    winner, loser = (MINA, SAM) if f"by <@{MINA.id}>" in shown["text"] else (SAM, MINA)
    await told(h, loser, f"already been approved by <@{winner.id}>")
    await h.slack.until(
        lambda: [m for m in h.slack.direct_messages(person) if "You will read here" in m["text"]]
    )
    decided = [m for m in h.slack.direct_messages(person) if "approved it" in m["text"]]
    assert len(decided) == 1


@pytest.mark.parametrize("action", ["approve_expense", "reject_expense"])
async def test_a_stranger_is_told_so_and_decides_nothing(
    h: House, person: User, action: str
) -> None:
    expense_id = await submit(h, person)
    message = h.message(expense_id)
    assert (await h.slack.click(NOOR, message, action)).ok
    await told(h, NOOR, "You are not an approver of this expense, so nothing was changed.")
    assert await h.status(expense_id) == "CREATED"
    assert h.message(expense_id) == message
    assert h.slack.open_view(NOOR) is None


@pytest.mark.parametrize("action", ["approve_expense", "reject_expense"])
async def test_a_manager_does_not_decide_their_own_expense(h: House, action: str) -> None:
    expense_id = await submit(h, MINA)
    assert (await h.slack.click(MINA, h.message(expense_id), action)).ok
    await told(h, MINA, "You cannot decide your own expense; another approver has to.")
    assert await h.status(expense_id) == "CREATED"
    assert h.slack.open_view(MINA) is None


async def test_a_late_click_is_told_so_and_the_message_is_brought_up_to_date(
    h: House, person: User
) -> None:
    expense_id = await submit(h, person)
    before = h.message(expense_id)
    await h.workflow(expense_id).terminate("stopped by a test")
    # Nothing but the click makes the bot look: it still shows the buttons.
    assert (await h.slack.click(MINA, before, "approve_expense")).ok
    await h.until_status(expense_id, "CANCELLED")
    message = await until_text(h, expense_id, "Cancelled")
    assert not buttons(message)
    assert (await h.slack.click(SAM, before, "approve_expense")).ok
    await told(h, SAM, "nothing was changed")


async def test_a_click_on_a_message_that_shows_too_little_mends_it(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    before = h.message(expense_id)
    await h.slack.click(MINA, before, "approve_expense")
    await until_text(h, expense_id, "finance pays")
    # As if Slack had lost what the bot drew.
    h.slack.workspace.put_message(APPROVALS.id, before)
    await h.slack.click(SAM, before, "approve_expense")
    message = await until_text(h, expense_id, "finance pays")
    assert not buttons(message)


async def test_a_message_posted_twice_is_mended_by_a_click(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    copy = h.slack.workspace.compose(h.message(expense_id)["text"], h.message(expense_id)["blocks"])
    h.slack.workspace.put_message(APPROVALS.id, copy)
    await h.slack.click(MINA, copy, "approve_expense")
    await h.slack.until(
        lambda: all(not buttons(m) for m in h.slack.messages(APPROVALS) if expense_id in m["text"])
    )
    assert len([m for m in h.slack.messages(APPROVALS) if expense_id in m["text"]]) == 2


async def test_who_may_decide_is_looked_up_and_doubt_decides_nothing(
    h: House, person: User, other: User
) -> None:
    expense_id = await submit(h, person)
    h.slack.faults.add("usergroups.users.list", "hang")
    h.slack.faults.add("users.info", "hang")
    watch = Stopwatch()
    ack = await h.slack.click(other, h.message(expense_id), "approve_expense")
    assert ack.ok
    assert watch.seconds < 2.5
    h.slack.faults.clear()
    await h.slack.until(lambda: h.slack.ephemeral(other, APPROVALS))
    assert h.slack.ephemeral(other, APPROVALS)[0]["text"] in (
        catalogue.say("try-again"),
        "You are not an approver of this expense, so nothing was changed.",
    )
    assert await h.status(expense_id) == "CREATED"


async def test_whoever_is_acknowledged_has_been_told(h: House, person: User) -> None:
    """Nobody could tell them any more if the bot died right after the acknowledgement."""
    expense_id = await submit(h, person)
    before = h.message(expense_id)
    await h.slack.click(MINA, before, "approve_expense")
    seen = len(h.slack.ephemeral(SAM))
    assert (await h.slack.click(SAM, before, "approve_expense")).ok
    assert len(h.slack.ephemeral(SAM)) == seen + 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error"},
        {"kind": "error", "error": "internal_error"},
        {"kind": "ratelimited"},
        {"kind": "lost"},
        {"kind": "hang"},
    ],
    ids=str,
)
async def test_whoever_cannot_be_told_is_not_acknowledged(
    h: House, person: User, fault: dict[str, Any]
) -> None:
    expense_id = await submit(h, person)
    h.slack.faults.add("response_url", **fault)
    assert not (await h.slack.click(NOOR, h.message(expense_id), "approve_expense")).ok
    assert await h.status(expense_id) == "CREATED"


# Reject


async def test_whoever_is_acknowledged_has_the_form(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    assert (await h.slack.click(MINA, h.message(expense_id), "reject_expense")).ok
    view = h.slack.open_view(MINA)
    assert view
    assert view["private_metadata"] == expense_id


async def test_reject_asks_why_and_decides_nothing_yet(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    assert (await h.slack.click(MINA, h.message(expense_id), "reject_expense")).ok
    view = await h.slack.until(lambda: h.slack.open_view(MINA))
    assert view["callback_id"] == "reject_modal"
    assert view["private_metadata"] == expense_id
    assert await h.status(expense_id) == "CREATED"
    await h.slack.close_view(MINA)
    assert await h.status(expense_id) == "CREATED"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"kind": "ratelimited"}, NOT_OPEN),
        ({"kind": "error", "error": "ratelimited"}, NOT_OPEN),
        ({"kind": "error", "error": "expired_trigger_id"}, NOT_OPEN),
        ({"kind": "error", "error": "not_authed"}, NOT_OPEN),
        ({"kind": "error", "error": "internal_error"}, MAY_BE_OPEN),
        ({"kind": "error", "error": "exchanged_trigger_id"}, MAY_BE_OPEN),
        ({"kind": "error", "status": 200, "body": "<html>"}, MAY_BE_OPEN),
        ({"kind": "error", "status": 502, "body": "<html>"}, MAY_BE_OPEN),
        ({"kind": "lost"}, MAY_BE_OPEN),
        ({"kind": "hang"}, MAY_BE_OPEN),
    ],
    ids=str,
)
async def test_a_form_that_does_not_open_decides_nothing_and_the_person_reads_so(
    h: House, person: User, fault: dict[str, Any], said: str
) -> None:
    expense_id = await submit(h, person)
    before = h.message(expense_id)
    h.slack.faults.add("views.open", **fault, times=1)
    seen = len(h.slack.ephemeral(MINA))
    assert (await h.slack.click(MINA, before, "reject_expense")).ok
    assert [m["text"] for m in h.slack.ephemeral(MINA)[seen:]] == [said]
    assert await h.status(expense_id) == "CREATED"
    # What Slack opened although its answer was lost counts like any other form.
    if fault["kind"] != "lost":
        assert h.slack.open_view(MINA) is None
        assert (await h.slack.click(MINA, before, "reject_expense")).ok
    view = h.slack.open_view(MINA)
    assert view
    assert (await h.slack.submit(MINA, view, {"reason": "Too expensive"})).ok
    assert await h.workflow(expense_id).result() == ""
    await until_text(h, expense_id, "Rejected")


async def test_a_click_that_is_sent_twice_says_nothing_untrue_of_its_form(
    h: House, person: User
) -> None:
    """The second views.open with one trigger_id fails, because the first opened the form."""
    expense_id = await submit(h, person)
    [button] = [
        element
        for block in buttons(h.message(expense_id))
        for element in block["elements"]
        if element["action_id"] == "reject_expense"
    ]
    payload = {
        "type": "block_actions",
        "user": {"id": MINA.id},
        "trigger_id": h.slack.views.trigger(MINA.id),
        "container": {"type": "message"},
        "channel": {"id": APPROVALS.id},
        "message": h.message(expense_id),
        "response_url": h.slack.urls.issue("actions", MINA.id, APPROVALS.id),
        "actions": [{"type": "button", "block_id": "decision", **button}],
    }
    seen = len(h.slack.ephemeral(MINA))
    assert [(await send_payload(h, payload))[0] for _ in range(2)] == [200, 200]
    assert h.slack.open_view(MINA)
    told_twice = [m["text"] for m in h.slack.ephemeral(MINA)[seen:]]
    assert told_twice == [MAY_BE_OPEN]
    assert await h.status(expense_id) == "CREATED"
    await h.slack.close_view(MINA)


# From the App Home


async def test_the_home_s_button_opens_the_form(h: House, person: User) -> None:
    await h.slack.open_home(person)
    home = await h.slack.until(lambda: h.slack.home(person))
    assert (await h.slack.click(person, home, "new_expense")).ok
    view = await h.slack.until(lambda: h.slack.open_view(person))
    assert view["callback_id"] == "expense_modal"


async def test_a_form_that_does_not_open_from_the_home_is_excused(h: House, person: User) -> None:
    await h.slack.open_home(person)
    home = await h.slack.until(lambda: h.slack.home(person))
    h.slack.faults.add("views.open", "ratelimited", times=1)
    assert (await h.slack.click(person, home, "new_expense")).ok
    messages = await h.slack.until(lambda: h.slack.direct_messages(person))
    assert messages[0]["text"] == catalogue.say("expense-form-did-not-open")
