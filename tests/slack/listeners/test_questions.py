"""Questions of approvers, and answers of requesters."""

import asyncio
from typing import Any

import pytest

from bot import catalogue
from sandbox.slack.config import User
from tests.slack.listeners.conftest import HARMLESS, asked, say, send_payload, submit, texts_of
from tests.slack.listeners.test_actions import buttons, told
from tests.support.house import APPROVALS, MINA, NOOR, SAM, House

pytestmark = pytest.mark.long
LATENCY = 0.3


async def asking(h: House, who: User, expense_id: str) -> dict[str, Any]:
    """Click Ask, and wait for the form."""
    assert (await h.slack.click(who, await asked(h, expense_id), "ask_about_expense")).ok
    return await h.slack.until(lambda: h.slack.open_view(who))


async def ask(h: House, who: User, expense_id: str, question: str = "Who was there?") -> None:
    view = await asking(h, who, expense_id)
    assert (await h.slack.submit(who, view, {"question": question})).ok
    assert h.slack.open_view(who) is None


async def line_to(h: House, person: User, words: str) -> dict[str, Any]:
    """Wait for a line in a requester's thread."""
    return await h.slack.until(
        lambda: next((m for m in h.slack.direct_messages(person) if words in m["text"]), {})
    )


def lines_below(h: House, message: dict[str, Any], words: str) -> list[dict[str, Any]]:
    """List the lines in the thread of an approval message."""
    return [
        m
        for m in h.slack.messages(APPROVALS)
        if m.get("thread_ts") == message["ts"] and m is not message and words in m["text"]
    ]


def submission(view: dict[str, Any], who: User, field: str, typed: str) -> dict[str, Any]:
    values = {field: {"value": {"value": typed}}}
    return {
        "type": "view_submission",
        "user": {"id": who.id},
        "view": {**view, "state": {"values": values}},
    }


