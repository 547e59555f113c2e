"""What people do in the App Home."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect
from temporalio.client import Client

from bot import catalogue
from bot.block_kit import bulk_approval, home_tab
from sandbox.slack.config import BRUNO, FINANCE, TOMAS, User
from tests.slack.listeners.conftest import id_in, say, send_payload, submit, texts_of
from tests.support.browser import OpenPage
from tests.support.browser import browser as browser
from tests.support.browser import open_page as open_page
from tests.support.house import ADA, MINA, NOOR, SAM, House, house

APPROVE, CHOOSE = home_tab.APPROVE_SELECTED_ACTION, bulk_approval.CHOOSE_ACTION


async def open_home(h: House, who: User) -> dict[str, Any]:
    """Open the Home, and wait until it is drawn anew."""
    before = h.slack.home(who)
    seen = before["hash"] if before else None
    ack = await h.slack.open_home(who)
    assert ack
    assert ack.ok
    return await drawn(h, who, seen)


async def drawn(h: House, who: User, seen: str | None) -> dict[str, Any]:
    """Wait until the Home is another one."""
    return await h.slack.until(
        lambda: (view := h.slack.home(who)) and view["hash"] != seen and view
    )


def options(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The checkboxes of a Home, by expense."""
    return {
        option["value"]: option
        for block in view["blocks"]
        for element in block.get("elements", [])
        if element.get("action_id") == CHOOSE
        for option in element["options"]
    }


async def home_with(h: House, who: User, *expense_ids: str) -> dict[str, Any]:
    """Open the Home and page until some expenses are on it."""
    view = await open_home(h, who)
    while not set(expense_ids) <= set(options(view)):
        assert "home_waiting_next" in str(view["blocks"]), "they are on no page"
        assert (await h.slack.click(who, view, "home_waiting_next")).ok
        view = await drawn(h, who, view["hash"])
    return view


async def approve(h: House, who: User, view: dict[str, Any], *expense_ids: str) -> list[str]:
    """Tick some expenses and approve them; say what the answer says."""
    assert (await h.slack.click(who, view, CHOOSE, list(expense_ids))).ok
    assert (await h.slack.click(who, view, APPROVE)).ok
    return await answer(h, who)


async def answer(h: House, who: User) -> list[str]:
    """Read the modal that answers, and close it."""
    modal = h.slack.open_view(who)
    assert modal, "whoever is acknowledged has been told"
    await h.slack.close_view(who)
    return [modal["title"]["text"], *texts_of(modal)]


@pytest.fixture(autouse=True)
async def nothing_waits(h: House) -> Any:
    """Take away what a test leaves, so that every test's expenses are on the first page."""
    yield
    h.slack.faults.clear()
    view = await open_home(h, SAM)
    while found := options(view):
        await approve(h, SAM, view, *found)
        view = await open_home(h, SAM)


# What is on it


async def test_a_manager_sees_what_waits_and_since_when(h: House, person: User) -> None:
    expense_id = await submit(h, person, "1234.50 EUR Team lunch")
    view = await open_home(h, MINA)
    assert "Waiting for you" in texts_of(view)
    assert "*1 expense*" in texts_of(view)
    option = options(view)[expense_id]
    assert option["text"] == {
        "type": "mrkdwn",
        "text": f"*1\u202f234,50\xa0€* · <@{person.id}>",  # as she reads it, in French
        "verbatim": True,
    }
    assert re.fullmatch(
        r"Team lunch · Other · waiting (less than a|1) minute", option["description"]["text"]
    )
    assert option["description"]["type"] == "plain_text"


async def test_nobody_else_has_that_list(h: House, person: User, other: User) -> None:
    await submit(h, person)
    for who in (person, other, NOOR):
        view = await open_home(h, who)
        assert not options(view)
        assert "Waiting for you" not in texts_of(view)
        assert "approve_selected" not in str(view)


async def test_their_own_is_not_among_what_waits(h: House) -> None:
    expense_id = await submit(h, MINA)
    assert expense_id not in options(await open_home(h, MINA))
    assert expense_id in options(await open_home(h, SAM))


@pytest.mark.parametrize("typed", ["*bold* <!channel> @everyone", "x" * 300, "👩‍💻" * 60])
async def test_what_is_typed_stays_text(h: House, person: User, typed: str) -> None:
    expense_id = await submit(h, person, f"1 EUR {typed}")
    option = options(await open_home(h, MINA))[expense_id]
    shown = option["description"]["text"].split(" · ")[0]
    assert shown == typed or (shown.endswith("…") and typed.startswith(shown[:-1]))
    assert option["description"]["emoji"] is False


