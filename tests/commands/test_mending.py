"""`python -m bot expenses retry` and `resend`, exit codes, and who else works at the same time."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import redirect_stdout, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.__main__ import main
from bot.commands.console import Exit
from bot.database.messages import Message
from bot.domain import audit_events
from bot.domain.errors import Conflict
from bot.domain.expense import Decision, Expense, State
from bot.domain.people.audience import approvers
from bot.services.recovery import Recovery
from sandbox import Sandbox
from sandbox.slack.config import MONEY
from tests.support.commands import Run
from tests.support.house import APPROVALS, environment
from tests.support.payments import KEY, fake_payments
from tests.support.rooms import LUNCH, MANAGER, REQUESTER, Rooms, rooms

OPERATIONS = Path(__file__).parents[2] / "docs/operations.md"


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url) as opened:
        yield opened


@pytest.fixture
def run(database_url: str, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys, "expenses", DATABASE_URL=database_url)


async def events(here: Rooms, expense: Expense) -> list[tuple[str, str]]:
    history = await here.expenses.history(expense.id)
    return [(entry.event.stored_as, entry.actor) for entry in history]


async def test_what_waits_is_due_at_once(here: Rooms, run: Run) -> None:
    expense = await here.submissions.submit(REQUESTER, LUNCH, submission_key="form")
    due = await here.outbox.claim(expense.id, timedelta(seconds=5))
    assert due
    far = await here.outbox.now() + timedelta(days=1)
    await here.outbox.release(due, far)
    assert await here.outbox.due(10) == []
    code, said = await run("retry", expense.id, "--dry-run")
    assert (code, "would be told" in said) == (0, True)
    assert await here.outbox.due(10) == []
    code, said = await run("retry", expense.id, "nobody", "--json")
    assert code == Exit.REFUSED
    done, unknown = json.loads(said)
    assert (done["code"], unknown["code"]) == ("DONE", "REFUSED")
    assert (await events(here, expense))[-1] == ("retry", "operator")
    found = await here.outbox.read(expense.id)
    assert found
    assert found.due_at
    assert found.due_at < far
    assert found.attempts == 0
    assert (await run("retry"))[0] == Exit.MISUSED
    assert (await run("retry", "--stuck"))[0] == Exit.DONE


async def test_what_another_one_has_changed_is_not_changed(here: Rooms) -> None:
    expense = await here.waiting()
    recovery = Recovery(here.expenses)
    results = await asyncio.gather(
        recovery.retry(expense),
        recovery.close(expense, "Nobody can"),
        here.decisions.decide(expense.id, Decision.APPROVED, MANAGER),
        return_exceptions=True,
    )
    assert any(isinstance(result, Conflict) for result in results)
    before = await here.expenses.get(expense.id)
    for late in (recovery.close(expense, "Nobody can"), recovery.retry(expense)):
        with pytest.raises(Conflict):
            await late
    assert await here.expenses.get(expense.id) == before


async def test_a_payment_without_an_answer_is_asked_for_with_its_key(
    here: Rooms, run: Run, database_url: str
) -> None:
    async with fake_payments() as payments:
        variables = {"EXPENSE_PAYMENT_URL": payments.url, "EXPENSE_PAYMENT_KEY": KEY}
        expense = await here.waiting()
        await here.decisions.decide(expense.id, Decision.APPROVED, MANAGER)
        await here.expenses.change(
            await here.expenses.get(expense.id),
            audit_events.PaymentAsked("127.0.0.1"),
            "worker",
            payment_asked_at=await here.expenses.now(),
        )
        code, said = await run("retry", expense.id)
        assert (code, "EXPENSE_PAYMENT_URL is missing" in said) == (Exit.MISUSED, True)
        payments.says("", status=503)
        assert (await run("retry", expense.id, **variables))[0] == Exit.TRY_AGAIN
        payments.answer = None
        code, said = await run("retry", expense.id, **variables)
        assert (code, "it is paid" in said) == (0, True)
        keys = {headers["Idempotency-Key"] for headers, _ in payments.requests}
        assert keys == {expense.id}
    assert (await here.expenses.get(expense.id)).state is State.COMPLETED


async def test_messages_are_posted_again(here: Rooms, run: Run) -> None:
    expense = await here.waiting()
    async with Sandbox.start() as slack:
        token = slack.config.bot_token
        variables = {"SLACK_BOT_TOKEN": token, "SLACK_API_URL": slack.api_url}
        client = AsyncWebClient(token, base_url=slack.api_url)
        assert (await run("resend", expense.id, **variables))[0] == Exit.REFUSED
        answer = await client.chat_postMessage(channel=APPROVALS.id, text="Once")
        first = Message(
            expense_id=expense.id,
            audience=approvers(0),
            channel=APPROVALS.id,
            ts=str(answer["ts"]),
            shown_version=expense.version,
        )
        assert await here.messages.add(first)
        code, said = await run("resend", expense.id, "--dry-run", **variables)
        assert (code, f"would be posted again to {APPROVALS.id}" in said) == (0, True)
        assert (await run("resend", expense.id, **variables))[0] == Exit.DONE
        [posted] = slack.messages(APPROVALS)
        assert expense.id in posted["text"]
        second = await here.messages.find(expense.id, approvers(0))
        assert second
        assert (second.ts, second.ts == first.ts) == (posted["ts"], False)
        # A second operator who comes with the message that was replaced takes nothing away.
        assert not await here.messages.add(first, instead_of=first)
        code, said = await run("resend", expense.id, "--channel", MONEY.id, **variables)
        assert (code, slack.messages(APPROVALS)) == (0, [])
        assert [m["ts"] for m in slack.messages(MONEY)] != [first.ts]
        # The bot draws it, as it has changed since it was posted.
        after = await here.expenses.get(expense.id)
        shown = await here.messages.find(expense.id, approvers(0))
        assert shown
        assert shown.shown_version < after.version
        assert (await events(here, expense))[-2:] == [("resend", "operator")] * 2
        code, said = await run("resend", expense.id, "--channel", "CNOSUCH00", **variables)
        assert (code, "channel_not_found" in said) == (Exit.REFUSED, True)
        await here.decisions.decide(expense.id, Decision.REJECTED, MANAGER)
        code, said = await run("resend", expense.id, **variables)
        assert (code, "it is REJECTED" in said) == (Exit.REFUSED, True)


def test_the_exit_codes_are_documented() -> None:
    rows = [line.split(" | ") for line in OPERATIONS.read_text().splitlines() if " | `" in line]
    table = {cells[1].strip("`"): cells[0].strip("| ") for cells in rows}
    assert {name: table.get(name) for name in Exit.__members__} == {
        code.name: str(code.value) for code in Exit
    }


@pytest.mark.parametrize(
    "command", [["expenses", "list"], ["stuck"], ["expenses", "list", "--json"]]
)
async def test_what_cannot_be_printed_is_one_line(
    command: list[str], sqlite_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with environment({"DATABASE_URL": sqlite_url}):
        for place in ("/dev/full", "a closed pipe"):
            reader, writer = os.pipe()
            os.close(reader)
            if place == "/dev/full":
                os.close(writer)
                writer = os.open(place, os.O_WRONLY)
            stream = os.fdopen(writer, "w")
            with redirect_stdout(stream):
                code = await asyncio.to_thread(main, command)
            with suppress(OSError):
                stream.close()
            assert code == Exit.UNWRITTEN
            said = capfd.readouterr().err
            assert "Traceback" not in said
            assert said.count("\n") == (place == "/dev/full")
