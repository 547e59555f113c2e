"""Forwarding and reassigning an expense, as people do it."""

import asyncio
from typing import Any

import pytest

from sandbox.slack.config import User
from tests.slack.listeners.conftest import HARMLESS, say, send_payload, submit, texts_of
from tests.slack.listeners.test_actions import buttons, told
from tests.slack.listeners.test_home import open_home
from tests.support.house import APPROVALS, MINA, NOOR, SAM, House
from tests.support.stopwatch import PATIENCE

pytestmark = pytest.mark.long
LATENCY = 0.3
SETTINGS = {"EXPENSE_ADMINS": NOOR.id, "EXPENSE_STUCK_AFTER": "1s"}
FORWARD = "forward_expense"


async def forwarding(h: House, who: User, message: dict[str, Any]) -> dict[str, Any]:
    """Click Forward, and wait for the form."""
    assert (await h.slack.click(who, message, FORWARD)).ok
    return await h.slack.until(lambda: h.slack.open_view(who))


async def forward(h: House, who: User, message: dict[str, Any], to: User, note: str = "") -> None:
    view = await forwarding(h, who, message)
    given = {"colleague": to.id, **({"note": note} if note else {})}
    assert (await h.slack.submit(who, view, given)).ok
    assert h.slack.open_view(who) is None


def shown(h: House, person: User, expense_id: str) -> dict[str, Any] | None:
    """Find the newest direct message that asks somebody, or did."""
    found = [m for m in h.slack.direct_messages(person) if expense_id in m["text"]]
    return next((m for m in reversed(found) if "thread_ts" not in m), None)


def lines_below(h: House, message: dict[str, Any], channel: Any) -> list[str]:
    messages = h.slack.direct_messages(channel) if isinstance(channel, User) else []
    messages = messages or h.slack.messages(channel)
    return [m["text"] for m in messages if m.get("thread_ts") == message["ts"] and m is not message]


async def test_a_colleague_is_asked_and_everybody_reads_who(
    h: House, person: User, other: User
) -> None:
    expense_id = await submit(h, person)
    message = h.message(expense_id)
    await forward(h, MINA, message, other, HARMLESS)
    theirs = await h.slack.until(lambda: shown(h, other, expense_id))
    assert [one["action_id"] for block in buttons(theirs) for one in block["elements"]] == [
        "approve_expense",
        "reject_expense",
        "ask_about_expense",
        FORWARD,
    ]
    said = f":wave: This was forwarded to you by <@{MINA.id}>. Their note:"
    [line] = await h.slack.until(lambda: lines_below(h, theirs, other))
    assert line.startswith(said)
    headline = f"Forwarded to <@{other.id}> by <@{MINA.id}>."
    await h.slack.until(lambda: headline in str(h.message(expense_id)["blocks"]))
    mine = f"It was forwarded to <@{other.id}> by <@{MINA.id}>."
    await h.slack.until(lambda: [m for m in h.slack.direct_messages(person) if mine == m["text"]])
    assert any(
        f"This was forwarded to <@{other.id}>" in line
        for line in lines_below(h, message, APPROVALS)
    )
    history = (await say(h, other, f"history {expense_id}")).text
    assert f"<@{MINA.id}> forwarded it to <@{other.id}>. The note:" in history

    # Who forwarded it does not decide it any more, and the others of the channel still can.
    assert (await h.slack.click(MINA, message, "approve_expense")).ok
    await told(h, MINA, "A colleague has this now in your place, so nothing was changed.")
    assert await h.status(expense_id) == "CREATED"
    assert (await h.slack.click(other, theirs, "approve_expense")).ok
    assert await h.workflow(expense_id).result() == "COMPLETED"


async def test_who_forwards_it_on_has_no_buttons_left_and_reads_who_has_it(
    h: House, person: User, other: User
) -> None:
    expense_id = await submit(h, person)
    await forward(h, MINA, h.message(expense_id), other)
    theirs = await h.slack.until(lambda: shown(h, other, expense_id))
    await forward(h, other, theirs, SAM)

    def is_relieved() -> bool:
        now = shown(h, other, expense_id) or {}
        return not buttons(now) and any(
            text == f"You need not do anything: <@{SAM.id}> has this now." for text in texts_of(now)
        )

    await h.slack.until(is_relieved)
    # A click on the message as it was is refused.
    assert (await h.slack.click(other, theirs, "approve_expense")).ok
    refusal = "A colleague has this now in your place, so nothing was changed."
    await h.slack.until(lambda: [m for m in h.slack.ephemeral(other) if refusal in m["text"]])
    assert (await h.slack.click(SAM, h.message(expense_id), "approve_expense")).ok
    assert await h.workflow(expense_id).result() == "COMPLETED"


