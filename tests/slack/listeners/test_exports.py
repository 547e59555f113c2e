"""The export that finance and auditors get into their direct messages, and nobody else."""

import csv
import io
import json
from typing import Any

import pytest

from bot import catalogue
from bot.domain.export.columns import COLUMNS
from sandbox.slack.config import BRUNO, User
from tests.slack.listeners.conftest import id_in, number_in, say, send_payload
from tests.slack.listeners.test_home import open_home
from tests.support.days import today
from tests.support.house import MINA, NOOR, House

pytestmark = pytest.mark.usefixtures("same_day")
SETTINGS = {"EXPENSE_FINANCE": NOOR.id, "EXPENSE_AUDITORS": BRUNO.id}


async def asking(h: House, who: User) -> dict[str, Any]:
    """Open the form from the Home."""
    home = await open_home(h, who)
    assert (await h.slack.click(who, home, "export")).ok
    view = h.slack.open_view(who)
    assert view
    return view


def filled(**changes: str) -> dict[str, Any]:
    day = today().isoformat()
    return {"first": day, "last": day, "by": "submitted", "format": "csv", **changes}


async def file_of(h: House, who: User) -> tuple[dict[str, Any], str]:
    """Wait for a file in somebody's direct messages; return its message and what is in it."""
    place = h.slack.workspace.dm(who.id)

    def look() -> dict[str, Any]:
        return next((m for m in reversed(h.slack.workspace.messages(place)) if "files" in m), {})

    message = await h.slack.until(look)
    found = h.slack.workspace.files.content(message["files"][0]["id"])
    assert found
    return message, found[1].decode()


@pytest.mark.parametrize("reader", [NOOR, BRUNO], ids=["finance", "auditor"])
async def test_an_export_comes_into_the_direct_messages(
    h: House, person: User, reader: User
) -> None:
    said = (await say(h, person, "submit 42.50 EUR =1+1")).text
    view = await asking(h, reader)
    kind = "csv" if reader is NOOR else "jsonl"
    assert (await h.slack.submit(reader, view, filled(format=kind))).ok
    message, content = await file_of(h, reader)
    day = today().isoformat()
    assert message["files"][0]["name"] == f"expenses-{day}-{day}-by-submitted.v1.{kind}"
    assert "what was submitted from" in message["text"]
    if kind == "csv":
        rows = [*csv.DictReader(io.StringIO(content.removeprefix("\ufeff"), newline=""))]
        description = "'=1+1"
    else:
        rows, description = [json.loads(line) for line in content.splitlines()], "=1+1"
    row = next(row for row in rows if row["id"] == id_in(said))
    assert [*row] == [*COLUMNS]
    assert (row["number"], row["amount"]) == (number_in(said), "42.50")
    assert row["description"] == description
    assert f"{len(rows)} expense" in message["text"] or len(rows) == 1
    # Nobody else sees it.
    [place] = message["files"][0]["ims"]
    assert not h.slack.workspace.is_member(person.id, place)


async def test_the_form_says_what_is_wrong_with_a_period(h: House) -> None:
    view = await asking(h, NOOR)
    wrong = filled(first="2026-02-02", last="2026-02-01")
    assert (await h.slack.submit(NOOR, view, wrong)).ok
    assert h.slack.view_errors(NOOR) == {"last": catalogue.say("export-form.wrong-order")}
    await h.slack.close_view(NOOR)


async def test_who_has_no_such_role_gets_nothing(h: House, person: User) -> None:
    home = await open_home(h, person)
    assert "export" not in str(home)
    view = await asking(h, NOOR)
    await h.slack.close_view(NOOR)
    # A form that somebody made up, or opened when they had the role.
    for who in (person, MINA):
        forged = {
            "type": "view_submission",
            "user": {"id": who.id},
            "view": {**view, "id": f"V0{who.id[2:]}", "state": {"values": {}}},
        }
        status, body = await send_payload(h, forged)
        assert status == 200
        assert "Only finance and auditors" in body
        assert not [m for m in h.slack.direct_messages(who) if "files" in m]


@pytest.mark.parametrize(
    ("method", "fault", "words"),
    [
        ("files.getUploadURLExternal", {"error": "file_uploads_disabled"}, "file_uploads_disabled"),
        ("upload", {"status": 500}, "Please ask for it again"),
    ],
)
async def test_who_asked_is_told_that_no_file_comes(
    h: House, method: str, fault: dict[str, Any], words: str
) -> None:
    h.slack.faults.add(method, "error", **fault)
    view = await asking(h, NOOR)
    assert (await h.slack.submit(NOOR, view, filled())).ok
    await h.slack.until(lambda: words in h.slack.direct_messages(NOOR)[-1]["text"])
