"""Receipts and managers in the form, and what approvers see of them."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from sandbox import Sandbox, WorkspaceConfig
from sandbox.slack.config import (
    ADA,
    APPROVALS,
    BRUNO,
    FINANCE,
    MANAGERS,
    MINA,
    MONEY,
    SAM,
    TOMAS,
    YUKI,
    User,
)
from tests.sandbox.conftest import PNG
from tests.slack.listeners.conftest import find, say, send_payload, texts_of
from tests.slack.listeners.test_actions import buttons
from tests.support.days import today
from tests.support.house import House, house
from tests.support.ruled import QUICK
from tests.support.ruled import policy as policy_of

pytestmark = pytest.mark.usefixtures("same_day")
POLICY = f"""
base_currency = "EUR"
managers = ["{MANAGERS.id}", "{ADA.id}"]

[[rules]]
name = "travel"
categories = ["travel"]
receipt_over = 100
[[rules.stages]]
ask = ["manager"]
[[rules.stages]]
ask = ["{FINANCE.id}"]
needed = 2
channel = "{MONEY.id}"

[[rules]]
over = 1000
categories = ["other"]
receipt_over = 1000
[[rules.stages]]
ask = ["{MANAGERS.id}"]
"""


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the policy."""
    file = tmp_path_factory.mktemp("ruled") / "policy.toml"
    file.write_text(POLICY)
    return file


@pytest.fixture(scope="module")
async def ruled(temporal_client: Client, policy: Path) -> AsyncIterator[House]:
    """A house with a policy."""
    queue, folder = f"test-{uuid.uuid4()}", policy.parent
    async with house(temporal_client, queue, folder, EXPENSE_POLICY=str(policy)) as running:
        yield running


def filled(**changes: Any) -> dict[str, Any]:
    given = {
        "amount": "42.50",
        "currency": "EUR",
        "description": "Train",
        "category": "travel",
        "spent_on": today().isoformat(),
    }
    return given | changes


async def open_form(h: House, who: User) -> dict[str, Any]:
    assert (await say(h, who, "submit")).ok
    return await h.slack.until(lambda: h.slack.open_view(who))


async def send(h: House, who: User, **changes: Any) -> dict[str, Any]:
    """Fill the form in and send it; return the requester's message."""
    before = len(h.slack.direct_messages(who))
    view = await open_form(h, who)
    assert (await h.slack.submit(who, view, filled(**changes))).ok
    assert h.slack.view_errors(who) == {}
    assert h.slack.open_view(who) is None
    return await h.slack.until(
        lambda: next(
            (m for m in h.slack.direct_messages(who)[before:] if "Your expense:" in m["text"]), {}
        )
    )