async def test_the_form_says_why_somebody_cannot_have_it(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    view = await forwarding(h, MINA, h.message(expense_id))
    await h.slack.submit(MINA, view, {"colleague": person.id})
    assert h.slack.view_errors(MINA) == {
        "colleague": "They asked for this themselves. Please choose somebody else."
    }
    # Meanwhile it is decided.
    assert (await h.slack.click(SAM, h.message(expense_id), "approve_expense")).ok
    assert (await h.slack.submit(MINA, view, {"colleague": NOOR.id})).ok
    notice = h.slack.open_view(MINA)
    assert notice
    assert notice["title"]["text"] == "Not forwarded"
    assert f"already been approved by <@{SAM.id}>" in texts_of(notice)[0]
    await h.slack.close_view(MINA)


async def test_who_may_not_decide_may_not_forward(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    assert (await h.slack.click(NOOR, h.message(expense_id), FORWARD)).ok
    await told(h, NOOR, "You are not an approver of this expense, so nothing was changed.")
    assert h.slack.open_view(NOOR) is None
    # Nor with a form that was not theirs.
    view = await forwarding(h, MINA, h.message(expense_id))
    await h.slack.close_view(MINA)
    values = {"colleague": {"value": {"type": "users_select", "selected_user": NOOR.id}}}
    payload = {
        "type": "view_submission",
        "user": {"id": NOOR.id},
        "view": {**view, "state": {"values": values}},
    }
    status, text = await send_payload(h, payload)
    assert status == 200
    assert "Not forwarded" in text
    assert await h.status(expense_id) == "CREATED"


async def test_an_admin_reassigns_what_is_stuck_in_their_home(
    h: House, person: User, other: User
) -> None:
    expense_id = await submit(h, person)

    def is_listed(view: dict[str, Any]) -> bool:
        return any(
            element.get("action_id") == "reassign_expense" and element["value"] == expense_id
            for block in view["blocks"]
            for element in block.get("elements", [])
        )

    async with asyncio.timeout(PATIENCE):
        while not is_listed(view := await open_home(h, NOOR)):
            await asyncio.sleep(0.2)
    assert view["blocks"][0]["text"]["text"] == "Stuck"
    assert any(text.startswith(":hourglass: Undecided since") for text in texts_of(view))
    its = {**view, "blocks": [block for block in view["blocks"] if expense_id in str(block)]}
    assert (await h.slack.click(NOOR, its, "reassign_expense")).ok
    form = await h.slack.until(lambda: h.slack.open_view(NOOR))
    given = {"colleague": other.id, "instead_of": MINA.id, "note": "Mina is ill"}
    assert (await h.slack.submit(NOOR, form, given)).ok
    assert h.slack.open_view(NOOR) is None
    theirs = await h.slack.until(lambda: shown(h, other, expense_id))
    [line] = await h.slack.until(lambda: lines_below(h, theirs, other))
    assert line == f":wave: This was reassigned to you by <@{NOOR.id}>. Their note: Mina is ill"
    mine = f"It was reassigned to <@{other.id}> by <@{NOOR.id}>."
    await h.slack.until(lambda: [m for m in h.slack.direct_messages(person) if mine == m["text"]])
    # The admin decides nothing by it, and who is not asked any more does not decide either.
    assert (await h.slack.click(MINA, h.message(expense_id), "approve_expense")).ok
    await told(h, MINA, "A colleague has this now in your place, so nothing was changed.")
    assert (await h.slack.click(NOOR, h.message(expense_id), "approve_expense")).ok
    await told(h, NOOR, "You are not an approver of this expense, so nothing was changed.")
    assert (await h.slack.click(other, theirs, "approve_expense")).ok
    assert await h.workflow(expense_id).result() == "COMPLETED"


async def test_who_is_no_admin_finds_no_such_list(h: House, person: User) -> None:
    assert "Stuck" not in str((await open_home(h, person))["blocks"][0])
