"""The company's own words: in the form, in what people read, and in the record."""

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from bot.delivery.timing import Timing
from sandbox.slack.config import ADA, BRUNO, KIM, MANAGERS, MINA, PRIYA, SAM, TOMAS, YUKI, User
from sandbox.slack.errors import ClientRefusal
from tests.slack.listeners.conftest import id_in, say, texts_of
from tests.support.house import House, house
from tests.support.stopwatch import PATIENCE

POLICY = f"""
base_currency = "EUR"
managers = ["{MANAGERS.id}"]

[rates]
USD = "0.92"

[categories.taxi]
label = "Taxi & bus"
account = "6673"
receipt_over = 100

[categories.client_meal]
label = "Client meal"
account = "6640"
asks = ["attendees", "purpose"]

[dimensions.cost_center]
label = "Cost <center>"
file = "cost_centers.csv"
required = true

[dimensions.project]
values = ["Apollo", "Zeus"]

[people]
file = "people.csv"

[[rules]]
categories = ["taxi", "client_meal"]
[[rules.stages]]
ask = ["manager"]
"""
PEOPLE = f"""person,manager,employee_number,cost_center
{ADA.id},{MINA.id},17,42
{BRUNO.email},{SAM.email},18,43
{YUKI.id},{KIM.id},,44
{TOMAS.email.upper()},{TOMAS.id},,
{PRIYA.id},nobody@sandbox.example,,44
"""
CENTERS = "value;name\n" + "".join(f"{n};Center {n} & co\n" for n in range(250))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A policy and the files that it names."""
    folder = tmp_path_factory.mktemp("words")
    (folder / "policy.toml").write_text(POLICY)
    (folder / "people.csv").write_text(PEOPLE)
    (folder / "cost_centers.csv").write_text(CENTERS)
    return folder


@pytest.fixture(scope="module")
async def h(temporal_client: Client, folder: Path) -> AsyncIterator[House]:
    """A house with such a policy."""
    queue, policy = f"test-{uuid.uuid4()}", str(folder / "policy.toml")
    timing = Timing(policy=timedelta(seconds=0.05))
    async with house(
        temporal_client, queue, folder, timing=timing, EXPENSE_POLICY=policy
    ) as running:
        yield running


def fields(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}


async def open_form(h: House, who: User, line: str = "") -> dict[str, Any]:
    assert (await say(h, who, f"submit {line}".strip())).ok
    return await h.slack.until(lambda: h.slack.open_view(who))


def given(**changes: Any) -> dict[str, Any]:
    """What somebody fills in; the day is theirs already, which is not everybody's."""
    return {
        "amount": "42.50",
        "currency": "EUR",
        "description": "To the fair",
    } | changes


