"""Questions and answers, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.block_kit import thread_replies
from bot.domain import audit_events
from bot.domain.approval_plan import Plan, Progress, Stage
from bot.domain.audit_events import AuditEntry, read_event
from bot.domain.errors import AlreadyDecided, InvalidState, NotAllowed
from bot.domain.expense import Decision, Expense, State
from bot.domain.people.audience import approvers
from bot.services.questions import Questions
from tests.support.claims import expense
from tests.support.rooms import (
    LUNCH,
    MANAGER,
    OTHER_MANAGER,
    REQUESTER,
    STRANGER,
    Rooms,
    caller,
    rooms,
)


@pytest.fixture
async def r(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url) as opened:
        yield opened


@pytest.fixture
def questions(r: Rooms) -> Questions:
    return Questions(r.expenses, r.decisions)


async def asked_for(r: Rooms) -> Expense:
    """An expense that somebody submitted and that waits for a decision."""
    expense = await r.submissions.submit(REQUESTER, LUNCH, "view V1")
    await r.workflow_calls.create(expense.id, caller(expense.id))
    until = datetime.now(UTC) + timedelta(hours=1)
    await r.workflow_calls.register_callback(expense.id, b"token", caller(expense.id), until)
    r.changed.clear()
    return await r.expenses.get(expense.id)


async def test_what_is_asked_is_due_in_the_database(r: Rooms, questions: Questions) -> None:
    """So that whoever outlives this process tells it."""
    expense = await asked_for(r)
    await questions.ask(expense.id, MANAGER, "Why?")
    assert r.changed == [expense.id]
    assert (await r.expenses.get(expense.id)).version == expense.version + 1
    due = await r.outbox.claim(expense.id, timedelta(seconds=5))
    assert due
    assert due.attempts == 0
    await questions.answer(expense.id, REQUESTER, "Because")
    history = await r.expenses.history(expense.id)
    assert [(one.event, one.actor) for one in history[-2:]] == [
        (audit_events.Asked("Why?"), MANAGER),
        (audit_events.Answered("Because"), REQUESTER),
    ]


async def test_the_same_words_again_are_one_line(r: Rooms, questions: Questions) -> None:
    expense = await asked_for(r)
    await asyncio.gather(*(questions.ask(expense.id, MANAGER, "Why?") for _ in range(5)))
    await questions.ask(expense.id, OTHER_MANAGER, "Why?")
    await asyncio.gather(*(questions.answer(expense.id, REQUESTER, "So") for _ in range(5)))
    await questions.ask(expense.id, MANAGER, "Really?")
    # The same answer to another question is another answer.
    await questions.answer(expense.id, REQUESTER, "So")
    events = [event for event in await r.events(expense.id) if event in ("ask", "answer")]
    assert events == ["ask", "ask", "answer", "ask", "answer"]


async def test_the_same_words_after_an_answer_are_another_question(
    r: Rooms, questions: Questions
) -> None:
    expense = await asked_for(r)
    for _ in range(3):
        await questions.ask(expense.id, MANAGER, "Any news?")
        await questions.ask(expense.id, MANAGER, "Any news?")
        await questions.answer(expense.id, REQUESTER, "Not yet")
    events = [event for event in await r.events(expense.id) if event in ("ask", "answer")]
    assert events == ["ask", "answer"] * 3


async def test_an_answer_belongs_to_its_question(r: Rooms, questions: Questions) -> None:
    expense = await asked_for(r)
    for question in ("Tea?", "x" * 200):
        await questions.ask(expense.id, MANAGER, question)
    first, second = [
        one
        for one in await r.expenses.history(expense.id)
        if isinstance(one.event, audit_events.Asked)
    ]
    assert (await questions.to_answer(expense.id, REQUESTER))[1] == second.number
    assert (await questions.to_answer(expense.id, REQUESTER, first.number))[2] == "Tea?"
    for _ in range(2):
        await questions.answer(expense.id, REQUESTER, "Yes", second.number)
        await questions.answer(expense.id, REQUESTER, "Yes", first.number)
    await questions.ask(expense.id, MANAGER, "Really?")
    # A form that arrives once more is still known, though its question is not the newest any more.
    await questions.answer(expense.id, REQUESTER, "Yes", second.number)
    await questions.answer(expense.id, REQUESTER, "No", second.number)
    answers = [
        one.event.answer
        for one in await r.expenses.history(expense.id)
        if isinstance(one.event, audit_events.Answered)
    ]
    assert answers == ["Yes", "“Tea?” Yes", f"“{'x' * 99}…” No"]
    with pytest.raises(InvalidState, match="Nobody has asked this"):
        await questions.answer(expense.id, REQUESTER, "Yes", first.number + 1000)


async def test_who_has_agreed_may_still_ask(r: Rooms, questions: Questions) -> None:
    stage = Stage(asked=(MANAGER, OTHER_MANAGER), needed=2)
    expense = await asked_for(r)
    planned = replace(expense, id="planned", plan=Plan(rule="two", stages=(stage,)))
    await r.expenses.add(planned, event=audit_events.Submitted(), actor=REQUESTER)
    await r.decisions.decide("planned", Decision.APPROVED, MANAGER)
    await questions.ask("planned", MANAGER, "And now?")
    assert "ask" in await r.events("planned")


async def test_strangers_are_refused_and_noted(r: Rooms, questions: Questions) -> None:
    expense = await asked_for(r)
    with pytest.raises(NotAllowed):
        await questions.ask(expense.id, STRANGER, "Why?")
    await questions.ask(expense.id, MANAGER, "Why?")
    for person in (STRANGER, MANAGER):
        with pytest.raises(NotAllowed):
            await questions.answer(expense.id, person, "Because")
    assert (await r.events(expense.id)).count("refuse") == 3


async def test_nobody_answers_what_nobody_asked(r: Rooms, questions: Questions) -> None:
    expense = await asked_for(r)
    with pytest.raises(InvalidState, match="Nobody has asked this"):
        await questions.answer(expense.id, REQUESTER, "Because")


async def test_after_the_decision_it_is_over(r: Rooms, questions: Questions) -> None:
    expense = await asked_for(r)
    await questions.ask(expense.id, MANAGER, "Why?")
    await r.submissions.withdraw(expense.id, REQUESTER)
    with pytest.raises(AlreadyDecided):
        await questions.ask(expense.id, MANAGER, "Still?")
    with pytest.raises(AlreadyDecided):
        await questions.answer(expense.id, REQUESTER, "Because")


async def test_questions_and_decisions_do_not_lose_each_other(
    r: Rooms, questions: Questions
) -> None:
    expense = await asked_for(r)
    results = await asyncio.gather(
        *(questions.ask(expense.id, OTHER_MANAGER, f"{number}?") for number in range(5)),
        r.decisions.decide(expense.id, Decision.APPROVED, MANAGER),
        return_exceptions=True,
    )
    assert {type(one) for one in results} <= {type(None), AlreadyDecided, Expense}
    recorded = (await r.events(expense.id)).count("ask")
    assert recorded == sum(one is None for one in results)
    assert (await r.expenses.get(expense.id)).decided_by == MANAGER


def test_who_is_asked_later_reads_the_questions_and_no_old_reminders() -> None:
    since = datetime(2026, 1, 31, 12, tzinfo=UTC)
    item = expense(progress=Progress(stage=1, since=since))

    def told(event: str, minutes: int) -> bool:
        line = AuditEntry(
            number=1,
            at=since + timedelta(minutes=minutes),
            event=read_event(event, OTHER_MANAGER),
            actor=MANAGER,
            state=State.CREATED,
        )
        return thread_replies.reply(line, item, approvers(1)) is not None

    assert [told(event, -1) for event in ("ask", "answer", "remind", "escalate")] == [
        *(True, True, False, False)
    ]
    assert all(told(event, 1) for event in ("ask", "answer", "remind", "escalate"))
