"""Builds the bot from its settings: the one place that knows all its parts."""

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import Any

from aiohttp import web

from bot import __version__
from bot.database.audit import InForce
from bot.database.connection import Database
from bot.database.delegations import Delegations
from bot.database.encryption import Cipher
from bot.database.expenses import ExpenseStore
from bot.database.home_queries import HomeQueries
from bot.database.messages import MessageStore
from bot.database.migrate import check_ready, check_usable, migrate
from bot.database.outbox import count_backlog
from bot.delivery.deliverer import Deliverer
from bot.delivery.following import Following
from bot.delivery.scheduler import Scheduler
from bot.delivery.temporal import connect_temporal
from bot.delivery.temporal_sync import TemporalSync
from bot.delivery.timing import Timing
from bot.diagnostics.checks import checks
from bot.diagnostics.diagnostics import Check, Diagnostics
from bot.diagnostics.operators import Operators
from bot.payment_system import make_payments
from bot.policy.approvers import Policy
from bot.policy.prospects import Prospects
from bot.services.decisions import Decisions
from bot.services.handovers import Handovers
from bot.services.inbox import Inbox
from bot.services.questions import Questions
from bot.services.refused_payments import RefusedPayments
from bot.services.reimbursement import Reimbursement
from bot.services.reminders import Reminders
from bot.services.submissions import Submissions
from bot.services.watch import Watch
from bot.setting_groups import plain
from bot.settings import Settings
from bot.slack.background_tasks import Background
from bot.slack.bolt_app import make_slack_app
from bot.slack.directory import GROUP_SECONDS, SlackDirectory
from bot.slack.installation import Installation
from bot.slack.listeners import register_listeners
from bot.slack.listeners.interactions import ListenerContext
from bot.slack.message_sync import MessageSync
from bot.slack.messenger import Messenger
from bot.slack.probe import SlackProbe
from bot.slack.recipients import Recipients
from bot.slack.socket_mode import SocketMode
from bot.slack.unhurried import Unhurried
from bot.slack.web_client import make_session, make_slack_client
from bot.telemetry.start import start_telemetry
from bot.web.bot_status import describe_bot
from bot.web.foreground import Foreground
from bot.web.health import HEALTH, Health
from bot.web.limits import Limits
from bot.web.server import plain_errors
from bot.web.slack_endpoint import SLACK_EVENTS, SlackRequests
from bot.web.worker_api import ExpenseApi

logger = logging.getLogger(__name__)

# Slack's largest payloads are views of some 100 KB; a worker's are task tokens of some 300 bytes.
MAX_BODY = 512 * 1024
MAX_FORM = 32 * 1024
# Of the 20 look-ups of user groups that Slack allows a minute, most are for those who click.
PEOPLE_PAUSE_SECONDS = 6.0

DIAGNOSTICS = web.AppKey("DIAGNOSTICS", Diagnostics)


async def create_app(settings: Settings, timing: Timing | None = None) -> web.Application:
    """Build the web application; what it opens is closed by its own clean-up.

    Raises:
        SettingsError: Slack refuses the bot token, or the database is not migrated.
    """
    async with AsyncExitStack() as opened:
        app = await _build(settings, timing, opened)
        closing = opened.pop_all()

        async def close(_: web.Application) -> None:
            await closing.aclose()

        app.on_cleanup.append(close)
        return app