@pytest.mark.usefixtures("same_day")
async def test_this_month_is_added_up(h: House, person: User) -> None:
    for line in ("10.50 EUR a", "0.20 EUR b", "5 USD c"):
        expense_id = await submit(h, person, line)
    view = await home_with(h, MINA, expense_id)
    await approve(h, MINA, view, *[id for id in options(view) if id != expense_id])
    view = await open_home(h, person)
    assert (
        "This month you asked for 3 expenses (€10.70 and US$5.00). "
        "Approved or paid: 2 expenses (€10.70). Rejected: 0 expenses." in texts_of(view)
    )
    assert any(
        re.match(r"This month you approved [\d,]+ expenses? \(.*\) and rejected 0 expenses", text)
        for text in texts_of(await open_home(h, MINA))
    )


async def test_who_stands_in_for_whom_is_said(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    lunch_of_mina = await submit(h, MINA)
    said = await say(h, MINA, "delegate @noor for 3 days")
    assert "decides" in said.text
    try:
        shown = options(view := await open_home(h, NOOR))
        assert shown[expense_id]["text"]["text"].endswith(f" for <@{MINA.id}>")
        assert lunch_of_mina not in shown
        assert any(
            text.startswith(f"You decide for <@{MINA.id}> until <!date^") for text in texts_of(view)
        )
        assert any(
            text.startswith(f"<@{NOOR.id}> decides for you until <!date^")
            for text in texts_of(await open_home(h, MINA))
        )
        assert "*You approved 1 expense.*" in str(await approve(h, NOOR, view, expense_id))
    finally:
        await say(h, MINA, "delegate stop")
    await open_home(h, NOOR)
    # The Home that the approval drew may come in between, and is drawn once more then.
    assert await h.slack.until(lambda: "Waiting for you" not in texts_of(h.slack.home(NOOR) or {}))


async def test_a_home_without_an_answer_about_rights_shows_ones_own(h: House, person: User) -> None:
    await submit(h, person)
    h.slack.faults.add("users.info", "error")
    h.slack.faults.add("usergroups.users.list", "error")
    who = User("U0NEWCOMER1", "newcomer", "New Comer")
    h.slack.workspace.users[who.id] = who
    view = await open_home(h, who)
    assert catalogue.say("home-unknown") in texts_of(view)
    assert "Your expenses" in texts_of(view)


# Approving several


async def test_several_are_approved_with_one_click(h: House, person: User) -> None:
    first, second, third = [await submit(h, person, f"1 EUR {name}") for name in "abc"]
    view = await open_home(h, MINA)
    assert (await h.slack.click(MINA, view, CHOOSE, [first, third])).ok
    assert (await h.slack.click(MINA, view, APPROVE)).ok
    # Durable before the acknowledgement, and told.
    assert {await h.status(id) for id in (first, third)} <= {"APPROVED", "COMPLETED"}
    assert await answer(h, MINA) == ["Approved", ":white_check_mark: *You approved 2 expenses.*"]
    assert list(options(await drawn(h, MINA, view["hash"]))) == [second]
    assert await h.status(second) == "CREATED"
    for id in (first, third):
        assert await h.workflow(id).result() == "COMPLETED"
        await h.slack.until(lambda id=id: f"Approved by <@{MINA.id}>" in h.message(id)["text"])


async def test_a_whole_page_is_approved_within_slack_s_patience(h: House, person: User) -> None:
    ids = [await submit(h, person, f"1 EUR {number}") for number in range(11)]
    view = await open_home(h, MINA)
    assert list(options(view)) == ids[:10]
    assert "*1–10 of 11*" in texts_of(view)
    assert (await h.slack.click(MINA, view, CHOOSE, ids[:10])).ok
    ack = await h.slack.click(MINA, view, APPROVE)
    assert ack.ok
    assert ack.seconds < 3
    assert "*You approved 10 expenses.*" in str(await answer(h, MINA))
    assert list(options(await drawn(h, MINA, view["hash"]))) == ids[10:]


async def test_what_could_not_be_approved_is_told_with_the_reason(h: House, person: User) -> None:
    mine, theirs = [await submit(h, person, f"1 EUR {name}") for name in ("mine", "theirs")]
    view = await open_home(h, MINA)
    await h.slack.click(SAM, h.message(theirs), "approve_expense")
    said = await approve(h, MINA, view, mine, theirs)
    assert said[:3] == [
        "Not all approved",
        ":white_check_mark: *You approved 1 expense.*",
        ":warning: *1 expense could not be approved:*",
    ]
    assert f"<@{person.id}>\nThis expense has already been approved by <@{SAM.id}>" in said[3]
    assert "nothing was changed" in said[3]
    assert said[4].startswith("theirs · Other")
    assert not options(await open_home(h, MINA))


async def test_nothing_selected_changes_nothing(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    view = await open_home(h, MINA)
    assert (await h.slack.click(MINA, view, APPROVE)).ok
    assert catalogue.say("nothing-selected") in await answer(h, MINA)
    assert await h.status(expense_id) == "CREATED"


async def test_the_same_click_again_is_no_mistake(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    view = await open_home(h, MINA)
    await approve(h, MINA, view, expense_id)
    # Her client had not drawn the new Home yet.
    status, _ = await clicked(h, MINA, view, APPROVE, [options(view)[expense_id]])
    assert status == 200
    assert await answer(h, MINA) == ["Approved", "You had approved 1 expense already."]
    assert await h.workflow(expense_id).result() == "COMPLETED"


async def test_two_managers_at_once_are_one_decision(h: House, person: User) -> None:
    ids = [await submit(h, person, f"1 EUR {number}") for number in range(4)]
    homes = {who: await open_home(h, who) for who in (MINA, SAM)}
    said = await asyncio.gather(*(approve(h, who, view, *ids) for who, view in homes.items()))
    approved = [
        int(found) for found in re.findall(r"You approved (\d|no) ", str(said)) if found != "no"
    ]
    assert sum(approved) == 4
    for id in ids:
        assert await h.workflow(id).result() == "COMPLETED"


async def clicked(
    h: House,
    who: User,
    view: dict[str, Any],
    action_id: str,
    selected: list[dict[str, Any]],
    **action: Any,
) -> tuple[int, str]:
    """Send a click of somebody on a Home, with ticks of their own making."""
    ticked = {"type": "checkboxes", "selected_options": selected}
    return await send_payload(
        h,
        {
            "type": "block_actions",
            "user": {"id": who.id},
            "trigger_id": h.slack.views.trigger(who.id),
            "container": {"type": "view", "view_id": view["id"]},
            "view": {**view, "state": {"values": {"waiting": {CHOOSE: ticked}}}},
            "actions": [{"type": "button", "block_id": "x", "action_id": action_id, **action}],
        },
    )


async def test_forged_ticks_are_refused_as_single_clicks_are(h: House, person: User) -> None:
    expense_id, own = await submit(h, person), await submit(h, MINA)
    view = await open_home(h, MINA)
    tick = options(view)[expense_id]
    for who in (NOOR, person):
        assert (await clicked(h, who, view, APPROVE, [tick]))[0] == 200
        said = await answer(h, who)
        assert said[0] == "Not all approved"
        assert re.search("not an approver|your own expense", said[3])
    # What is not on her page, may she decide it or not.
    others = ["x" * 500, "NOSUCHTHING0", own]
    forged = [{**tick, "value": value} for value in others]
    assert (await clicked(h, MINA, view, APPROVE, forged))[0] == 200
    said = await answer(h, MINA)
    assert said[2] == ":warning: *3 expenses could not be approved:*"
    assert "You cannot decide your own expense" in str(said)
    assert (await clicked(h, MINA, {**view, "blocks": []}, APPROVE, [tick]))[0] == 200
    assert catalogue.say("no-longer-there") in str(await answer(h, MINA))
    assert [await h.status(id) for id in (expense_id, own)] == ["CREATED"] * 2


async def test_no_click_decides_more_than_a_page(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    view = await open_home(h, MINA)
    tick = options(view)[expense_id]
    many = [*({**tick, "value": f"NO{number}"} for number in range(1000)), tick]
    assert (await clicked(h, MINA, view, APPROVE, many))[0] == 200
    assert "*10 expenses could not be approved:*" in str(await answer(h, MINA))
    assert await h.status(expense_id) == "CREATED"


async def test_ticks_of_a_long_id_find_their_expense(h: House) -> None:
    long = f"{'order ' * 30}<!channel>"
    assert (await h.get("/create", id=long, is_api_call="true"))[1] == "SUCCEED"
    form = {"task_token": b"token".hex()}
    assert (await h.post("/registerCallback", form, id=long))[1] == "SUCCEED"
    view = await open_home(h, MINA)
    [(value, option)] = options(view).items()
    assert option["text"]["text"] == "Another system"
    assert option["description"]["text"].split(", id ")[1].startswith("order order")
    assert "*You approved 1 expense.*" in str(await approve(h, MINA, view, value))
    assert await h.status(long) == "APPROVED"


@pytest.mark.parametrize("fault", ["error", "ratelimited", "hang"])
async def test_results_that_cannot_be_shown_are_written(h: House, person: User, fault: str) -> None:
    expense_id = await submit(h, person)
    view = await open_home(h, MINA)
    assert (await h.slack.click(MINA, view, CHOOSE, [expense_id])).ok
    h.slack.faults.add("views.open", fault, times=1)  # type: ignore[arg-type]
    assert (await h.slack.click(MINA, view, APPROVE)).ok  # within Slack's 3 s
    assert h.slack.direct_messages(MINA)[-1]["text"] == (
        ":white_check_mark: *You approved 1 expense.*"
    )


RULES = f"""
base_currency = "EUR"
[[rules]]
over = 100
[[rules.stages]]
ask = ["{FINANCE.id}"]
needed = 2
"""


@pytest.fixture
async def ruled(
    temporal_client: Client, task_queue: str, tmp_path: Path, postgres_url: str
) -> AsyncIterator[House]:
    """A house with a policy, on PostgreSQL."""
    file = tmp_path / "policy.toml"
    file.write_text(RULES)
    settings = {"EXPENSE_POLICY": str(file), "DATABASE_URL": postgres_url}
    key = "a secret of thirty-two characters"
    async with house(
        temporal_client, task_queue, tmp_path, EXPENSE_ENCRYPTION_KEY=key, **settings
    ) as running:
        yield running


@pytest.mark.usefixtures("same_day")
async def test_several_have_to_agree_and_each_does_in_their_home(ruled: House) -> None:
    h = ruled
    small = await submit(h, ADA, "99 EUR Chair")
    large = id_in((await say(h, ADA, "submit 101 EUR Desk")).text)
    await h.slack.until(lambda: large in str(h.slack.direct_messages(TOMAS)))
    first, second, manager = [await open_home(h, who) for who in (NOOR, TOMAS, MINA)]
    assert [list(options(view)) for view in (first, second, manager)] == [[large], [large], [small]]
    assert (await approve(h, NOOR, first, large))[1:] == [
        ":white_check_mark: *You approved 1 expense* that others have to approve, too."
    ]
    assert await h.status(large) == "CREATED"
    tick = [options(first)[large]]
    assert (await clicked(h, NOOR, first, APPROVE, tick))[0] == 200
    assert await answer(h, NOOR) == ["Approved", "You had approved 1 expense already."]
    assert not options(await open_home(h, NOOR))
    assert "*You approved 1 expense.*" in str(await approve(h, TOMAS, second, large))
    assert "*You approved 1 expense.*" in str(await approve(h, MINA, manager, small))
    for id in (large, small):
        assert await h.workflow(id).result() == "COMPLETED"
    assert any(
        text.startswith("This month you asked for 2 expenses (€200.00). Approved or paid: 2")
        for text in texts_of(await open_home(h, ADA))
    )


async def test_doubt_approves_nothing_and_is_told(h: House, person: User, other: User) -> None:
    """Slack does not say who somebody is, who was just now an approver."""
    expense_id = await submit(h, person)
    view = await open_home(h, MINA)
    h.slack.faults.add("users.info", "hang")
    h.slack.faults.add("usergroups.users.list", "hang")
    tick = options(view)[expense_id]
    assert (await clicked(h, other, view, APPROVE, [tick]))[0] == 200
    h.slack.faults.clear()
    said = str(await answer(h, other))
    assert catalogue.say("try-again") in said or "not an approver" in said
    assert await h.status(expense_id) == "CREATED"


# Paging, withdrawing, redrawing


async def test_mine_are_paged_too(h: House, person: User) -> None:
    for number in range(11):
        await say(h, person, f"submit 1 EUR number {number}")
    view = await open_home(h, person)
    assert "*1–10 of 11*" in texts_of(view)
    assert "number 0 " not in str(texts_of(view))
    assert (await h.slack.click(person, view, "home_mine_next")).ok
    second = await drawn(h, person, view["hash"])
    assert "*11–11 of 11*" in texts_of(second)
    assert "number 0 " in str(texts_of(second))
    assert "home_mine_next" not in str(second)
    # Doing something there leaves them where they are.
    assert (await h.slack.click(person, second, "withdraw_expense")).ok
    third = await drawn(h, person, second["hash"])
    assert "*11–11 of 11*" in texts_of(third)
    assert any("*Withdrawn*" in text for text in texts_of(third))
    assert (await h.slack.click(person, third, "home_mine_previous")).ok
    assert "*1–10 of 11*" in texts_of(await drawn(h, person, third["hash"]))


@pytest.mark.parametrize("value", ["99999", "100000", "-1", "x", "1e3", "٣"])
async def test_a_page_that_does_not_exist_is_the_nearest(
    h: House, person: User, value: str
) -> None:
    await say(h, person, "submit 1 EUR Tea")
    view = await open_home(h, person)
    status, _ = await clicked(h, person, view, "home_mine_next", [], value=value)
    assert status == 200
    assert "*1 expense*" in texts_of(await drawn(h, person, view["hash"]))


async def test_an_expense_is_withdrawn_in_home(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    view = await open_home(h, person)
    assert (await h.slack.click(person, view, "withdraw_expense")).ok
    assert await h.status(expense_id) == "WITHDRAWN"
    assert h.slack.open_view(person) is None
    view = await drawn(h, person, view["hash"])
    assert any("*Withdrawn*" in text for text in texts_of(view))
    assert "withdraw_expense" not in str(view)
    assert (await h.slack.click(person, view, "resubmit_expense")).ok
    assert h.slack.open_view(person)
    await h.slack.close_view(person)


async def test_what_is_decided_meanwhile_is_not_withdrawn(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    view = await open_home(h, person)
    await h.slack.click(MINA, h.message(expense_id), "approve_expense")
    assert (await h.slack.click(person, view, "withdraw_expense")).ok
    assert f"already been approved by <@{MINA.id}>" in str(await answer(h, person))
    assert "withdraw_expense" not in str(await drawn(h, person, view["hash"]))


async def test_a_home_that_was_drawn_meanwhile_is_drawn_once_more(h: House, person: User) -> None:
    await say(h, person, "submit 1 EUR Tea")
    view = await open_home(h, person)
    stale = {**view, "hash": "1.stale"}
    before = len(h.slack.calls_of("views.publish"))
    await clicked(h, person, stale, "home_mine_next", [], value="0")
    await drawn(h, person, view["hash"])
    assert len(h.slack.calls_of("views.publish")) == before + 2


async def test_a_home_that_cannot_be_drawn_does_not_undo_the_click(
    h: House, person: User, caplog: pytest.LogCaptureFixture
) -> None:
    expense_id = await submit(h, person)
    view = await open_home(h, MINA)
    h.slack.faults.add("views.publish", "error")
    assert "*You approved 1 expense.*" in str(await approve(h, MINA, view, expense_id))
    await h.slack.until(lambda: "a home could not be drawn" in caplog.text)
    assert "Traceback" not in caplog.text


# With a browser


async def test_several_are_ticked_and_approved_in_the_page(
    h: House, person: User, open_page: OpenPage
) -> None:
    ids = [await submit(h, person, f"{number + 1} EUR Lunch {number}") for number in range(3)]
    window = await open_page(h.slack, MINA, "home")
    page = window.page
    for number in (0, 2):
        await page.get_by_role("checkbox", name=f"Lunch {number}").check()
    await window.button("Approve selected expenses").click()
    question = page.get_by_role("alertdialog", name="Approve what you selected?")
    await expect(question).to_contain_text("in your name")
    await question.get_by_role("button", name="Cancel").click()
    assert [await h.status(id) for id in ids] == ["CREATED"] * 3
    await window.button("Approve selected expenses").click()
    await question.get_by_role("button", name="Approve").click()
    await expect(window.dialog).to_contain_text("You approved 2 expenses.")
    await window.dialog.get_by_role("button", name="Close").first.click()
    await expect(page.get_by_role("checkbox")).to_have_count(1)
    assert await h.status(ids[1]) == "CREATED"


async def test_pages_are_turned_in_the_page(h: House, open_page: OpenPage) -> None:
    for number in range(12):
        await submit(h, BRUNO, f"{number + 1} EUR Lunch {number}")
    window = await open_page(h.slack, MINA, "home")
    await expect(window.page.get_by_text("1–10 of 12")).to_be_visible()
    await window.button("Next page of what waits for you").click()
    await expect(window.page.get_by_role("checkbox")).to_have_count(2)
    await window.button("Previous page of what waits for you").click()
    await expect(window.page.get_by_role("checkbox")).to_have_count(10)
