"""Forms that come back."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.slack.config import BRUNO, User
from tests.slack.listeners.conftest import (
    asked,
    id_in,
    number_in,
    say,
    send_payload,
    submit,
    texts_of,
)
from tests.support.claims import TEXTS
from tests.support.days import today
from tests.support.house import MINA, NOOR, SAM, House

pytestmark = pytest.mark.usefixtures("same_day")


def filled(**changes: Any) -> dict[str, Any]:
    given = {
        "amount": "42.50",
        "currency": "EUR",
        "description": "Team lunch",
        "category": "meals",
        "spent_on": today().isoformat(),
    }
    return given | changes


async def open_form(h: House, who: User) -> dict[str, Any]:
    await say(h, who, "submit")
    return await h.slack.until(lambda: h.slack.open_view(who))


async def rejecting(h: House, who: User, expense_id: str) -> dict[str, Any]:
    """Click Reject, and wait for the form that asks why."""
    await h.slack.click(who, await asked(h, expense_id), "reject_expense")
    return await h.slack.until(lambda: h.slack.open_view(who))


# A new expense


async def test_a_well_filled_form_becomes_an_expense(h: House, person: User) -> None:
    view = await open_form(h, person)
    assert (await h.slack.submit(person, view, filled())).ok
    assert h.slack.open_view(person) is None
    messages = await h.slack.until(lambda: h.slack.direct_messages(person))
    assert "€42.50 for “Team lunch” (Meals, spent on " in messages[0]["text"]
    message = await asked(h, id_in(messages[0]["text"]))
    assert f"<@{person.id}> asks for" in message["text"]


async def test_a_new_expense_is_in_the_home_at_once(h: House, person: User) -> None:
    view = await open_form(h, person)
    assert (await h.slack.submit(person, view, filled())).ok
    await h.slack.until(lambda: "Team lunch" in str(h.slack.home(person)))


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        (
            "amount",
            "1.000",
            "“1.000” can be read in two ways. "
            "Please write 1.00 for €1.00 or 1000.00 for €1,000.00.",
        ),
        ("amount", "1e999", "Please write the amount as a positive number in digits, like 42.50."),
        ("amount", "0", "The amount must be more than zero."),
        ("description", "\u200b", "Please say what the expense was for."),
        ("spent_on", "2999-01-01", "This day is still to come; please choose a past one."),
        ("spent_on", "1999-01-01", "This is more than two years ago; please check the date."),
    ],
)
async def test_wrong_input_gets_its_sentence_at_its_field(
    h: House, person: User, field: str, typed: str, sentence: str
) -> None:
    view = await open_form(h, person)
    await h.slack.submit(person, view, filled(**{field: typed}))
    assert h.slack.view_errors(person) == {field: sentence}
    assert h.slack.open_view(person)
    assert (await say(h, person, "list")).text.startswith("You have not submitted")


async def test_every_wrong_field_is_named_at_once_and_can_be_mended(h: House, person: User) -> None:
    view = await open_form(h, person)
    await h.slack.submit(
        person, view, filled(amount="x", description="\x00", spent_on="2999-01-01")
    )
    assert list(h.slack.view_errors(person)) == ["amount", "description", "spent_on"]
    assert (await h.slack.submit(person, view, filled())).ok
    assert h.slack.open_view(person) is None


async def test_yesterday_and_tomorrow_are_the_person_s_own(h: House) -> None:
    view = await open_form(h, BRUNO)
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    await h.slack.submit(BRUNO, view, filled(spent_on=tomorrow))
    assert list(h.slack.view_errors(BRUNO)) == ["spent_on"]
    await h.slack.close_view(BRUNO)


async def test_a_form_that_arrives_twice_is_one_expense(h: House, person: User) -> None:
    view = await open_form(h, person)
    values = {
        "amount": {"value": {"value": "1.00"}},
        "currency": {"value": {"selected_option": {"value": "EUR"}}},
        "description": {"value": {"value": "Once"}},
        "category": {"value": {"selected_option": {"value": "other"}}},
        "spent_on": {"value": {"selected_date": today().isoformat()}},
    }
    payload = {
        "type": "view_submission",
        "user": {"id": person.id},
        "view": {**view, "state": {"values": values}},
    }
    answers = await asyncio.gather(*(send_payload(h, payload) for _ in range(5)))
    assert answers == [(200, "")] * 5
    assert (await say(h, person, "list")).text.count("“Once”") == 1


async def test_a_form_that_is_corrected_after_a_late_answer_is_not_the_first_one_again(
    h: House, person: User
) -> None:
    view = await open_form(h, person)
    values = {
        "amount": {"value": {"value": "100.00"}},
        "currency": {"value": {"selected_option": {"value": "EUR"}}},
        "description": {"value": {"value": "Team lunch"}},
        "category": {"value": {"selected_option": {"value": "meals"}}},
        "spent_on": {"value": {"selected_date": today().isoformat()}},
    }
    late = {
        "type": "view_submission",
        "user": {"id": person.id},
        "view": {**view, "state": {"values": values}},
    }
    assert await send_payload(h, late) == (200, "")  # too late for Slack: the form stays
    listed = (await say(h, person, "list")).text
    expense_id = id_in(listed)
    assert (await h.slack.submit(person, view, filled(amount="10.00"))).ok
    notice = await h.slack.until(lambda: h.slack.open_view(person))
    [said] = texts_of(notice)
    assert notice["title"]["text"] == "Already submitted"
    assert "that counts: €100.00 for “Team lunch”" in said
    assert "What you sent now, €10.00 for “Team lunch”, is not recorded." in said
    assert f"`/expense withdraw {number_in(listed)}`" in said
    assert (await say(h, person, "list")).text.count("“Team lunch”") == 1
    await h.slack.close_view(person)
    assert (await say(h, person, f"withdraw {expense_id}")).text.startswith("Withdrawn: €100.00")


async def test_closing_the_form_submits_nothing(h: House, person: User) -> None:
    await open_form(h, person)
    assert await h.slack.close_view(person) is None
    assert (await say(h, person, "list")).text.startswith("You have not submitted")


async def test_slack_s_client_keeps_an_empty_form(h: House, person: User) -> None:
    view = await open_form(h, person)
    await h.slack.submit(person, view, {"currency": "EUR"})
    assert {"amount", "description", "category"} <= set(h.slack.view_errors(person))


# A rejection


@pytest.mark.parametrize("reason", ["Too expensive", " ".join(TEXTS), "&" * 1000])
async def test_a_rejection_carries_its_reason_to_everybody(
    h: House, person: User, reason: str
) -> None:
    expense_id = await submit(h, person)
    view = await rejecting(h, MINA, expense_id)
    assert (await h.slack.submit(MINA, view, {"reason": reason})).ok
    assert h.slack.open_view(MINA) is None
    assert await h.workflow(expense_id).result() == ""
    message = await h.slack.until(lambda: "Rejected" in h.message(expense_id)["text"])
    message = h.message(expense_id)
    assert f"Reason: {reason}" in "".join(texts_of(message))
    assert f"<@{MINA.id}>" in message["text"]
    assert not [block for block in message["blocks"] if block["type"] == "actions"]
    told = await h.slack.until(
        lambda: [m for m in h.slack.direct_messages(person) if "rejected it" in m["text"]]
    )
    assert "".join(texts_of(told[0])).endswith(reason)


@pytest.mark.parametrize("reason", [" ", "\n\n", "\u200b", "\u202e"])
async def test_an_empty_reason_is_asked_for_again(h: House, person: User, reason: str) -> None:
    expense_id = await submit(h, person)
    view = await rejecting(h, MINA, expense_id)
    await h.slack.submit(MINA, view, {"reason": reason})
    assert list(h.slack.view_errors(MINA)) == ["reason"]
    assert await h.status(expense_id) == "CREATED"
    await h.slack.close_view(MINA)
    assert await h.status(expense_id) == "CREATED"
    assert [b for b in h.message(expense_id)["blocks"] if b["type"] == "actions"]


async def test_a_rejection_after_another_s_approval_is_told_who_was_first(
    h: House, person: User
) -> None:
    expense_id = await submit(h, person)
    view = await rejecting(h, SAM, expense_id)
    await h.slack.click(MINA, h.message(expense_id), "approve_expense")
    await h.slack.submit(SAM, view, {"reason": "Too expensive"})
    notice = await h.slack.until(lambda: h.slack.open_view(SAM))
    assert notice["title"]["text"] == "Not rejected"
    assert f"already been approved by <@{MINA.id}>" in texts_of(notice)[0]
    assert "Too expensive" not in h.message(expense_id)["text"]
    await h.slack.close_view(SAM)
    assert await h.workflow(expense_id).result() == "COMPLETED"


async def test_a_form_of_somebody_who_may_not_decide_decides_nothing(
    h: House, person: User
) -> None:
    expense_id = await submit(h, person)
    view = await rejecting(h, MINA, expense_id)
    for who in (NOOR, person):
        payload = {
            "type": "view_submission",
            "user": {"id": who.id},
            "view": {**view, "state": {"values": {"reason": {"value": {"value": "Because"}}}}},
        }
        status, text = await send_payload(h, payload)
        assert status == 200
        assert "Not rejected" in text
    assert await h.status(expense_id) == "CREATED"
    await h.slack.close_view(MINA)


async def test_a_form_for_an_expense_that_does_not_exist_says_so(h: House) -> None:
    payload = {
        "type": "view_submission",
        "user": {"id": MINA.id},
        "view": {
            "id": "V1",
            "type": "modal",
            "callback_id": "reject_modal",
            "private_metadata": "no such expense",
            "state": {"values": {"reason": {"value": {"value": "Because"}}}},
        },
    }
    status, text = await send_payload(h, payload)
    assert status == 200
    assert "There is no expense with this id." in text


async def test_a_reason_is_kept_while_it_cannot_be_found_out_who_may_decide(
    h: House, person: User
) -> None:
    expense_id = await submit(h, person)
    view = await rejecting(h, MINA, expense_id)
    h.slack.faults.add("users.info", "error")
    h.slack.faults.add("usergroups.users.list", "error")
    payload = {
        "type": "view_submission",
        "user": {"id": "U0NEWCOMER"},
        "view": {**view, "state": {"values": {"reason": {"value": {"value": "Because"}}}}},
    }
    status, text = await send_payload(h, payload)
    assert status == 200
    assert '"response_action": "errors"' in text
    assert '"reason": "I cannot tell right now whether that worked' in text
    assert await h.status(expense_id) == "CREATED"
    h.slack.faults.clear()
    await h.slack.close_view(MINA)
