"""What finance and auditors do in Slack, and what others do not learn."""

from typing import Any

import pytest

from bot import catalogue
from sandbox.slack.config import BRUNO, User
from tests.slack.listeners.conftest import HARMLESS, id_in, say, submit, texts_of
from tests.slack.listeners.test_home import open_home
from tests.support.house import MINA, NOOR, House

SETTINGS = {"EXPENSE_FINANCE": NOOR.id, "EXPENSE_AUDITORS": BRUNO.id}
READERS = pytest.mark.parametrize("reader", [NOOR, BRUNO], ids=["finance", "auditor"])
UNKNOWN = f"I do not know “find”. {catalogue.say('help')}"


def found(h: House, who: User) -> dict[str, Any]:
    """The newest message that only this person sees."""
    return h.slack.ephemeral(who)[-1]


def buttons(place: dict[str, Any], action: str) -> list[dict[str, Any]]:
    """The buttons beside paragraphs, in their order."""
    beside = [block["accessory"] for block in place["blocks"] if "accessory" in block]
    return [button for button in beside if button["action_id"] == action]


async def test_nobody_else_learns_that_one_can_find(h: House, person: User) -> None:
    for who in (person, MINA):
        for text in ("find", f"find @{person.name}"):
            assert (await say(h, who, text)).text == UNKNOWN
        assert (await say(h, who, "help")).text == catalogue.say("help")
        assert "Finance" not in texts_of(await open_home(h, who))
    help_of_reader = (await say(h, NOOR, "help")).text
    assert help_of_reader.startswith(catalogue.say("help"))
    assert "/expense find @person november approved" in help_of_reader


@READERS
async def test_what_is_found_opens_its_history(h: House, person: User, reader: User) -> None:
    expense_id = await submit(h, person, f"42.50 EUR {HARMLESS}")
    ack = await say(h, reader, f"find @{person.name} waiting")
    assert ack.ok
    assert f"<@{person.id}>, waiting" in ack.text
    assert expense_id in ack.text
    message = found(h, reader)
    assert [one["value"] for one in buttons(message, "show_history")] == [expense_id]
    assert (await h.slack.click(reader, message, "show_history")).ok
    view = h.slack.open_view(reader)
    assert view
    assert any("submitted it" in text for text in texts_of(view))
    said = await say(h, reader, f"history {expense_id}")
    assert "submitted it" in said.text
    assert expense_id in (await say(h, reader, f"status {expense_id}")).text


async def test_older_ones_are_shown_page_by_page(h: House, person: User) -> None:
    ids = [id_in((await say(h, person, f"submit {n}.00 EUR Tea")).text) for n in range(1, 13)]
    assert (await say(h, NOOR, f"find @{person.name}")).ok
    newest = found(h, NOOR)
    assert [one["value"] for one in buttons(newest, "show_history")] == ids[:1:-1]
    assert (await h.slack.click(NOOR, newest, "find_older")).ok
    older = found(h, NOOR)
    assert [one["value"] for one in buttons(older, "show_history")] == ids[1::-1]
    assert "find_older" not in str(older)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("find", "Please write what to look for, in any combination, such as `/expense find"),
        ("find @ghost", "I do not know who “@ghost” is. Please choose a person"),
        ("find paid lunch tea", "I do not understand “lunch tea”"),
        ("find NOSUCHID", "Nothing was found: “NOSUCHID”. A number or an id has to"),
        ("find 2001-01", "Nothing was found: submitted in January 2001."),
    ],
)
async def test_what_cannot_be_found_is_said_with_what_to_write(
    h: House, text: str, said: str
) -> None:
    ack = await say(h, NOOR, text)
    assert ack.ok
    assert ack.text.startswith(said)


async def test_the_home_says_what_is_to_be_paid_and_what_went_wrong(h: House) -> None:
    home = await open_home(h, NOOR)
    said = texts_of(home)
    assert "Finance" in said
    assert "*Nothing is to be paid.*" in said
    assert "No payment is refused, and nothing is stuck." in said
