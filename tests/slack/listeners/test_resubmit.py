"""What requesters click below their own expenses: taking back, and submitting once more."""

import asyncio
from typing import Any

import pytest

from bot import catalogue
from sandbox.slack.config import User
from tests.sandbox.conftest import PNG
from tests.slack.listeners.conftest import (
    asked,
    id_in,
    number_in,
    say,
    send_payload,
    submit,
    texts_of,
)
from tests.slack.listeners.test_actions import buttons, until_text
from tests.slack.listeners.test_receipts import find, images, links
from tests.support.days import today
from tests.support.house import APPROVALS, MINA, NOOR, SAM, House

pytestmark = [pytest.mark.usefixtures("same_day"), pytest.mark.long]
LATENCY = 0.3


def mine(h: House, person: User) -> dict[str, Any]:
    """The message on top of a requester's newest thread."""
    found = [m for m in h.slack.direct_messages(person) if m["text"].startswith("Your expense:")]
    return found[-1]


async def until_mine(h: House, person: User, words: str) -> dict[str, Any]:
    await h.slack.until(lambda: words in mine(h, person)["text"])
    return mine(h, person)


async def rejected(h: House, person: User, **changes: Any) -> dict[str, Any]:
    """Submit an expense by the form and have it rejected; return the requester's message."""
    await say(h, person, "submit")
    view = await h.slack.until(lambda: h.slack.open_view(person))
    given = {
        "amount": "42.50",
        "currency": "USD",
        "description": "Dinner <b>",
        "category": "meals",
        "spent_on": today().isoformat(),
    }
    assert (await h.slack.submit(person, view, given | changes)).ok
    messages = await h.slack.until(lambda: h.slack.direct_messages(person))
    message = await asked(h, id_in(messages[-1]["text"]))
    await h.slack.click(MINA, message, "reject_expense")
    form = await h.slack.until(lambda: h.slack.open_view(MINA))
    assert (await h.slack.submit(MINA, form, {"reason": "Too dear"})).ok
    return await until_mine(h, person, "Rejected")


async def resubmitting(h: House, person: User, message: dict[str, Any]) -> dict[str, Any]:
    assert (await h.slack.click(person, message, "resubmit_expense")).ok
    return await h.slack.until(lambda: h.slack.open_view(person))


def click(h: House, who: User, action: str, value: str) -> dict[str, Any]:
    """A click as it comes from the App Home, where there is no message and no response_url."""
    home = {"id": "V0HOME", "type": "home", "blocks": [], "state": {"values": {}}}
    return {
        "type": "block_actions",
        "user": {"id": who.id, "team_id": h.slack.config.team_id},
        "container": {"type": "view", "view_id": "V0HOME"},
        "trigger_id": h.slack.views.trigger(who.id),
        "view": home,
        "actions": [{"type": "button", "block_id": "b", "action_id": action, "value": value}],
    }


# Withdraw


