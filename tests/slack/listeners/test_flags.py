"""What is unusual: approvers read it, and the requester is asked why, in the form's place."""

from typing import Any

import pytest

from sandbox.slack.config import User
from tests.sandbox.conftest import PNG
from tests.slack.listeners.conftest import asked, id_in, say, texts_of
from tests.slack.listeners.test_views import filled, open_form
from tests.support.house import APPROVALS, MINA, House

pytestmark = pytest.mark.usefixtures("same_day")

SETTINGS = {
    "EXPENSE_POLICY": 'base_currency = "EUR"\n[flags]\nweekend = false\n'
    '[[rules]]\nup_to = 50\napprove = "automatically"\n',
    "EXPENSE_RECEIPTS": "database",
}
SAME = ":triangular_flag_on_post: The same amount, currency and day as "


async def submit(h: House, who: User, line: str = "submit 20.00 EUR Tea") -> str:
    return id_in((await say(h, who, line)).text)


async def in_form(h: House, who: User, amount: str = "20.00") -> dict[str, Any]:
    """Submit by the form, and wait for what comes in its place."""
    view = await open_form(h, who)
    assert (await h.slack.submit(who, view, filled(amount=amount))).ok
    return await h.slack.until(lambda: h.slack.open_view(who))


async def test_the_requester_is_asked_why_and_the_approvers_read_it_with_the_flag(
    h: House, person: User
) -> None:
    first = await submit(h, person)
    question = await in_form(h, person)
    assert question["title"]["text"] == "Why is that?"
    submitted, what, *_ = texts_of(question)
    assert submitted == "*Your expense is submitted.* Its approvers will notice this:"
    assert what == f"{SAME}expense {first}."
    second = question["private_metadata"]
    # The policy approved the first one by itself; of the second, people are asked.
    message = await asked(h, second)
    assert f"{SAME}expense {first}." in message["text"]
    assert (await h.slack.submit(person, question, {"why": "There and *back*"})).ok
    assert h.slack.open_view(person) is None
    await h.slack.until(lambda: "There and *back*" in str(h.message(second)["blocks"]))
    history = (await say(h, MINA, f"history {second}")).text
    assert f"The policy noticed: The same amount, currency and day as expense {first}." in history
    assert f"<@{person.id}> said to what is unusual: There and *back*" in history


async def test_approvers_get_a_link_to_the_other_message_in_their_channel(
    h: House, person: User
) -> None:
    await submit(h, person)
    second = await submit(h, person)
    await asked(h, second)
    third = await submit(h, person)
    link = f"archives/{APPROVALS.id}/p{h.message(second)['ts'].replace('.', '')}|expense {second}>"
    assert link in (await asked(h, third))["text"]


async def test_closing_the_question_leaves_the_expense_submitted(h: House, person: User) -> None:
    await submit(h, person)
    question = await in_form(h, person)
    await h.slack.close_view(person)
    assert (await asked(h, question["private_metadata"]))["text"]


async def test_a_form_without_anything_unusual_just_closes(h: House, person: User) -> None:
    view = await open_form(h, person)
    assert (await h.slack.submit(person, view, filled(amount="21.00"))).ok
    assert h.slack.open_view(person) is None


async def test_an_answer_that_comes_after_the_decision_is_told_so(h: House, person: User) -> None:
    await submit(h, person)
    question = await in_form(h, person)
    await h.slack.click(MINA, await asked(h, question["private_metadata"]), "approve_expense")
    assert (await h.slack.submit(person, question, {"why": "Too late"})).ok
    notice = await h.slack.until(lambda: h.slack.open_view(person))
    assert notice["title"]["text"] == "Not sent"
    assert "has already been approved by" in texts_of(notice)[0]


async def test_a_receipt_of_somebody_else_s_is_told_to_approvers_and_not_to_the_requester(
    h: House, person: User, people: list[User]
) -> None:
    colleague, made = people.pop(), []
    for who, amount in ((colleague, "30.00"), (person, "31.00")):
        view, picture = await open_form(h, who), h.slack.upload(who, "taxi.png", PNG)
        given = filled(amount=amount, receipts=[picture])
        assert (await h.slack.submit(who, view, given)).ok
        assert h.slack.open_view(who) is None  # nobody is asked why
        mine, *_ = await h.slack.until(lambda whose=who: h.slack.direct_messages(whose))
        made.append(id_in(mine["text"]))
        # The first one is approved automatically once its receipt is copied, and the second is not.
        if who is colleague:
            await h.slack.until(
                lambda: "It was approved automatically" in str(h.slack.direct_messages(colleague))
            )
    first, second = made
    said = f"A receipt of it came with an expense of somebody else, too: expense {first}."
    message = await asked(h, second)
    assert said in message["text"]
    assert said in (await say(h, MINA, f"history {second}")).text
    assert first not in (await say(h, person, f"history {second}")).text
    assert first not in str(h.slack.direct_messages(person))