async def _build(
    settings: Settings, timing: Timing | None, opened: AsyncExitStack
) -> web.Application:
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
        _run(installation.identify_in_the_end(), opened)
    cipher = Cipher(settings.encryption_secrets())
    temporal_client = await connect_temporal(
        settings.expense_payload_codec, telemetry.temporal, telemetry.interceptors
    )
    people, background = SlackDirectory(client), Background()
    delegations, messages = Delegations(database), MessageStore(database)
    approvers, channel = settings.expense_approvers, settings.slack_approvals_channel
    policy = Policy(
        approvers, people, delegations, settings.rulebook, channel, admins=settings.admins
    )

    def begin_delivery(expense_id: str) -> None:
        scheduler.begin(expense_id)

    expenses = ExpenseStore(
        database, cipher, begin_delivery, telemetry.on_step, telemetry.traceparent
    )
    at_submission = Prospects(policy.plan_of, Unhurried(people, GROUP_SECONDS), delegations)
    submissions = Submissions(expenses, settings.expense_decision_window, policy, at_submission)
    following = Following.of(
        database, cipher, expenses, temporal_client, settings.expense_task_queue
    )
    decisions = Decisions(expenses, policy)
    # Connections of its own: a payment system that hangs must not take those to Slack.
    to_payments = await opened.enter_async_context(make_session())
    payments = make_payments(
        to_payments, settings.expense_payment_url, plain(settings.expense_payment_key)
    )
    if payments.place and in_force.payments_at not in (None, payments.place):
        logger.warning(
            "EXPENSE_PAYMENT_URL is at %s now, and the last payment was asked for at %s: what that "
            "one has not answered is not asked for again until you settle it",
            *(payments.place, in_force.payments_at),
        )
    reimbursement = Reimbursement(expenses, payments, following.workflow_calls)
    opened.push_async_callback(reimbursement.close)
    recipients = Recipients(channel, policy, people, delegations)
    timing = timing or Timing()
    messenger = Messenger(client, messages, timing.pictures)
    unhurried = Unhurried(people, timing.watch.total_seconds())
    watch = Watch(expenses, Prospects(policy.plan_of, unhurried, delegations))
    message_sync = MessageSync(messenger, recipients, people, expenses, messages, watch)
    foreground = Foreground()
    reminders = Reminders(expenses, people, policy, delegations)
    deliverer = Deliverer(
        following.outbox,
        expenses,
        TemporalSync(following, reimbursement, timing),
        message_sync,
        reminders,
        begin_delivery,
        foreground,
        timing,
        telemetry.delivering,
    )
    scheduler = Scheduler(following.outbox, deliverer, expenses, message_sync, timing)
    _run(scheduler.run(), opened)
    _run(Operators(database, client, settings.expense_operators).watch(), opened)
    opened.push_async_callback(background.finish)

    slack_app = make_slack_app(client, installation)
    home_queries = HomeQueries(database)
    context = ListenerContext(
        submissions=submissions,
        decisions=decisions,
        handovers=Handovers(expenses, decisions, policy),
        refused_payments=RefusedPayments(expenses, policy, payments.place),
        questions=Questions(expenses, decisions),
        reminders=reminders,
        delegations=delegations,
        inbox=Inbox(home_queries, policy, settings.expense_stuck_after),
        home_queries=home_queries,
        people=people,
        policy=policy,
        message_sync=message_sync,
        background=background,
        installation=installation,
    )
    register_listeners(slack_app, context)

    works_with = schema, settings.summary, installation.workspace, temporal_client.namespace
    logger.info("version %s, schema %s, %s, workspace %s, namespace %s", __version__, *works_with)
    limits = Limits(at_once=256, a_second=2000, body=MAX_BODY)
    requests = SlackRequests(slack_app, plain(settings.slack_signing_secret), limits, foreground)
    looks = [
        *checks(
            settings,
            database=database,
            temporal=temporal_client,
            slack=SlackProbe(client, people, PEOPLE_PAUSE_SECONDS),
            policy=policy,
            payments=payments,
        ),
        Check(part="Slack", look=requests.look),
    ]
    diagnostics = Diagnostics(looks)
    opened.callback(diagnostics.close)
    api = ExpenseApi(
        expenses,
        following.workflow_calls,
        reimbursement,
        reminders,
        scheduler.ask,
        following.catch_up,
        partial(describe_bot, diagnostics.findings, partial(count_backlog, database)),
        plain(settings.expense_api_key),
        Limits(at_once=128, a_second=500, body=MAX_FORM),
    )
    health = Health(lambda: scheduler.is_alive, partial(check_ready, database))
    app = web.Application(client_max_size=MAX_BODY, middlewares=[plain_errors])
    app[HEALTH], app[DIAGNOSTICS] = health, diagnostics
    app.add_routes([*api.routes(), *health.routes()])
    if metrics := telemetry.metrics:
        _run(metrics.begin(database, session, client, slack_app, app, timing.census), opened)
    if traces := telemetry.traces:
        calls = {(route.method, route.path) for route in api.routes()}
        traces.begin(session, to_payments, slack_app, app, calls)
    if settings.slack_app_token:
        socket_mode = SocketMode(slack_app, settings.slack_app_token.get_secret_value())
        opened.push_async_callback(socket_mode.close)
        await socket_mode.begin()
        _run(socket_mode.connect(), opened)
    else:
        app.add_routes([web.post(SLACK_EVENTS, requests.handle)])
    return app


def _run(work: Coroutine[Any, Any, None], opened: AsyncExitStack) -> None:
    """Let something run until the application is cleaned up."""
    task = asyncio.create_task(work)

    async def stop() -> None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    opened.push_async_callback(stop)