async def sent(h: House, who: User, view: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Submit a form; return the requester's message."""
    before = len(h.slack.direct_messages(who))
    assert (await h.slack.submit(who, view, given(**changes))).ok
    assert h.slack.view_errors(who) == {}
    return await h.slack.until(
        lambda: next(
            (m for m in h.slack.direct_messages(who)[before:] if "Your expense:" in m["text"]), {}
        )
    )


async def test_a_form_in_the_companys_words(h: House) -> None:
    view = await open_form(h, ADA)
    there = fields(view)
    currencies = there["currency"]["element"]["option_groups"]
    assert {one["value"] for group in currencies for one in group["options"]} == {"EUR", "USD"}
    options = there["category"]["element"]["options"]
    assert [one["text"]["text"] for one in options] == ["Taxi & bus", "Client meal"]
    assert "manager" not in there
    assert any(f"<@{MINA.id}> will be asked" in text for text in texts_of(view))
    project, center = there["dimension project"], there["dimension cost_center"]
    assert (project["label"]["text"], project["optional"]) == ("Project", True)
    assert center["label"]["text"] == "Cost <center>"
    assert center["element"]["initial_option"]["text"]["text"] == "42 Center 42 & co"
    assert not center.get("optional")

    # What the category asks comes with it, and what was filled in stays.
    ask = h.slack.click(
        ADA, view, "value", "client_meal", values={"amount": "42.50"}, block_id="category"
    )
    assert (await ask).ok
    view = h.slack.open_view(ADA) or {}
    asked = {"answer attendees": "Attendees", "answer purpose": "Purpose"}
    labels = {key: one["label"]["text"] for key, one in fields(view).items()}
    assert [*labels][:6] == [*("amount", "currency", "description", "category"), *asked]
    assert asked.items() <= labels.items()
    assert labels["dimension cost_center"] == "Cost <center>"

    found = await h.slack.suggest(ADA, view, "dimension cost_center", "center 24")
    assert [one["value"] for one in found] == ["24", *map(str, range(240, 250)), "124", "224"]
    assert len(await h.slack.suggest(ADA, view, "dimension cost_center")) == 100
    assert await h.slack.suggest(ADA, view, "dimension cost_center", "nothing") == []
    odd = {"text": found[0]["text"], "value": "9999"}
    with pytest.raises(ClientRefusal):
        await h.slack.submit(ADA, view, {"dimension cost_center": {"value": odd}})

    message = await sent(
        h,
        ADA,
        view,
        **{
            "category": "client_meal",
            "answer attendees": "Mina & Sam",
            "answer purpose": "Fair",
            "dimension cost_center": {"value": found[1]},
            "dimension project": "Zeus",
        },
    )
    told = "Client meal, spent on "
    details = "Cost <center>: 240 Center 240 & co · Project: Zeus · Attendees: Mina & Sam"
    [facts] = [text for text in texts_of(message) if text.startswith(told)]
    assert f"{details} · Purpose: Fair" in facts
    expense_id = id_in(message["text"])
    asked_message = await h.slack.until(
        lambda: next((m for m in h.slack.direct_messages(MINA) if expense_id in m["text"]), {})
    )
    assert any(details in text for text in texts_of(asked_message))
    # Screen readers get them, too, and so does the history.
    escaped = details.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert escaped in asked_message["text"]
    assert escaped in str((await say(h, ADA, f"history {expense_id}")).body)


async def test_who_is_quicker_than_slack_gets_the_fields_when_they_submit(h: House) -> None:
    h.slack.faults.add("views.update", "error", times=1)
    view = await open_form(h, ADA)
    choose = h.slack.click(ADA, view, "value", "client_meal", block_id="category")
    assert (await choose).ok
    view = h.slack.open_view(ADA) or {}
    assert "answer attendees" not in fields(view)
    assert (await h.slack.submit(ADA, view, given(category="client_meal"))).ok
    view = h.slack.open_view(ADA) or {}
    assert {"answer attendees", "answer purpose"} <= fields(view).keys()
    answers = {"answer attendees": "Ada", "answer purpose": "Fair"}
    await sent(h, ADA, view, category="client_meal", **answers)


async def test_a_line_is_understood_in_the_companys_words(h: House) -> None:
    taken = await say(h, ADA, "submit 12 EUR taxi to the fair")
    assert "Taxi &amp; bus, spent on" in taken.text
    assert "Cost &lt;center&gt;: 42 Center 42 &amp; co" in taken.text
    by_label = await say(h, ADA, "submit 12 EUR taxi & bus home")
    assert "Taxi &amp; bus, spent on" in by_label.text

    view = await open_form(h, ADA, "12 EUR client meal with Mina")
    assert fields(view)["category"]["element"]["initial_option"]["value"] == "client_meal"
    assert "Attendees" in fields(view)["answer attendees"]["hint"]["text"]
    await h.slack.close_view(ADA)
    view = await open_form(h, ADA, "12 EUR a hat")
    assert "choose a category" in fields(view)["category"]["hint"]["text"]
    await h.slack.close_view(ADA)
    # A receipt is needed above what the category says, whatever the rules say.
    view = await open_form(h, ADA, "101 EUR taxi")
    assert "receipt" in fields(view)["receipts"]["hint"]["text"]
    await h.slack.close_view(ADA)


async def test_people_and_managers_are_found_by_their_addresses(h: House) -> None:
    view = await open_form(h, BRUNO)
    assert any(f"<@{SAM.id}> will be asked" in text for text in texts_of(view))
    center = fields(view)["dimension cost_center"]["element"]
    assert center["initial_option"]["value"] == "43"
    message = await sent(h, BRUNO, view, category="taxi")
    await h.slack.until(
        lambda: any(id_in(message["text"]) in m["text"] for m in h.slack.direct_messages(SAM))
    )


@pytest.mark.parametrize(
    ("who", "words"),
    [
        (YUKI, "not a full member of this workspace any more"),
        (TOMAS, "as your own manager"),
        (PRIYA, "names nobody@sandbox.example as your manager, whom Slack does not know"),
    ],
)
async def test_where_the_list_names_nobody_who_can_be_asked_people_choose(
    h: House, who: User, words: str
) -> None:
    view = await open_form(h, who)
    assert any(words in text for text in texts_of(view))
    managers = fields(view)["manager"]["element"]["options"]
    assert {one["value"] for one in managers} == {MINA.id, SAM.id}
    [center] = await h.slack.suggest(who, view, "dimension cost_center", "249")
    message = await sent(
        h,
        who,
        view,
        category="taxi",
        manager=SAM.id,
        **{"dimension cost_center": {"value": center}},
    )
    await h.slack.until(
        lambda: any(id_in(message["text"]) in m["text"] for m in h.slack.direct_messages(SAM))
    )


async def test_the_form_follows_the_file_and_what_is_open_keeps_its_words(
    h: House, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    view = await open_form(h, ADA)
    message = await sent(h, ADA, view, category="taxi")
    policy = folder / "policy.toml"
    policy.write_text(POLICY.replace("Taxi & bus", "Cab").replace("cost_centers", "unknown"))
    async with asyncio.timeout(PATIENCE):
        while "unknown.csv: there is no such file" not in caplog.text:
            await asyncio.sleep(0.02)
    assert (await h.get("/readyz"))[0] == 200
    policy.write_text(POLICY.replace("Taxi & bus", "Cab"))
    async with asyncio.timeout(PATIENCE):
        while "the policy was read anew" not in caplog.text:
            await asyncio.sleep(0.02)
    options = fields(await open_form(h, ADA))["category"]["element"]["options"]
    assert [one["text"]["text"] for one in options] == ["Cab", "Client meal"]
    shown = await say(h, ADA, f"status {id_in(message['text'])}")
    assert "Taxi &amp; bus, spent on" in str(shown.body)