async def test_a_question_and_its_answer_are_told_in_both_threads(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    message = h.message(expense_id)
    await ask(h, MINA, expense_id)
    question = await line_to(h, person, f"<@{MINA.id}> asks:")
    assert question["thread_ts"] == h.slack.direct_messages(person)[0]["ts"]
    assert "Who was there?" in texts_of(question)
    [shown] = await h.slack.until(lambda: lines_below(h, message, f"<@{MINA.id}> asks"))
    assert f"asks <@{person.id}>:" in shown["text"]
    assert not buttons(shown)

    assert (await h.slack.click(person, question, "answer_question")).ok
    view = await h.slack.until(lambda: h.slack.open_view(person))
    assert texts_of(view)[0] == "Who was there?"
    assert (await h.slack.submit(person, view, {"answer": "Ada & Bruno"})).ok
    [answer] = await h.slack.until(lambda: lines_below(h, message, "answers:"))
    assert texts_of(answer) == [f":speech_balloon: <@{person.id}> answers:", "Ada & Bruno"]
    mine = await line_to(h, person, "You answered:")
    assert "Ada & Bruno" in texts_of(mine)
    assert not buttons(mine)

    # Nothing is decided by that.
    assert await h.status(expense_id) == "CREATED"
    assert (await h.slack.click(SAM, h.message(expense_id), "approve_expense")).ok
    assert await h.workflow(expense_id).result() == "COMPLETED"


async def test_each_answer_belongs_to_its_question(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    await ask(h, MINA, expense_id, "First?")
    first = await line_to(h, person, "First?")
    await ask(h, SAM, expense_id, "Second?")
    await line_to(h, person, "Second?")
    assert (await h.slack.click(person, first, "answer_question")).ok
    view = await h.slack.until(lambda: h.slack.open_view(person))
    assert texts_of(view)[0] == "First?"
    assert (await h.slack.submit(person, view, {"answer": "Yes"})).ok
    assert "“First?” Yes" in texts_of(await line_to(h, person, "You answered:"))


async def test_what_is_typed_stays_text(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    await ask(h, MINA, expense_id, HARMLESS)
    question = await line_to(h, person, "asks:")
    assert HARMLESS in texts_of(question)
    assert "<!channel>" not in question["text"]


async def test_who_may_not_decide_may_not_ask(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    message = h.message(expense_id)
    assert (await h.slack.click(NOOR, message, "ask_about_expense")).ok
    await told(h, NOOR, "You are not an approver of this expense, so nothing was changed.")
    assert h.slack.open_view(NOOR) is None
    # Nor with a form that was not theirs.
    view = await asking(h, MINA, expense_id)
    status, text = await send_payload(h, submission(view, NOOR, "question", "Why?"))
    assert status == 200
    assert "Not sent" in text
    await h.slack.close_view(MINA)
    history = (await say(h, MINA, f"history {expense_id}")).text
    assert history.count(f"<@{NOOR.id}>") == 2
    assert "Why?" not in history


async def test_only_the_requester_answers(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    await ask(h, MINA, expense_id)
    question = await line_to(h, person, "asks:")
    await h.slack.click(person, question, "answer_question")
    view = await h.slack.until(lambda: h.slack.open_view(person))
    for who in (NOOR, SAM):
        status, text = await send_payload(h, submission(view, who, "answer", "Me"))
        assert status == 200
        assert "Only the requester can answer questions about this expense." in text
    await h.slack.close_view(person)


async def test_the_same_question_is_asked_once(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    view = await asking(h, MINA, expense_id)
    payload = submission(view, MINA, "question", "Once?")
    answers = await asyncio.gather(*(send_payload(h, payload) for _ in range(5)))
    assert answers == [(200, "")] * 5
    await h.slack.close_view(MINA)
    await line_to(h, person, "asks:")
    message = h.message(expense_id)
    await h.slack.until(lambda: lines_below(h, message, "asks"))
    assert len([m for m in h.slack.direct_messages(person) if "asks:" in m["text"]]) == 1


@pytest.mark.parametrize("typed", [" ", "\u200b"])
async def test_an_empty_question_stays_in_the_form(h: House, person: User, typed: str) -> None:
    view = await asking(h, MINA, await submit(h, person))
    await h.slack.submit(MINA, view, {"question": typed})
    assert h.slack.view_errors(MINA) == {"question": "Please write your question."}
    await h.slack.close_view(MINA)


async def test_after_the_decision_nothing_is_asked_or_answered(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    before = h.message(expense_id)
    await ask(h, SAM, expense_id)
    question = await line_to(h, person, "asks:")
    view = await asking(h, SAM, expense_id)
    await h.slack.click(person, question, "answer_question")
    answer = await h.slack.until(lambda: h.slack.open_view(person))
    await h.slack.click(MINA, before, "approve_expense")

    for who, form, field in ((SAM, view, "question"), (person, answer, "answer")):
        await h.slack.submit(who, form, {field: "Too late?"})
        notice = h.slack.open_view(who)
        assert notice
        assert notice["title"]["text"] == "Not sent"
        assert f"already been approved by <@{MINA.id}>" in texts_of(notice)[0]
        await h.slack.close_view(who)
    assert (await h.slack.click(SAM, before, "ask_about_expense")).ok
    await told(h, SAM, f"already been approved by <@{MINA.id}>")
    assert (await h.slack.click(person, question, "answer_question")).ok
    said = await h.slack.until(lambda: h.slack.ephemeral(person))
    assert "has already been approved" in said[-1]["text"]
    # What was clicked is a line in a thread, and stays one.
    assert "asks:" in (await line_to(h, person, "asks:"))["text"]


async def test_a_form_that_does_not_open_asks_nothing(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    for fault, said in (
        ("ratelimited", catalogue.say("form-did-not-open")),
        ("error", catalogue.say("form-may-be-open")),
    ):
        h.slack.faults.add("views.open", fault, times=1)  # type: ignore[arg-type]
        assert (await h.slack.click(MINA, h.message(expense_id), "ask_about_expense")).ok
        await told(h, MINA, said)
    assert await h.status(expense_id) == "CREATED"


async def test_a_workflow_of_another_service_is_not_asked(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    view = await asking(h, MINA, expense_id)
    await h.slack.close_view(MINA)
    await h.get("/create", id="foreign-1", is_api_call="true")
    payload = submission({**view, "private_metadata": "foreign-1"}, MINA, "question", "Who?")
    status, text = await send_payload(h, payload)
    assert status == 200
    assert "nobody could answer a question" in text
