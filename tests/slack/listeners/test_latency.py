"""Everything works while each call to Slack takes as long as it does in reality, or longer."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio.client import Client

from bot import catalogue
from bot.block_kit.bulk_approval import CHOOSE_ACTION
from bot.block_kit.home_tab import APPROVE_SELECTED_ACTION
from bot.slack.command_parser import get_ready
from sandbox import Sandbox, WorkspaceConfig
from sandbox.slack.config import ADA, BRUNO, GRETA, User, UserGroup
from tests.slack.listeners.conftest import id_in
from tests.support.days import today
from tests.support.house import House, house
from tests.support.ruled import REJECT, asked, policy

pytestmark = [pytest.mark.usefixtures("same_day"), pytest.mark.long]

LATENCY = 0.5
MANAGERS = tuple(User(f"U0MANAGER{n:02}", f"manager{n}", f"Manager {n:02}") for n in range(30))
STAFF = UserGroup("S0STAFF0001", "staff", "Staff", (ADA.id, BRUNO.id))
GROUPS = tuple(
    UserGroup(f"S0LEADS000{n}", f"leads{n}", f"Leads {n}", tuple(one.id for one in some))
    for n, some in enumerate((MANAGERS[:10], MANAGERS[10:20], MANAGERS[20:]))
)
LEADS = ", ".join(f'"{group.id}"' for group in GROUPS)
POLICY = f"""
managers = [{LEADS}]
[[rules]]
name = "staff"
requesters = ["{STAFF.id}"]
[[rules.stages]]
ask = ["manager"]
[[rules]]
name = "others"
[[rules.stages]]
ask = [{LEADS}]
channel = "C0APPR0VLS1"
"""


@pytest.fixture
async def h(
    temporal_client: Client, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """A house that has just been opened, far away from Slack."""
    await asyncio.to_thread(get_ready)  # on a busy machine it takes more than Slack's three seconds
    folder = tmp_path_factory.mktemp("far")
    config = WorkspaceConfig(
        users=(ADA, BRUNO, GRETA, *MANAGERS),
        user_groups=(*GROUPS, STAFF),
        latency_seconds=LATENCY,
    )
    async with (
        Sandbox.start(config) as slack,
        house(
            temporal_client,
            f"test-{uuid.uuid4()}",
            folder,
            slack=slack,
            EXPENSE_POLICY=policy(folder, rules=POLICY),
            EXPENSE_APPROVERS=GROUPS[0].id,
        ) as running,
    ):
        yield running


def filled(manager: User) -> dict[str, Any]:
    return {
        "amount": "42.50",
        "currency": "EUR",
        "description": "Team lunch",
        "category": "meals",
        "spent_on": today().isoformat(),
        "manager": manager.id,
    }


async def test_the_first_form_is_open_and_nobody_reads_otherwise(h: House) -> None:
    ack = await h.slack.command(ADA, "/expense", "submit")
    assert (ack.ok, ack.text) == (True, "")
    view = h.slack.open_view(ADA)
    assert view
    [menu] = [block for block in view["blocks"] if block["block_id"] == "manager"]
    assert len(menu["element"]["options"]) == len(MANAGERS)
    assert h.slack.ephemeral(ADA) == []

    # The manager has never done anything either.
    assert (await h.slack.submit(ADA, view, filled(MANAGERS[7]))).ok
    assert h.slack.view_errors(ADA) == {}
    [mine] = await h.slack.until(lambda: h.slack.direct_messages(ADA))
    message = await asked(h, MANAGERS[7], id_in(mine["text"]))
    assert (await h.slack.click(MANAGERS[7], message, REJECT)).ok
    form = h.slack.open_view(MANAGERS[7])
    assert form
    assert h.slack.ephemeral(MANAGERS[7]) == []
    assert (await h.slack.submit(MANAGERS[7], form, {"reason": "Too expensive"})).ok
    await h.until_status(id_in(mine["text"]), "REJECTED")


async def test_a_delegate_decides(h: House) -> None:
    manager = MANAGERS[25]
    ack = await h.slack.command(manager, "/expense", f"delegate @{BRUNO.name} until tomorrow")
    assert f"<@{BRUNO.id}>" in (ack.text or ""), ack
    ack = await h.slack.command(GRETA, "/expense", "submit 42.50 EUR Team lunch")
    expense_id = id_in(ack.text)
    message = await asked(h, BRUNO, expense_id)
    assert (await h.slack.click(BRUNO, message, REJECT)).ok
    assert h.slack.open_view(BRUNO)
    assert h.slack.ephemeral(BRUNO) == []
    await h.slack.close_view(BRUNO)
    assert (await h.slack.command(GRETA, "/expense", f"history {expense_id}")).ok

    await h.slack.open_home(BRUNO)
    await h.slack.until(lambda: expense_id in str(h.slack.home(BRUNO)))
    home = h.slack.home(BRUNO)
    assert home
    assert (await h.slack.click(BRUNO, home, CHOOSE_ACTION, [expense_id])).ok
    assert (await h.slack.click(BRUNO, home, APPROVE_SELECTED_ACTION)).ok
    results = h.slack.open_view(BRUNO)
    assert results
    assert "You approved 1 expense." in str(results["blocks"])
    await h.until_status(expense_id, "COMPLETED")


async def test_names_are_given_up_before_the_form(h: House) -> None:
    h.slack.faults.add("users.info", "slow", seconds=2)
    ack = await h.slack.command(ADA, "/expense", "submit")
    assert (ack.ok, ack.text) == (True, "")
    view = h.slack.open_view(ADA)
    assert view
    [menu] = [block for block in view["blocks"] if block["block_id"] == "manager"]
    names = {option["text"]["text"] for option in menu["element"]["options"]}
    assert names == {manager.id for manager in MANAGERS}


async def test_managers_whom_nobody_knows_yet_keep_no_form_closed(h: House) -> None:
    h.slack.faults.add("usergroups.users.list", "slow", seconds=2)
    ack = await h.slack.command(ADA, "/expense", "submit")
    assert (ack.ok, ack.text) == (True, "")
    view = h.slack.open_view(ADA)
    assert view
    assert "Slack has not yet told me who all the managers are." in str(view["blocks"])


async def test_of_a_form_that_opens_late_nobody_reads_that_it_is_not_open(h: House) -> None:
    # Slack opens it within its three seconds, and we do not wait for its answer.
    h.slack.faults.latency = 2.4
    ack = await h.slack.command(ADA, "/expense", "submit")
    assert (ack.ok, ack.text) == (True, catalogue.say("form-may-be-open"))
    h.slack.faults.latency = 0.1
    await h.slack.until(lambda: h.slack.open_view(ADA))
    assert (await h.slack.command(ADA, "/expense", f"status {uuid.uuid4()}")).ok
