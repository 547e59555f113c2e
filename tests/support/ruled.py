"""Houses with a policy, and what is seen in them."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client

from bot.delivery.timing import Timing
from sandbox import Sandbox
from sandbox.slack.config import User, WorkspaceConfig
from tests.support.house import ADA, House, house
from tests.support.stopwatch import PATIENCE

QUICK = Timing(
    poll=timedelta(seconds=0.05),
    lease=timedelta(seconds=2),
    registration=timedelta(seconds=0.5),
    expiry=timedelta(seconds=0.1),
    longest_retry=timedelta(seconds=0.2),
    longest_pause=timedelta(seconds=0.5),
    doubt=timedelta(seconds=1),
)
APPROVE, REJECT = "approve_expense", "reject_expense"


def policy(folder: Path, *stages: str, rules: str = "", name: str = "policy.toml") -> str:
    """Write a policy that asks these stages for every expense; return its file."""
    tables = "".join(f"[[rules.stages]]\n{stage}\n" for stage in stages)
    rest = f'[[rules]]\nname = "the rule"\n{tables}' if stages else ""
    file = folder / name
    file.write_text(f'base_currency = "EUR"\n{rules}\n{rest}')
    return str(file)


Ruled = Callable[..., AbstractAsyncContextManager[House]]


def ruled_houses(
    temporal_client: Client, task_queue: str, folder: Path, timing: Timing = QUICK
) -> Ruled:
    """Return what opens a house whose policy has these stages for every expense, and these rules.

    Slack waits longer in it than the real one: on a busy machine a bot takes its time.
    """

    @asynccontextmanager
    async def open_house(
        *stages: str, rules: str = "", worker: bool = True
    ) -> AsyncIterator[House]:
        config = WorkspaceConfig(ack_seconds=20, trigger_seconds=20)
        async with (
            Sandbox.start(config) as slack,
            house(
                temporal_client,
                task_queue,
                folder,
                slack=slack,
                timing=timing,
                worker=worker,
                EXPENSE_POLICY=policy(folder, *stages, rules=rules),
            ) as running,
        ):
            yield running

    return open_house


async def submitted(h: House, line: str = "42.50 EUR Team lunch", who: User = ADA) -> str:
    """Submit an expense in one line; return its id."""
    ack = await h.slack.command(who, "/expense", f"submit {line}")
    found = re.search(r"expense 2\d+-\d+, id ([A-Z2-7]{12})", ack.text or "")
    assert found, ack
    return found[1]


def direct(h: House, who: User, expense_id: str) -> list[dict[str, Any]]:
    """List what somebody was written directly about an expense, without threads."""
    messages = h.slack.direct_messages(who)
    return [m for m in messages if expense_id in m["text"] and "thread_ts" not in m]


async def asked(h: House, who: User, expense_id: str) -> dict[str, Any]:
    """Wait until somebody is asked in direct messages; return the message."""
    return await h.slack.until(
        lambda: next((m for m in direct(h, who, expense_id) if has_buttons(m)), {})
    )


async def asked_in(h: House, channel: Any, expense_id: str) -> dict[str, Any]:
    """Wait until a channel is asked; return the message."""
    return await h.slack.until(
        lambda: next((m for m in in_channel(h, channel, expense_id) if has_buttons(m)), {})
    )


def in_channel(h: House, channel: Any, expense_id: str) -> list[dict[str, Any]]:
    """List the messages about an expense in a channel, without threads."""
    messages = h.slack.messages(channel)
    return [m for m in messages if expense_id in m["text"] and "thread_ts" not in m]


def thread(h: House, root: dict[str, Any], place: Any) -> list[str]:
    """List what was said in a message's thread."""
    messages = h.slack.direct_messages(place) if isinstance(place, User) else []
    messages = messages or h.slack.messages(place)
    return [m["text"] for m in messages if m.get("thread_ts") == root["ts"] and m is not root]


def has_buttons(message: dict[str, Any]) -> bool:
    """Say whether a message can be decided on."""
    return any(
        element.get("action_id") == APPROVE
        for block in message.get("blocks", [])
        if block["type"] == "actions"
        for element in block["elements"]
    )


async def eventually(look: Any, seconds: float = PATIENCE) -> None:
    """Wait until something awaitable is true."""
    async with asyncio.timeout(seconds):
        while not await look():
            await asyncio.sleep(0.02)
