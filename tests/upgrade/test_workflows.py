"""Workflows and messages of the version before go on under this one."""

import asyncio
from pathlib import Path

from temporalio.client import Client

from tests.support.house import house
from tests.support.rooms import SECRET
from tests.support.ruled import APPROVE, QUICK, REJECT, asked_in, in_channel
from tests.support.stopwatch import PATIENCE
from tests.upgrade.before import DEL, EXPECTED, FOX, ID, MAN, MAX, POLICY, REQ, STR, SUB, restore
from tests.upgrade.pending import (
    APPROVALS,
    FINANCE,
    message,
    start_workflows,
    workflow_id,
    workspace,
)


async def test_what_was_under_way_goes_on(
    temporal_client: Client, task_queue: str, empty_postgres_url: str, tmp_path: Path
) -> None:
    await restore(empty_postgres_url)
    await start_workflows(temporal_client, task_queue, empty_postgres_url)

    async with (
        workspace() as slack,
        house(
            temporal_client,
            task_queue,
            tmp_path,
            slack=slack,
            timing=QUICK,
            DATABASE_URL=empty_postgres_url,
            EXPENSE_ENCRYPTION_KEY=SECRET,
            EXPENSE_POLICY=str(POLICY),
            EXPENSE_APPROVERS=f"{MAN} {MAX} {REQ}",
            SLACK_APPROVALS_CHANNEL=APPROVALS,
        ) as here,
    ):

        async def result(name: str) -> str:
            handle = temporal_client.get_workflow_handle(workflow_id(ID[name]), result_type=str)
            async with asyncio.timeout(PATIENCE):
                return await handle.result()

        # What was decided before is delivered, and what was delivered is paid.
        for name in ("approved", "approved-again", "auto-approved", "auto-created"):
            assert await result(name) == "COMPLETED"
        for name in ("rejected", "withdrawn-taken"):
            assert await result(name) == ""
        for name in ("approved-delivered", "payment-asked", "planned-approved", "auto-april"):
            assert await result(name) == "COMPLETED"

        # People click on the messages that they have before them.
        assert (await slack.click(MAN, message("waiting", APPROVALS), APPROVE)).ok
        assert (await slack.click(MAN, message("questions", APPROVALS), REJECT)).ok
        form = await slack.until(lambda: slack.open_view(MAN))
        assert (await slack.submit(MAN, form, {"reason": "No receipt"})).ok
        assert (await slack.click(STR, message("one-stage", "D0STR"), "withdraw_expense")).ok
        assert await result("waiting") == "COMPLETED"
        assert await result("questions") == ""
        assert await result("one-stage") == ""
        assert await here.status(ID["one-stage"]) == "WITHDRAWN"

        # A second approval counts, and who agreed before is told so.
        assert (await slack.click(SUB, message("half-way-and-one", "D0SUB"), APPROVE)).ok
        said = await slack.until(lambda: slack.ephemeral(SUB))
        assert "approved this already" in said[-1]["text"]
        assert await here.status(ID["half-way-and-one"]) == "CREATED"
        assert (await slack.click(FOX, message("half-way-and-one", FINANCE), APPROVE)).ok
        assert (await slack.click(DEL, message("one-of-two", "D0DEL"), APPROVE)).ok
        assert await result("half-way-and-one") == "COMPLETED"
        assert await result("one-of-two") == "COMPLETED"

        # What had not come so far is started, registered and asked about now.
        for name in ("submitted", "submitted-started", "created"):
            new = await asked_in(here, APPROVALS, ID[name])
            assert (await slack.click(MAN, new, APPROVE)).ok
            assert await result(name) == "COMPLETED"

        # A timer of the workflow finds that others are to be asked, too.
        await slack.until(
            lambda: [m for m in slack.direct_messages(DEL) if ID["hotel"] in m["text"]]
        )

        # Nobody is asked twice.
        for id, known in EXPECTED["expenses"].items():
            if id.isalnum() and "approvers" in known.get("messages", {}):
                channel, ts, *_ = known["messages"]["approvers"]
                assert [m["ts"] for m in in_channel(here, channel, id)] == [ts]
