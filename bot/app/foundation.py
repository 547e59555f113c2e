"""Opens what the bot stands on: its neighbours, and what it knows of people and policy."""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
from temporalio.client import Client

from bot.database.audit import InForce
from bot.database.delegations import Delegations
from bot.database.encryption import Cipher
from bot.database.engine.connection import Database
from bot.database.migrate import check_usable, migrate
from bot.delivery.temporal import connect_temporal
from bot.policy.approvers import Policy
from bot.settings import Settings
from bot.slack.directory import SlackDirectory
from bot.slack.installation import Installation
from bot.slack.web_client import LimitedClient, make_session, make_slack_client
from bot.telemetry.start import Telemetry, start_telemetry


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundation:
    """What delivery, listeners and the worker's API share."""

    settings: Settings
    opened: AsyncExitStack  # what ends with the bot
    telemetry: Telemetry
    database: Database
    schema: str  # the database's revision
    in_force: InForce
    cipher: Cipher
    session: aiohttp.ClientSession  # the connections to Slack
    # Connections of their own: a payment system that hangs must not take those to Slack.
    to_payments: aiohttp.ClientSession
    client: LimitedClient
    installation: Installation
    temporal: Client
    people: SlackDirectory
    delegations: Delegations
    policy: Policy

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something run until the bot is closed."""
        keep_running(work, self.opened)


async def lay_foundation(settings: Settings, opened: AsyncExitStack) -> Foundation:
    """Connect to the database, to Slack and to Temporal, and read who may do what.

    Args:
        settings: the bot's.
        opened: what ends with the bot.

    Raises:
        SettingsError: Slack refuses the bot token, the database is not migrated, or a setting is
            missing that was in force.
    """
    telemetry = await start_telemetry(*settings.metrics_at, opened)
    database = Database(settings.database_url, connections=settings.expense_database_connections)
    opened.push_async_callback(database.close)
    # A SQLite file has one bot, which may well bring it up to date itself; PostgreSQL is migrated
    # once for all processes, by the platform's release phase.
    schema = await (check_usable if settings.is_postgres else migrate)(settings.database_url)
    in_force = await InForce.read(database)
    settings.check(in_force)
    session = await opened.enter_async_context(make_session())
    client = make_slack_client(
        settings.slack_bot_token.get_secret_value(), settings.slack_api_url, session
    )
    installation = Installation(client)
    if not await installation.begin():
        keep_running(installation.identify_in_the_end(), opened)
    temporal = await connect_temporal(
        settings.expense_payload_codec, telemetry.temporal, telemetry.interceptors
    )
    people, delegations = SlackDirectory(client), Delegations(database)
    return Foundation(
        settings=settings,
        opened=opened,
        telemetry=telemetry,
        database=database,
        schema=schema,
        in_force=in_force,
        cipher=Cipher(settings.encryption_secrets()),
        session=session,
        to_payments=await opened.enter_async_context(make_session()),
        client=client,
        installation=installation,
        temporal=temporal,
        people=people,
        delegations=delegations,
        policy=settings.policy(people, delegations, settings.slack_approvals_channel),
    )


def keep_running(work: Coroutine[Any, Any, None], opened: AsyncExitStack) -> None:
    """Let something run until what is opened is closed."""
    task = asyncio.create_task(work)

    async def stop() -> None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    opened.push_async_callback(stop)
