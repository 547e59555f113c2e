"""Two people of finance close a payment by mouse: one marks, the other confirms."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.slack.config import BRUNO, User
from tests.slack.listeners.conftest import submit, texts_of
from tests.slack.listeners.test_home import drawn, open_home
from tests.support.house import MINA, NOOR, SAM, House

SETTINGS = {"EXPENSE_FINANCE": f"{NOOR.id} {SAM.id}", "EXPENSE_AUDITORS": BRUNO.id}


async def left_to_finance(h: House, person: User, line: str = "42.50 EUR Tea") -> str:
    expense_id = await submit(h, person, line)
    assert (await h.slack.click(MINA, h.message(expense_id), "approve_expense")).ok
    await h.slack.until(lambda: "finance pays it" in h.message(expense_id)["text"])
    return expense_id


def actions(view: dict[str, Any]) -> list[str]:
    return [
        element["action_id"]
        for block in view["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    ]


async def marked(h: House, who: User, **values: Any) -> str:
    """Fill in the form of what was paid; return what its window says then."""
    home = await open_home(h, who)
    assert (await h.slack.click(who, home, "mark_paid")).ok
    form = h.slack.open_view(who)
    assert form
    await h.slack.submit(who, form, values)
    view = h.slack.open_view(who)
    assert view
    return str(h.slack.view_errors(who) or texts_of(view))


def days_from_now(days: int) -> str:
    """Two of them lie between any two places on earth."""
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"


def told(h: House, person: User) -> list[str]:
    return [message["text"] for message in h.slack.direct_messages(person)]


async def test_one_marks_and_another_confirms_and_only_then_people_read_that_it_is_paid(
    h: House, person: User
) -> None:
    ids = [await left_to_finance(h, person, f"{number}.00 EUR Tea") for number in (5, 6)]
    assert not any(re.search("(?i)paid", text) for text in told(h, person))
    said = await marked(h, NOOR, all=["all"], paid_on=days_from_now(-2), reference="SEPA 4711")
    assert "2 expenses are marked as paid on" in said
    home = await open_home(h, NOOR)
    assert "mark_paid" not in actions(home)
    assert "look_at_payments" not in actions(home)  # which she marked herself
    assert "look_at_payments" not in actions(await open_home(h, BRUNO))  # who only reads

    home = await open_home(h, SAM)
    assert any("marked 2 expenses (€11.00) as paid on" in text for text in texts_of(home))
    assert (await h.slack.click(SAM, home, "look_at_payments")).ok
    form = h.slack.open_view(SAM)
    assert form
    listed = "\n".join(texts_of(form))
    assert all(amount in listed for amount in ("€5.00", "€6.00"))
    seen = home["hash"]
    assert (await h.slack.submit(SAM, form)).ok
    for id in ids:
        await h.slack.until(lambda id=id: "*Paid on" in h.message(id)["text"])  # type: ignore[misc]
    await h.slack.until(
        lambda: (
            len([t for t in told(h, person) if ":moneybag: Paid on" in t and "SEPA 4711" in t]) == 2
        )
    )
    assert "look_at_payments" not in actions(await drawn(h, SAM, seen))


async def test_what_is_wrong_in_the_form_is_said_at_its_field(h: House, person: User) -> None:
    expense_id = await left_to_finance(h, person)
    said = await marked(h, NOOR, paid_on=days_from_now(2))
    assert "Please choose what was paid." in said
    said = await marked(h, NOOR, expenses=[expense_id], paid_on=days_from_now(2))
    assert "still to come" in said
    for reference, words in (("DE89 3704 0044 0532 0130 00", "bank account"),):
        said = await marked(h, NOOR, all=["all"], paid_on=days_from_now(-2), reference=reference)
        assert words in said


async def test_what_is_not_right_is_to_be_paid_again(h: House, person: User) -> None:
    expense_id = await left_to_finance(h, person)
    await marked(h, NOOR, all=["all"], paid_on=days_from_now(-2))
    home = await open_home(h, SAM)
    assert (await h.slack.click(SAM, home, "take_back_payments")).ok
    home = await drawn(h, SAM, home["hash"])
    assert "mark_paid" in actions(home)
    assert "finance pays it" in h.message(expense_id)["text"]
