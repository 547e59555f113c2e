"""Requests as Slack sends and signs them; a signature is valid for 5 minutes."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp

from benchmarks.workspace import Workspace
from bot.block_kit import message_blocks, sentences
from bot.domain.expense import Category, Claim, Expense, Money, State
from bot.domain.people.locale import ANYBODY
from sandbox.slack.config import ADA, APPROVALS, MINA
from sandbox.slack.delivery import FORM, JSON, sign


@dataclass(frozen=True)
class Posted:
    """The messages that all pending expenses share, so that Slack has something to update."""

    channel: str
    ts: str
    dm: str
    dm_ts: str


async def post(slack: Workspace) -> Posted:
    """Post the approvers' message and the requester's."""
    async with aiohttp.ClientSession() as http:
        asked = await slack.call(http, "chat.postMessage", channel=APPROVALS.id, text="Pending")
        told = await slack.call(http, "chat.postMessage", channel=ADA.id, text="Yours")
    return Posted(asked["channel"], asked["ts"], told["channel"], told["ts"])


def pending_expense(expense_id: str) -> Expense:
    """Make the expense that all clicks are about."""
    now = datetime.now(UTC)
    return Expense(
        id=expense_id,
        state=State.CREATED,
        version=3,
        created_at=now,
        requester=ADA.id,
        claim=Claim(
            money=Money(Decimal("42.50"), "EUR"),
            description="Team lunch with the customer, four people, after the review",
            category=Category.MEALS,
            spent_on=date(2026, 1, 31),
        ),
        decide_by=now + timedelta(hours=72),
    )


def click(name: str, posted: Posted, slack: Workspace) -> tuple[bytes, dict[str, str]]:
    """Return the body and the signed headers of Mina's click on Approve."""
    return _form({"payload": json.dumps(_click(name, posted, slack))}, slack)


def clicks(ids: list[str], posted: Posted, slack: Workspace, file: Path) -> Path:
    """Write Mina's clicks on Approve into a file, one for each expense."""
    return _write(file, [click(name, posted, slack) for name in ids])


def command(words: str, count: int, slack: Workspace, file: Path) -> Path:
    """Write Ada's slash command into a file, so many times."""
    form = {
        "command": "/expense",
        "text": words,
        "user_id": ADA.id,
        "user_name": ADA.name,
        "team_id": slack.config.team_id,
        "team_domain": slack.config.team_domain,
        "channel_id": "D0ADA",
        "api_app_id": slack.config.app_id,
        "response_url": f"{slack.url}/commands/none",
        "trigger_id": "1.2.3",
    }
    return _write(file, [_form(form, slack)] * count)


def home_opened(count: int, slack: Workspace, file: Path) -> Path:
    """Write the event of Ada opening the App Home into a file, so many times."""
    event = {"type": "app_home_opened", "user": ADA.id, "channel": "D0ADA", "tab": "home"}
    body = json.dumps(
        {
            "type": "event_callback",
            "team_id": slack.config.team_id,
            "api_app_id": slack.config.app_id,
            "event": {**event, "event_ts": "1.2"},
            "event_id": "Ev1",
            "event_time": int(time.time()),
        }
    ).encode()
    return _write(file, [(body, _headers(body, JSON, slack))] * count)


def _form(fields: dict[str, str], slack: Workspace) -> tuple[bytes, dict[str, str]]:
    body = urlencode(fields).encode()
    return body, _headers(body, FORM, slack)


def _headers(body: bytes, content_type: str, slack: Workspace) -> dict[str, str]:
    return {"Content-Type": content_type, **sign(slack.config.signing_secret, body)}


def _write(file: Path, requests: list[tuple[bytes, dict[str, str]]]) -> Path:
    """Write requests as the bytes that are sent, for `benchmarks.load`."""
    file.write_bytes(b"\x00".join(_bytes(body, headers) for body, headers in requests))
    return file


def _bytes(body: bytes, headers: dict[str, str]) -> bytes:
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return (
        "POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\nAccept: */*\r\n"
        f"Content-Length: {len(body)}\r\n{more}\r\n"
    ).encode() + body


def _click(name: str, posted: Posted, slack: Workspace) -> dict[str, Any]:
    """Word a click as Slack does, with the whole message in it."""
    config, expense = slack.config, pending_expense(name)
    shown = [
        block.to_dict()
        for block in message_blocks.approval_blocks(expense, ANYBODY.locale, is_live=True)
    ]
    return {
        "type": "block_actions",
        "user": {
            "id": MINA.id,
            "username": MINA.name,
            "name": MINA.name,
            "team_id": config.team_id,
        },
        "api_app_id": config.app_id,
        "token": "deprecated00000000000000",
        "container": {
            "type": "message",
            "message_ts": posted.ts,
            "channel_id": posted.channel,
            "is_ephemeral": False,
        },
        "trigger_id": "1234567890.1234567890.0123456789abcdef0123456789abcdef",
        "team": {"id": config.team_id, "domain": config.team_domain},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": posted.channel, "name": APPROVALS.name},
        "message": {
            "user": config.bot_user_id,
            "type": "message",
            "ts": posted.ts,
            "bot_id": config.bot_id,
            "app_id": config.app_id,
            "text": sentences.request(expense, ANYBODY.locale),
            "team": config.team_id,
            "blocks": shown,
        },
        "state": {"values": {}},
        "response_url": f"{slack.url}/actions/{config.team_id}/1/none",
        "actions": [
            {
                "action_id": message_blocks.APPROVE_ACTION,
                "block_id": "decide",
                "text": {"type": "plain_text", "text": "Approve", "emoji": True},
                "value": name,
                "style": "primary",
                "type": "button",
                "action_ts": f"{time.time():.6f}",
            }
        ],
    }
