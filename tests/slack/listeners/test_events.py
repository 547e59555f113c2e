"""Events from Slack."""

import json
from typing import Any

import pytest

from sandbox.slack.config import User
from tests.slack.listeners.conftest import HARMLESS, say, texts_of
from tests.support.house import House


async def open_home(h: House, who: User) -> dict[str, Any]:
    ack = await h.slack.open_home(who)
    assert ack
    assert ack.ok
    return await h.slack.until(lambda: h.slack.home(who))


async def test_an_empty_home_offers_a_new_expense(h: House, person: User) -> None:
    view = await open_home(h, person)
    assert "You have not submitted any expense yet." in texts_of(view)


async def test_the_home_lists_mine_newest_first(h: House, person: User, other: User) -> None:
    await say(h, person, "submit 1 EUR one")
    await say(h, person, "submit 1 EUR two")
    await say(h, other, "submit 1 EUR theirs")
    lines = [text for text in texts_of(await open_home(h, person)) if " · " in text]
    assert [line.split(" · ")[1] for line in lines] == ["two", "one"]


async def test_the_home_takes_more_of_the_longest_expenses_than_it_shows(
    h: House, person: User
) -> None:
    for number in range(21):
        await say(h, person, f"submit 999999999 EUR {number:02}{'&' * 498}")
    lines = [text for text in texts_of(await open_home(h, person)) if " · " in text]
    assert len(lines) == 10


@pytest.mark.parametrize("typed", ["*bold* <!channel> @everyone", HARMLESS[:140].strip()])
async def test_what_is_typed_stays_text_in_the_home(h: House, person: User, typed: str) -> None:
    await say(h, person, f"submit 1 EUR {typed}")
    view = await open_home(h, person)
    [line] = [
        element
        for block in view["blocks"]
        for element in block.get("elements", [])
        if element["type"] == "plain_text"
    ]
    assert f" · {typed} · " in line["text"]
    assert line["emoji"] is False


async def test_the_home_is_drawn_anew_each_time(h: House, person: User) -> None:
    await open_home(h, person)
    await say(h, person, "submit 1 EUR Tea")
    await h.slack.open_home(person)
    await h.slack.until(lambda: any("Tea" in text for text in texts_of(h.slack.home(person) or {})))


@pytest.mark.parametrize("tab", ["messages", "", "about"])
async def test_other_tabs_are_left_alone(h: House, person: User, tab: str) -> None:
    event = {"type": "app_home_opened", "user": person.id, "channel": "D1", "tab": tab}
    body = json.dumps(
        {
            "type": "event_callback",
            "team_id": h.slack.config.team_id,
            "api_app_id": h.slack.config.app_id,
            "event": event,
        }
    ).encode()
    headers = {"Content-Type": "application/json", **h.slack.sign(body)}
    assert (await h.post("/slack/events", body, headers))[0] == 200
    assert h.slack.home(person) is None


@pytest.mark.parametrize("fault", ["error", "ratelimited", "lost"])
async def test_a_home_that_cannot_be_drawn_is_drawn_the_next_time(
    h: House, person: User, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    h.slack.faults.add("views.publish", fault, times=1)  # type: ignore[arg-type]
    ack = await h.slack.open_home(person)
    assert ack
    assert ack.ok
    await h.slack.until(lambda: "home" in caplog.text)
    assert "Traceback" not in caplog.text
    await open_home(h, person)
