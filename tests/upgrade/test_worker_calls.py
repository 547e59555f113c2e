"""A worker of the version before works with this version's bot, while both run together."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client

from tests.support.house import ADA, MINA, house
from tests.support.ruled import APPROVE, QUICK, asked, policy, submitted

CALLS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "data" / "worker_c763098" / "calls.json").read_text("utf-8")
)


async def test_every_call_of_the_worker_before_is_answered_as_before(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    rules = policy(tmp_path, f'ask = ["{MINA.id}"]')
    async with house(
        temporal_client, task_queue, tmp_path, worker=False, timing=QUICK, EXPENSE_POLICY=rules
    ) as here:
        expense_id = await submitted(here)
        until = datetime.now(UTC) + timedelta(hours=72)
        given = {
            "{id}": expense_id,
            "{run}": str(uuid.uuid4()),
            "{token}": b"a task token".hex(),
            "{until}": until.isoformat(),
        }

        def filled(values: dict[str, str]) -> dict[str, str]:
            for word, value in given.items():
                values = {name: text.replace(word, value) for name, text in values.items()}
            return values

        for call in CALLS:
            if call["path"] == "/action":
                assert (
                    await here.slack.click(MINA, await asked(here, MINA, expense_id), APPROVE)
                ).ok
            for _ in range(2):  # the same call comes again when its answer was lost
                async with here.http.request(
                    call["method"],
                    here.bot_url + call["path"],
                    params=filled(call.get("query", {})),
                    data=filled(call["form"]) if "form" in call else None,
                    headers=filled(call["headers"]),
                ) as response:
                    answer = await response.text()
                    assert (response.status, answer) == (200, call["answer"]), call
        assert await here.status(expense_id) == "COMPLETED"
        await here.slack.until(lambda: "Paid" in here.slack.direct_messages(ADA)[0]["text"])
