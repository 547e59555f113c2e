"""Pending expenses put into the database in bulk, and signed clicks on them."""

import asyncio
import hashlib
import hmac
import json
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
from sqlalchemy import func, insert, select, text

from benchmarks.processes import ENCRYPTION_KEY, Workspace
from bot.block_kit import message_blocks, sentences
from bot.database.connection import Database
from bot.database.encryption import Cipher
from bot.database.schema import audit, expenses, messages
from bot.domain.expense import Category, Claim, Expense, Money, State
from bot.domain.locale import ANYBODY
from sandbox.slack.config import ADA, APPROVALS, MINA

CHUNK = 1000
TOKEN_BYTES = 250


@dataclass(frozen=True)
class Posted:
    """The messages that all pending expenses share: real ones, so that redrawing is real work."""

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


def _pending(expense_id: str) -> Expense:
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


async def add_pending(database: Database, count: int, posted: Posted) -> list[str]:
    """Add so many expenses that wait for a decision, and return their ids."""
    token = Cipher([ENCRYPTION_KEY]).encrypt(b"t" * TOKEN_BYTES)
    ids = [uuid.uuid4().hex[:12].upper() for _ in range(count)]
    for chunk in _chunks(ids):
        async with database.writing() as connection:
            await connection.execute(insert(expenses), [_row(name, token) for name in chunk])
            await connection.execute(insert(audit), _history(chunk))
            last = (await connection.execute(select(func.max(audit.c.number)))).scalar()
            await connection.execute(insert(messages), _messages(chunk, posted, last))
    return ids


def _chunks(ids: list[str]) -> list[list[str]]:
    return [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]


def _row(name: str, token: bytes) -> dict[str, Any]:
    expense = _pending(name)
    assert expense.claim and expense.decide_by  # noqa: S101, PT018
    return {
        "id": name,
        "state": expense.state,
        "version": expense.version,
        "created_at": expense.created_at,
        "requester": expense.requester,
        "amount": str(expense.claim.money.amount),
        "currency": expense.claim.money.currency,
        "description": expense.claim.description,
        "category": expense.claim.category,
        "spent_on": expense.claim.spent_on,
        "submission_key": f"view V{name}",
        "window_seconds": 259_200.0,
        "started_at": expense.created_at,
        "workflow_id": f"expense_{name}",
        "run_id": str(uuid.uuid4()),
        "task_token": token,
        "decide_by": expense.decide_by,
        "due_at": expense.decide_by,
    }


def _history(ids: Any) -> list[dict[str, Any]]:
    steps = (("submit", ADA.id, "SUBMITTED"), ("create", "worker", "CREATED"))
    steps += (("register_callback", "worker", "CREATED"),)
    at = datetime.now(UTC)
    return [
        {"expense_id": name, "at": at, "event": event, "actor": actor, "state": state}
        for name in ids
        for event, actor, state in steps
    ]


def _messages(ids: Any, posted: Posted, told: int) -> list[dict[str, Any]]:
    places = (("approvers", posted.channel, posted.ts, 0),)
    places += (("requester", posted.dm, posted.dm_ts, told),)
    return [
        {
            "expense_id": name,
            "audience": audience,
            "channel": channel,
            "ts": ts,
            "shown_version": 3,
            "told": number,
        }
        for name in ids
        for audience, channel, ts, number in places
    ]


def clicks(ids: list[str], posted: Posted, slack: Workspace, file: Path) -> Path:
    """Write signed requests of Mina's clicks on Approve, ready to be sent; good for 5 minutes."""
    secret, stamp = slack.config.signing_secret.encode(), str(int(time.time())).encode()
    requests = []
    for name in ids:
        form = urlencode({"payload": json.dumps(_click(name, posted, slack))}).encode()
        digest = hmac.new(secret, b"v0:%s:%s" % (stamp, form), hashlib.sha256).hexdigest()
        requests.append(_request(form, stamp, digest))
    file.write_bytes(b"\x00".join(requests))
    return file


def signed_click(name: str, posted: Posted, slack: Workspace) -> tuple[bytes, dict[str, str]]:
    """Word and sign one click now; return its body and headers."""
    form = urlencode({"payload": json.dumps(_click(name, posted, slack))}).encode()
    secret, stamp = slack.config.signing_secret.encode(), str(int(time.time()))
    digest = hmac.new(secret, b"v0:%s:%s" % (stamp.encode(), form), hashlib.sha256).hexdigest()
    return form, {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest}",
    }


def command(words: str, count: int, slack: Workspace, file: Path) -> Path:
    """Write signed requests of Ada's slash command."""
    secret, stamp = slack.config.signing_secret.encode(), str(int(time.time())).encode()
    form = urlencode(
        {
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
    ).encode()
    digest = hmac.new(secret, b"v0:%s:%s" % (stamp, form), hashlib.sha256).hexdigest()
    file.write_bytes(b"\x00".join([_request(form, stamp, digest)] * count))
    return file


def home_opened(count: int, slack: Workspace, file: Path) -> Path:
    """Write signed events of Ada opening the App Home."""
    secret, stamp = slack.config.signing_secret.encode(), str(int(time.time())).encode()
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
    digest = hmac.new(secret, b"v0:%s:%s" % (stamp, body), hashlib.sha256).hexdigest()
    file.write_bytes(
        b"\x00".join([_request(body, stamp, digest, content_type=b"application/json")] * count)
    )
    return file


def _request(
    body: bytes,
    stamp: bytes,
    digest: str,
    content_type: bytes = b"application/x-www-form-urlencoded",
) -> bytes:
    return (
        b"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        b"User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\nAccept: */*\r\n"
        b"Content-Type: %s\r\nContent-Length: %d\r\n"
        b"X-Slack-Request-Timestamp: %s\r\nX-Slack-Signature: v0=%s\r\n\r\n%s"
    ) % (content_type, len(body), stamp, digest.encode(), body)


def _click(name: str, posted: Posted, slack: Workspace) -> dict[str, Any]:
    """Word a click as Slack does, with the whole message in it."""
    config, expense = slack.config, _pending(name)
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


async def decided(database: Database) -> tuple[int, int]:
    """Count the decisions in the audit trail, and the expenses they are about."""
    query = select(func.count(), func.count(audit.c.expense_id.distinct())).where(
        audit.c.event == "decide"
    )
    row = (await database.execute(query)).first()
    return int(row[0]), int(row[1])


async def until_delivered(database: Database, patience: float = 120) -> float:
    """Wait until nothing follows any click any more, and say how long that took."""
    began = time.monotonic()
    is_busy = text(
        "SELECT (SELECT count(*) FROM expenses WHERE state = 'APPROVED' AND "
        "delivered_at IS NULL) + (SELECT count(*) FROM messages m "
        "JOIN expenses e ON e.id = m.expense_id WHERE e.state = 'APPROVED' "
        "AND m.shown_version < e.version)"
    )
    async with asyncio.timeout(patience):
        while True:
            if not (await database.execute(is_busy)).scalar():
                return time.monotonic() - began
            await asyncio.sleep(0.2)


async def clear(database: Database) -> None:
    """Take every expense away."""
    async with database.writing() as connection:
        for table in (audit, messages, expenses):
            await connection.execute(table.delete())