async def test_an_expense_is_taken_back(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    message = await until_mine(h, person, "Waiting")
    [actions] = buttons(message)
    assert actions["elements"][0]["confirm"]["title"]["text"] == "Withdraw this expense?"
    assert (await h.slack.click(person, message, "withdraw_expense")).ok
    assert await h.status(expense_id) == "WITHDRAWN"  # before the acknowledgement
    shown = await until_mine(h, person, "Withdrawn")
    assert [one["text"]["text"] for one in buttons(shown)[0]["elements"]] == ["Edit and resubmit"]
    theirs = await until_text(h, expense_id, "Withdrawn")
    assert not buttons(theirs)
    # The same click again is no mistake.
    seen = len(h.slack.ephemeral(person))
    assert (await h.slack.click(person, message, "withdraw_expense")).ok
    assert len(h.slack.ephemeral(person)) == seen


async def test_what_is_decided_is_not_taken_back(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    before = await until_mine(h, person, "Waiting")
    await h.slack.click(MINA, h.message(expense_id), "approve_expense")
    assert (await h.slack.click(person, before, "withdraw_expense")).ok
    said = h.slack.ephemeral(person)[-1]["text"]
    assert f"already been approved by <@{MINA.id}>" in said
    shown = await until_mine(h, person, "finance pays")
    assert shown["text"].startswith("Your expense:")


async def test_nobody_takes_back_what_is_not_theirs(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    status, _ = await send_payload(h, click(h, NOOR, "withdraw_expense", expense_id))
    assert status == 200
    notice = h.slack.open_view(NOOR)
    assert notice
    assert texts_of(notice) == ["There is no expense of yours with this id."]
    await h.slack.close_view(NOOR)
    assert await h.status(expense_id) == "CREATED"


async def test_it_works_in_the_home(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    assert (await send_payload(h, click(h, person, "withdraw_expense", expense_id)))[0] == 200
    assert await h.status(expense_id) == "WITHDRAWN"
    assert (await send_payload(h, click(h, person, "resubmit_expense", expense_id)))[0] == 200
    view = h.slack.open_view(person)
    assert view
    assert view["private_metadata"] == expense_id
    await h.slack.close_view(person)
    # Too late is said in a notice, or directly if that does not open.
    other = await submit(h, person)
    await h.slack.click(MINA, h.message(other), "approve_expense")
    assert (await send_payload(h, click(h, person, "withdraw_expense", other)))[0] == 200
    notice = h.slack.open_view(person)
    assert notice
    assert "has already been approved" in texts_of(notice)[0]
    await h.slack.close_view(person)
    h.slack.faults.add("views.open", "error", times=1)
    assert (await send_payload(h, click(h, person, "withdraw_expense", other)))[0] == 200
    assert [m for m in h.slack.direct_messages(person) if "already been approved" in m["text"]]


# Submit once more


async def test_a_rejected_expense_is_edited_and_submitted_once_more(h: House, person: User) -> None:
    receipts = [h.slack.upload(person, name, PNG) for name in ("a.png", "b.png")]
    old = await rejected(h, person, receipts=receipts)
    old_id, old_number = id_in(old["text"]), number_in(old["text"])
    view = await resubmitting(h, person, old)
    # Everything is there: it could be sent as it is. One receipt goes, another comes.
    receipt = h.slack.upload(person, "c.pdf", b"x")
    changed = {"amount": "20", "kept_receipts": [receipts[1]["id"]], "receipts": [receipt]}
    assert (await h.slack.submit(person, view, changed)).ok
    assert h.slack.open_view(person) is None
    message = await until_mine(h, person, "$20.00")
    assert "“Dinner &lt;b&gt;” (Meals" in message["text"]
    new_id = id_in(message["text"])
    assert new_id != old_id
    theirs = await asked(h, new_id)
    for shown in (message, theirs):
        assert any(f"made from expense {old_number}" in text for text in texts_of(shown))
        assert [one["alt_text"] for one in images(shown)] == ["b.png"]
        assert [text.split("|")[1] for text in links(shown)] == ["b.png>", "c.pdf>"]
    assert find(h, old_id) != theirs
    assert (await h.slack.click(MINA, theirs, "approve_expense")).ok
    assert await h.workflow(new_id).result() == "COMPLETED"


async def test_a_form_that_arrives_twice_is_one_more_expense(h: House, person: User) -> None:
    view = await resubmitting(h, person, await rejected(h, person))
    values = {
        "amount": {"value": {"value": "1.00"}},
        "currency": {"value": {"selected_option": {"value": "EUR"}}},
        "description": {"value": {"value": "Once more"}},
        "category": {"value": {"selected_option": {"value": "other"}}},
        "spent_on": {"value": {"selected_date": today().isoformat()}},
    }
    payload = {
        "type": "view_submission",
        "user": {"id": person.id},
        "view": {**view, "state": {"values": values}},
    }
    assert [await send_payload(h, payload) for _ in range(3)] == [(200, "")] * 3
    await h.slack.close_view(person)
    assert (await say(h, person, "list")).text.count("“Once more”") == 1


async def test_nobody_submits_what_was_not_theirs(h: House, person: User, other: User) -> None:
    old = await rejected(h, person, receipts=[h.slack.upload(person, "a.png", PNG)])
    old_id = id_in(old["text"])
    assert (await send_payload(h, click(h, other, "resubmit_expense", old_id)))[0] == 200
    notice = h.slack.open_view(other)
    assert notice
    assert texts_of(notice) == ["There is no expense of yours with this id."]
    await h.slack.close_view(other)
    view = await resubmitting(h, person, old)
    values = {"kept_receipts": {"value": {"selected_options": [{"value": "F0"}]}}}
    payload = {
        "type": "view_submission",
        "user": {"id": other.id},
        "view": {**view, "state": {"values": values}},
    }
    status, text = await send_payload(h, payload)
    assert status == 200
    assert "There is no expense of yours with this id." in text
    await h.slack.close_view(person)


@pytest.mark.parametrize("decide", [False, True])
async def test_what_waits_or_is_paid_is_not_submitted_again(
    h: House, person: User, decide: bool
) -> None:
    expense_id = await submit(h, person)
    if decide:
        await h.slack.click(MINA, h.message(expense_id), "approve_expense")
    assert (await send_payload(h, click(h, person, "resubmit_expense", expense_id)))[0] == 200
    notice = h.slack.open_view(person)
    assert notice
    assert "cannot be submitted again" in texts_of(notice)[0]
    await h.slack.close_view(person)


async def test_what_nobody_decided_is_asked_again_with_one_click(h: House, person: User) -> None:
    old_id = await submit(h, person)
    await h.workflow(old_id).terminate("stopped by a test")
    await h.slack.click(MINA, h.message(old_id), "approve_expense")
    old = await until_mine(h, person, "Cancelled")
    for _ in range(2):
        assert (await h.slack.click(person, old, "ask_again")).ok
        said = h.slack.ephemeral(person)[-1]["text"]
    number = said.split("as expense ")[1].split(". ")[0]
    theirs = await asked(h, number)
    assert any(f"made from expense {number_in(old['text'])}" in text for text in texts_of(theirs))
    assert (await say(h, person, "list")).text.count("“Tea”") == 2
    # The button is in the Home, too, and says what it did there.
    assert (await send_payload(h, click(h, person, "ask_again", old_id)))[0] == 200
    notice = h.slack.open_view(person)
    assert notice
    assert f"Asked again, as expense {number}." in texts_of(notice)[0]
    await h.slack.close_view(person)


async def test_requesters_remind_the_approvers_from_message_and_home(
    h: House, person: User
) -> None:
    expense_id = await submit(h, person)
    message = await until_mine(h, person, "Waiting")
    assert (await h.slack.click(person, message, "nudge_approvers")).ok
    bell = f":bell: <@{MINA.id}> and <@{SAM.id}>: <@{person.id}> asks for your decision by"
    await h.slack.until(lambda: any(bell in m["text"] for m in h.slack.messages(APPROVALS)))
    said = f"You reminded <@{MINA.id}> and <@{SAM.id}>."
    await h.slack.until(lambda: any(said == m["text"] for m in h.slack.direct_messages(person)))
    assert (await send_payload(h, click(h, person, "nudge_approvers", expense_id)))[0] == 200
    notice = h.slack.open_view(person)
    assert notice
    assert texts_of(notice) == ["You have reminded them already; you can do that once a day."]
    await h.slack.close_view(person)


async def test_a_form_that_does_not_open_is_excused(h: House, person: User) -> None:
    old = await rejected(h, person)
    h.slack.faults.add("views.open", "ratelimited", times=1)
    assert (await h.slack.click(person, old, "resubmit_expense")).ok
    assert h.slack.ephemeral(person)[-1]["text"] == catalogue.say("expense-form-did-not-open")


async def test_withdrawing_and_approving_at_once_is_one_of_both(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    message = await until_mine(h, person, "Waiting")
    acks = await asyncio.gather(
        h.slack.click(person, message, "withdraw_expense"),
        h.slack.click(MINA, h.message(expense_id), "approve_expense"),
    )
    assert all(ack.ok for ack in acks)
    shown = await h.slack.until(
        lambda: next(
            (w for w in ("Withdrawn", "finance pays") if w in h.message(expense_id)["text"]), None
        )
    )
    assert (
        await h.status(expense_id) == {"Withdrawn": "WITHDRAWN", "finance pays": "COMPLETED"}[shown]
    )