def images(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [block for block in message["blocks"] if block["type"] == "image"]


def links(message: dict[str, Any]) -> list[str]:
    return [text for text in texts_of(message) if text.startswith("<http")]


def of(message: dict[str, Any]) -> str:
    """Read the expense's id from the button of a requester's message."""
    return str(buttons(message)[0]["elements"][0]["value"])


async def asked_in(h: House, channel: Any, expense_id: str) -> dict[str, Any]:
    return await h.slack.until(
        lambda: next((m for m in h.slack.messages(channel) if expense_id in m["text"]), {})
    )


async def asked_directly(h: House, who: User, expense_id: str) -> dict[str, Any]:
    return await h.slack.until(
        lambda: next(
            (
                m
                for m in h.slack.direct_messages(who)
                if expense_id in m["text"] and "thread_ts" not in m
            ),
            {},
        )
    )


# Receipts


async def test_pictures_are_shown_and_other_files_linked(h: House, person: User) -> None:
    picture = h.slack.upload(person, "Taxi <1>.png", PNG)
    document = h.slack.upload(person, "bill.pdf", b"x")
    mine = await send(h, person, category="other", receipts=[picture, document])
    expense_id = of(mine)
    theirs = await h.slack.until(lambda: find(h, expense_id))
    for message in (mine, theirs):
        assert [block["slack_file"] for block in images(message)] == [{"id": picture["id"]}]
        assert images(message)[0]["alt_text"] == "Taxi <1>.png"
        shown = links(message)
        assert len(shown) == 2
        assert shown[0].endswith("|Taxi &lt;1&gt;.png>")
        assert shown[1] == f"<{document['permalink']}|bill.pdf>"
        assert "2 receipts" in message["text"]


def gone(view: dict[str, Any], person: User) -> dict[str, Any]:
    """A form with a picture that is deleted by the time the bot shows it."""
    file = {
        "id": "F0GONE",
        "name": "gone.png",
        "mimetype": "image/png",
        "permalink": "https://sandbox.slack.com/files/gone.png",
    }
    values = {
        "amount": {"value": {"value": "7"}},
        "currency": {"value": {"selected_option": {"value": "EUR"}}},
        "description": {"value": {"value": "Lost"}},
        "category": {"value": {"selected_option": {"value": "other"}}},
        "spent_on": {"value": {"selected_date": today().isoformat()}},
        "receipts": {"value": {"files": [file]}},
    }
    state = {"state": {"values": values}}
    return {"type": "view_submission", "user": {"id": person.id}, "view": {**view, **state}}


async def test_a_deleted_receipt_keeps_nobody_from_deciding(h: House, person: User) -> None:
    view = await open_form(h, person)
    assert await send_payload(h, gone(view, person)) == (200, "")
    await h.slack.close_view(person)
    [mine] = await h.slack.until(lambda: h.slack.direct_messages(person))
    expense_id = of(mine)
    theirs = await h.slack.until(lambda: find(h, expense_id))
    assert not images(theirs)
    assert links(theirs) == ["<https://sandbox.slack.com/files/gone.png|gone.png>"]
    assert (await h.slack.click(MINA, theirs, "approve_expense")).ok
    assert await h.workflow(expense_id).result() == "COMPLETED"
    await h.slack.until(lambda: "finance pays" in h.message(expense_id)["text"])


async def test_a_picture_appears_as_soon_as_slack_can_show_it(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    timing = replace(QUICK, pictures=timedelta(seconds=1))
    async with (
        Sandbox.start(WorkspaceConfig(file_seconds=2)) as slack,
        house(temporal_client, task_queue, tmp_path, slack=slack, timing=timing) as here,
    ):
        picture = slack.upload(ADA, "taxi.png", PNG)
        assert picture["mimetype"] == ""
        mine = await send(here, ADA, category="other", receipts=[picture])
        theirs = await slack.until(lambda: find(here, of(mine)))
        assert not images(theirs)
        await slack.until(lambda: images(here.message(of(mine))))
        await slack.until(lambda: images(slack.direct_messages(ADA)[0]))
        assert len(slack.messages(APPROVALS)) == 1


async def test_a_receipt_that_is_deleted_later_does_not_freeze_its_message(
    h: House, person: User
) -> None:
    picture = h.slack.upload(person, "a.png", PNG)
    expense_id = of(await send(h, person, category="other", receipts=[picture]))
    theirs = await h.slack.until(lambda: find(h, expense_id))
    assert images(theirs)
    h.slack.workspace.files._files.pop(picture["id"])
    assert (await h.slack.click(MINA, theirs, "approve_expense")).ok
    await h.slack.until(lambda: "finance pays" in h.message(expense_id)["text"])
    message = h.message(expense_id)
    assert not images(message)
    assert links(message)
    assert not buttons(message)


async def test_a_receipt_that_is_missing_is_asked_for_at_its_field(ruled: House) -> None:
    view = await open_form(ruled, BRUNO)
    await ruled.slack.submit(BRUNO, view, filled(amount="100.01", manager=MINA.id))
    sentence = "Please add a receipt; this expense needs one."
    assert ruled.slack.view_errors(BRUNO) == {"receipts": sentence}
    receipt = ruled.slack.upload(BRUNO, "r.heic", b"x")
    changed = filled(amount="100.01", manager=MINA.id, receipts=[receipt])
    assert (await ruled.slack.submit(BRUNO, view, changed)).ok
    assert ruled.slack.open_view(BRUNO) is None


@pytest.mark.parametrize(
    ("line", "field", "sentence", "otherwise"),
    [
        (
            "1001 EUR Tea",
            "receipts",
            "Please add a receipt; this expense needs one.",
            " The form has a field for it: `/expense`",
        ),
        ("7 JPY Tea", "currency", "Your company does not reimburse JPY; please use EUR.", ""),
    ],
)
async def test_what_the_policy_misses_in_a_line_is_asked_for_in_the_form(
    ruled: House, line: str, field: str, sentence: str, otherwise: str
) -> None:
    assert (await say(ruled, BRUNO, f"submit {line}")).text == ""
    view = await ruled.slack.until(lambda: ruled.slack.open_view(BRUNO))
    blocks = {block["block_id"]: block for block in view["blocks"]}
    assert blocks[field]["hint"]["text"] == f"⚠️ {sentence}"
    assert blocks["description"]["element"]["initial_value"] == "Tea"
    await ruled.slack.close_view(BRUNO)
    ruled.slack.faults.add("views.open", "ratelimited", times=1)
    assert (await say(ruled, BRUNO, f"submit {line}")).text == f"{sentence}{otherwise}"


async def test_a_pdf_is_shown_in_the_thread_and_only_the_payment_waits_for_its_copy(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    stage = f'[[rules.stages]]\nask = ["{MANAGERS.id}"]\nchannel = "{APPROVALS.id}"'
    file = policy_of(tmp_path, rules=f"[[rules]]\nreceipt_over = 1\n{stage}")
    kept = {"EXPENSE_POLICY": file, "EXPENSE_RECEIPTS": "database"}
    async with house(temporal_client, task_queue, tmp_path, timing=QUICK, **kept) as here:
        pdf = b"%PDF-1.7\n" + bytes(300)
        receipt = here.slack.upload(BRUNO, "taxi.pdf", pdf)
        here.slack.faults.add("url_private", "error", status=503)
        expense_id = of(await send(here, BRUNO, receipts=[receipt]))
        theirs = await asked_in(here, APPROVALS, expense_id)
        assert (await here.slack.click(MINA, theirs, "approve_expense")).ok
        await here.until_status(expense_id, "APPROVED")
        paying = {"type": "payment", "id": expense_id, "is_api_call": "true"}
        status, said = await here.get("/action", **paying)
        assert (status, "not copied yet" in said) == (503, True)
        here.slack.faults.clear()
        assert await here.workflow(expense_id).result() == "COMPLETED"

        def shown() -> list[dict[str, Any]]:
            replies = here.slack.messages(APPROVALS)
            return [m for m in replies if m.get("thread_ts") == theirs["ts"] and "files" in m]

        [reply] = await here.slack.until(shown)
        found = here.slack.workspace.files.content(reply["files"][0]["id"])
        assert found
        assert found[1] == pdf


# Managers


async def test_the_form_offers_the_managers_by_name_and_never_oneself(ruled: House) -> None:
    for who, names in ((BRUNO, ["Ada Okafor", "Mina Laurent", "Sam Rivera"]), (ADA, [])):
        view = await open_form(ruled, who)
        [block] = [block for block in view["blocks"] if block["block_id"] == "manager"]
        offered = [option["text"]["text"] for option in block["element"]["options"]]
        assert offered == (names or ["Mina Laurent", "Sam Rivera"])
        await ruled.slack.close_view(who)


async def test_without_a_policy_nobody_is_asked_for_their_manager(h: House, person: User) -> None:
    view = await open_form(h, person)
    assert "manager" not in [block["block_id"] for block in view["blocks"]]
    await h.slack.close_view(person)


async def test_a_manager_who_is_missing_is_asked_for_at_their_field(ruled: House) -> None:
    view = await open_form(ruled, BRUNO)
    await ruled.slack.submit(BRUNO, view, filled(manager=None))
    sentence = "Please choose your manager; this expense needs them."
    assert ruled.slack.view_errors(BRUNO) == {"manager": sentence}
    await ruled.slack.close_view(BRUNO)
    # Whom they choose is chosen in their next form.
    await send(ruled, BRUNO, manager=SAM.id)
    view = await open_form(ruled, BRUNO)
    [menu] = [block for block in view["blocks"] if block["block_id"] == "manager"]
    assert menu["element"]["initial_option"]["value"] == SAM.id
    await ruled.slack.close_view(BRUNO)


async def test_a_currency_without_a_rate_is_not_offered(ruled: House) -> None:
    view = await open_form(ruled, BRUNO)
    [menu] = [block["element"] for block in view["blocks"] if block["block_id"] == "currency"]
    offered = [option["value"] for group in menu["option_groups"] for option in group["options"]]
    assert offered == ["EUR"]
    await ruled.slack.close_view(BRUNO)


# Stages


async def test_an_expense_goes_through_its_stages(ruled: House) -> None:
    mine = await send(ruled, BRUNO, manager=MINA.id)
    expense_id = of(mine)
    rule = f"Rule “travel” asks <@{MINA.id}>, then 2 of <!subteam^{FINANCE.id}>."
    assert rule in mine["text"]
    first = await asked_directly(ruled, MINA, expense_id)
    assert rule in texts_of(first)
    assert (await ruled.slack.click(MINA, first, "ask_about_expense")).ok
    view = await ruled.slack.until(lambda: ruled.slack.open_view(MINA))
    assert (await ruled.slack.submit(MINA, view, {"question": "Which city?"})).ok
    assert not [m for m in ruled.slack.messages(APPROVALS) if expense_id in m["text"]]
    assert (await ruled.slack.click(MINA, first, "approve_expense")).ok

    second = await asked_in(ruled, MONEY, expense_id)
    assert f"Approved by <@{MINA.id}> so far." in " ".join(texts_of(second))
    # Whoever is asked later can read what was asked before.
    await ruled.slack.until(
        lambda: [m for m in ruled.slack.messages(MONEY) if f"<@{MINA.id}> asks" in m["text"]]
    )
    assert (await ruled.slack.click(TOMAS, second, "approve_expense")).ok
    assert await ruled.status(expense_id) == "CREATED"
    await ruled.slack.until(
        lambda: f"<@{TOMAS.id}> so far" in str(second_now(ruled, expense_id)["blocks"])
    )
    # Once more: a friendly word instead of a second vote.
    assert (await ruled.slack.click(TOMAS, second, "approve_expense")).ok
    assert ruled.slack.ephemeral(TOMAS)[-1]["text"] == (
        "You have approved this already, thank you. "
        f"It still needs one more approval by <!subteam^{FINANCE.id}>."
    )
    # Who has agreed may ask nonetheless.
    assert (await ruled.slack.click(TOMAS, second, "ask_about_expense")).ok
    view = await ruled.slack.until(lambda: ruled.slack.open_view(TOMAS))
    assert (await ruled.slack.submit(TOMAS, view, {"question": "Which train?"})).ok
    await ruled.slack.until(
        lambda: [m for m in ruled.slack.messages(MONEY) if f"<@{TOMAS.id}> asks" in m["text"]]
    )
    # The manager's turn is over.
    assert not buttons(await asked_directly(ruled, MINA, expense_id))

    assert (await ruled.slack.click(YUKI, second, "approve_expense")).ok
    assert await ruled.workflow(expense_id).result() == "COMPLETED"
    await ruled.slack.until(lambda: "finance pays" in second_now(ruled, expense_id)["text"])
    shown = second_now(ruled, expense_id)["text"]
    assert f"Approved by <@{MINA.id}>, <@{TOMAS.id}>, and <@{YUKI.id}>" in shown
    lines = [m["text"] for m in ruled.slack.messages(MONEY) if m.get("thread_ts") == second["ts"]]
    assert [line.split("asks")[0] for line in lines if "asks" in line and "for" not in line] == [
        f":speech_balloon: <@{who.id}> " for who in (MINA, TOMAS)
    ]


def second_now(h: House, expense_id: str) -> dict[str, Any]:
    return next(m for m in h.slack.messages(MONEY) if expense_id in m["text"])


async def test_the_manager_is_told_what_comes_after_them(ruled: House) -> None:
    expense_id = of(await send(ruled, BRUNO, manager=SAM.id))
    first = await asked_directly(ruled, SAM, expense_id)
    await ruled.slack.click(SAM, first, "approve_expense")
    second = await asked_in(ruled, MONEY, expense_id)
    assert (await ruled.slack.click(SAM, second, "reject_expense")).ok
    said = await ruled.slack.until(lambda: ruled.slack.ephemeral(SAM))
    assert "You have approved this already" in said[-1]["text"]
