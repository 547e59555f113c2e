"""Who is asked where, as people see it in Slack."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from bot.domain.approval_plan import Stage
from bot.domain.errors import TryAgain, Unanswered
from bot.slack.recipients import MOST, Recipients
from sandbox.slack.config import (
    ADA,
    FINANCE,
    GRETA,
    KIM,
    LEE,
    MANAGERS,
    MONEY,
    NOOR,
    TOMAS,
    YUKI,
    User,
)
from tests.support.house import APPROVALS, MINA, SAM, House
from tests.support.plans import asking, planned
from tests.support.rooms import rooms
from tests.support.ruled import (
    APPROVE,
    Ruled,
    asked,
    asked_in,
    direct,
    has_buttons,
    in_channel,
    ruled_houses,
    submitted,
    thread,
)

MANAGERS_ASKED = f'ask = ["{MANAGERS.id}"]'
TWO_OF_FINANCE = f'ask = ["{FINANCE.id}"]\nneeded = 2\nchannel = "{MONEY.id}"'


@pytest.fixture
def ruled(temporal_client: Client, task_queue: str, tmp_path: Path) -> Ruled:
    return ruled_houses(temporal_client, task_queue, tmp_path)


async def delegate(here: House, person: User, to: User) -> None:
    ack = await here.slack.command(person, "/expense", f"delegate @{to.name} until tomorrow")
    assert ack.ok, ack
    assert to.id in (ack.text or ""), ack.text


async def test_a_policy_without_a_channel_asks_in_direct_messages(ruled: Ruled) -> None:
    async with ruled(MANAGERS_ASKED) as here:
        expense_id = await submitted(here)
        first, second = [await asked(here, who, expense_id) for who in (MINA, SAM)]
        assert first["channel"] != second["channel"] if "channel" in first else True
        assert (await here.slack.click(SAM, second, APPROVE)).ok
        assert await here.workflow(expense_id).result() == "COMPLETED"
        await here.slack.until(
            lambda: all(
                "finance pays" in direct(here, who, expense_id)[0]["text"] for who in (MINA, SAM)
            )
        )
        assert not any(has_buttons(direct(here, who, expense_id)[0]) for who in (MINA, SAM))
        assert here.slack.messages(APPROVALS) == []


async def test_a_new_stage_closes_the_messages_of_the_former(ruled: Ruled) -> None:
    async with ruled(MANAGERS_ASKED, TWO_OF_FINANCE) as here:
        expense_id = await submitted(here)
        assert (await here.slack.click(MINA, await asked(here, MINA, expense_id), APPROVE)).ok
        second = await asked_in(here, MONEY, expense_id)
        # Whoever was asked before sees what became of it, and has nothing to click.
        for who in (MINA, SAM):
            [message] = direct(here, who, expense_id)
            assert not has_buttons(message)
            assert f"Approved by <@{MINA.id}> so far" in message["text"]
        assert (await here.slack.click(NOOR, second, APPROVE)).ok
        assert (await here.slack.click(NOOR, second, APPROVE)).ok
        said = await here.slack.until(lambda: here.slack.ephemeral(NOOR))
        assert "already" in said[0]["text"]
        assert (await here.slack.click(YUKI, second, APPROVE)).ok
        assert await here.workflow(expense_id).result() == "COMPLETED"
        await here.slack.until(
            lambda: (
                "finance pays" in in_channel(here, MONEY, expense_id)[0]["text"]
                and all(
                    "finance pays" in direct(here, who, expense_id)[0]["text"]
                    for who in (MINA, SAM)
                )
            )
        )
        assert len(in_channel(here, MONEY, expense_id)) == 1
        assert direct(here, TOMAS, expense_id) == []


async def test_requesters_are_never_asked_about_their_own(ruled: Ruled) -> None:
    async with ruled(MANAGERS_ASKED) as here:
        expense_id = await submitted(here, who=SAM)
        await asked(here, MINA, expense_id)
        assert not any(has_buttons(message) for message in direct(here, SAM, expense_id))
        assert len(direct(here, SAM, expense_id)) == 1  # that it is with the approvers


async def test_delegates_are_asked_beside_who_is_away(ruled: Ruled) -> None:
    async with ruled(MANAGERS_ASKED) as here:
        await delegate(here, MINA, GRETA)
        expense_id = await submitted(here)
        message = await asked(here, GRETA, expense_id)
        await asked(here, MINA, expense_id)
        assert (await here.slack.click(GRETA, message, APPROVE)).ok
        await here.slack.until(
            lambda: f"<@{GRETA.id}> for <@{MINA.id}>" in direct(here, MINA, expense_id)[0]["text"]
        )
        assert await here.workflow(expense_id).result() == "COMPLETED"


async def test_delegates_are_asked_directly_where_a_channel_is_asked(ruled: Ruled) -> None:
    async with ruled(TWO_OF_FINANCE) as here:
        await delegate(here, NOOR, GRETA)
        expense_id = await submitted(here)
        await asked_in(here, MONEY, expense_id)
        assert (await here.slack.click(GRETA, await asked(here, GRETA, expense_id), APPROVE)).ok
        assert direct(here, NOOR, expense_id) == []


async def test_whoever_stands_in_for_the_requester_is_not_asked(ruled: Ruled) -> None:
    async with ruled(MANAGERS_ASKED) as here:
        await delegate(here, ADA, SAM)
        expense_id = await submitted(here)
        await asked(here, MINA, expense_id)
        assert direct(here, SAM, expense_id) == []


async def test_one_who_cannot_decide_is_not_asked_and_does_not_keep_others_waiting(
    ruled: Ruled,
) -> None:
    async with ruled(f'ask = ["{FINANCE.id}", "U0UNKNOWN00", "USLACKBOT"]') as here:
        here.slack.set_group_members(FINANCE.id, [KIM.id, LEE.id, MINA.id])
        expense_id = await submitted(here)
        await asked(here, MINA, expense_id)
        await here.slack.until(lambda: len(here.slack.direct_messages(ADA)) == 2)
        # Slack would take a message to somebody who has left.
        assert [direct(here, who, expense_id) for who in (KIM, LEE)] == [[], []]


async def test_who_has_left_is_not_asked_and_who_is_unknown_comes_last(sqlite_url: str) -> None:
    stage = Stage(asked=("U0ASECRET", "U0GONE", "U0HERE", "U0AWAY"))
    async with rooms(sqlite_url, rulebook=asking(stage)) as here:
        expense = await planned(here, stage)
        await here.delegations.begin("U0AWAY", "U0STANDIN", datetime.now(UTC) + timedelta(days=1))
        here.company.former = {"U0GONE", "U0STANDIN"}
        here.company.silent = {"U0ASECRET"}
        recipients = Recipients("C0CHANNEL", here.policy, here.company, here.delegations)
        found, unread = await recipients.of(expense)
        assert [whom for _, whom in found] == ["U0AWAY", "U0HERE"]
        assert isinstance(unread, TryAgain)
        assert not isinstance(unread, Unanswered)


async def test_of_many_the_living_are_asked_however_many_have_left(sqlite_url: str) -> None:
    names = tuple(f"U0P{number:03}" for number in range(100))
    for former, expected in ((60, names[60:]), (10, names[10:60]), (0, names[:MOST])):
        stage = Stage(asked=names)
        async with rooms(sqlite_url, rulebook=asking(stage)) as here:
            expense = await planned(here, stage)
            here.company.former = {*names[:former]}
            recipients = Recipients("C0CHANNEL", here.policy, here.company, here.delegations)
            found, unread = await recipients.of(expense)
            assert (tuple(whom for _, whom in found), unread) == (expected, None)
            # At half a second each, the last one would be asked a minute after the first.
            assert here.company.rounds <= 10


async def test_when_nobody_who_is_asked_can_decide_the_approvals_channel_is_asked(
    ruled: Ruled,
) -> None:
    # As others can decide it later, it is taken.
    stage = f'ask = ["{KIM.id}"]\nescalate_after = "1h"\nescalate_to = ["{SAM.id}"]'
    async with ruled(stage) as here:
        expense_id = await submitted(here)
        message = await asked_in(here, APPROVALS, expense_id)
        assert (await here.slack.click(MINA, message, APPROVE)).ok
        said = await here.slack.until(lambda: here.slack.ephemeral(MINA))
        assert "not an approver" in said[0]["text"]
        await here.slack.until(lambda: len(here.slack.direct_messages(ADA)) == 2)
        assert len(in_channel(here, APPROVALS, expense_id)) == 1


async def test_a_channel_that_does_not_take_messages_keeps_nobody_else_waiting(
    ruled: Ruled,
) -> None:
    stage = f'ask = ["{MINA.id}", "{SAM.id}"]\nchannel = "C0NOWHERE01"'
    async with ruled(stage) as here:
        await delegate(here, SAM, GRETA)
        expense_id = await submitted(here)
        await asked(here, GRETA, expense_id)
        await here.slack.until(lambda: here.slack.direct_messages(ADA))


async def test_escalation_asks_others_too(ruled: Ruled) -> None:
    stage = f'ask = ["{MINA.id}"]\nescalate_after = "1s"\nescalate_to = ["{SAM.id}"]'
    async with ruled(stage) as here:
        expense_id = await submitted(here)
        first = await asked(here, MINA, expense_id)
        message = await asked(here, SAM, expense_id)
        said = await here.slack.until(lambda: thread(here, first, MINA))
        assert f"<@{SAM.id}> can decide it now, too" in said[0]
        assert (await here.slack.click(SAM, message, APPROVE)).ok
        assert await here.workflow(expense_id).result() == "COMPLETED"
        await here.slack.until(lambda: not has_buttons(direct(here, MINA, expense_id)[0]))


@pytest.mark.parametrize("channel", [None, MONEY])
async def test_a_message_that_nobody_remembers_heals_at_the_first_click(
    ruled: Ruled, channel: object
) -> None:
    stage = f'ask = ["{NOOR.id}", "{TOMAS.id}"]\nneeded = 2'
    async with ruled(stage + (f'\nchannel = "{MONEY.id}"' if channel else "")) as here:
        expense_id = await submitted(here)
        await here.slack.until(lambda: len(here.slack.direct_messages(ADA)) == 2)
        look = in_channel if channel else direct
        place = channel or NOOR
        await here.slack.until(lambda: look(here, place, expense_id))  # type: ignore[arg-type]
        [message] = look(here, place, expense_id)  # type: ignore[arg-type]
        twin = here.slack.workspace.compose(message["text"], message["blocks"])
        home = here.slack.workspace.dm(NOOR.id) if channel is None else MONEY.id
        here.slack.workspace.put_message(home, twin)
        for who in (NOOR, TOMAS):
            await here.slack.until(lambda: look(here, place, expense_id))  # type: ignore[arg-type]
            clicked = twin if who is NOOR or channel else await asked(here, TOMAS, expense_id)
            assert (await here.slack.click(who, clicked, APPROVE)).ok
        assert await here.workflow(expense_id).result() == "COMPLETED"
        # It was redrawn while others had to agree; the next click on it takes its buttons.
        assert (await here.slack.click(NOOR, twin, APPROVE)).ok
        await here.slack.until(
            lambda: not any(has_buttons(m) for m in look(here, place, expense_id))  # type: ignore[arg-type]
        )
