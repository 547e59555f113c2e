"""Builds the web application: what Slack and the worker call, over the foundation and delivery."""

import logging
from contextlib import AsyncExitStack
from functools import partial

from aiohttp import web

from bot import __version__
from bot.app.delivery import Delivery, begin_delivery
from bot.app.foundation import Foundation, lay_foundation
from bot.database.migrate import check_ready
from bot.database.outbox import count_backlog
from bot.database.payment_runs import PaymentRuns
from bot.database.people.spending import Spendings
from bot.database.queries.finance_queries import FinanceQueries
from bot.database.queries.home_queries import HomeQueries
from bot.delivery.timing import Timing
from bot.diagnostics.checks import checks
from bot.diagnostics.diagnostics import Check, Diagnostics
from bot.policy.prospects import Prospects
from bot.services.decisions import Decisions
from bot.services.exports import Exports
from bot.services.finance import Finance
from bot.services.flagging import Flagging
from bot.services.hand_payments import HandPayments
from bot.services.handovers import Handovers
from bot.services.inbox import Inbox
from bot.services.questions import Questions
from bot.services.refused_payments import RefusedPayments
from bot.services.submissions import Submissions
from bot.setting_groups import plain
from bot.settings import Settings
from bot.slack.background_tasks import Background
from bot.slack.bolt_app import make_slack_app
from bot.slack.directory import GROUP_SECONDS
from bot.slack.listeners import register_listeners
from bot.slack.listeners.interactions import ListenerContext
from bot.slack.probe import SlackProbe
from bot.slack.socket_mode import SocketMode
from bot.slack.unhurried import Unhurried
from bot.web.bot_status import describe_bot
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
        app = await _build(settings, timing or Timing(), opened)
        closing = opened.pop_all()

        async def close(_: web.Application) -> None:
            await closing.aclose()

        app.on_cleanup.append(close)
        return app


async def _build(settings: Settings, timing: Timing, opened: AsyncExitStack) -> web.Application:
    base = await lay_foundation(settings, opened)
    delivery = begin_delivery(base, timing)
    slack_app = make_slack_app(base.client, base.installation)
    register_listeners(slack_app, _listener_context(base, delivery))

    works_with = base.schema, settings.summary, base.installation.workspace, base.temporal.namespace
    logger.info("version %s, schema %s, %s, workspace %s, namespace %s", __version__, *works_with)
    limits = Limits(at_once=256, a_second=2000, body=MAX_BODY)
    secrets = plain(settings.slack_signing_secret)
    requests = SlackRequests(slack_app, secrets, limits, delivery.foreground)
    looks = [
        *checks(
            settings,
            database=base.database,
            temporal=base.temporal,
            slack=SlackProbe(base.client, base.people, PEOPLE_PAUSE_SECONDS),
            policy=base.policy,
            payments=delivery.payments,
        ),
        Check(part="Slack", look=requests.look),
        Check(part="policy", look=delivery.reload.findings),
    ]
    diagnostics = Diagnostics(looks)
    opened.callback(diagnostics.close)
    api = ExpenseApi(
        delivery.expenses,
        delivery.following.workflow_calls,
        delivery.reimbursement,
        delivery.reminders,
        delivery.scheduler.ask,
        delivery.following.catch_up,
        partial(describe_bot, diagnostics.findings, partial(count_backlog, base.database)),
        plain(settings.expense_api_key),
        Limits(at_once=128, a_second=500, body=MAX_FORM),
    )
    health = Health(lambda: delivery.scheduler.is_alive, partial(check_ready, base.database))
    app = web.Application(client_max_size=MAX_BODY, middlewares=[plain_errors])
    app[HEALTH], app[DIAGNOSTICS] = health, diagnostics
    app.add_routes([*api.routes(), *health.routes()])
    if metrics := base.telemetry.metrics:
        base.run(
            metrics.begin(base.database, base.session, base.client, slack_app, app, timing.census)
        )
    if traces := base.telemetry.traces:
        calls = {(route.method, route.path) for route in api.routes()}
        traces.begin(base.session, base.to_payments, slack_app, app, calls)
    if settings.slack_app_token:
        socket_mode = SocketMode(slack_app, settings.slack_app_token.get_secret_value())
        opened.push_async_callback(socket_mode.close)
        await socket_mode.begin()
        base.run(socket_mode.connect())
    else:
        app.add_routes([web.post(SLACK_EVENTS, requests.handle)])
    return app


def _listener_context(base: Foundation, delivery: Delivery) -> ListenerContext:
    settings, expenses, policy = base.settings, delivery.expenses, base.policy
    home_queries, background = HomeQueries(base.database), Background()
    runs = PaymentRuns(base.database, expenses)
    finance_queries, stuck_after = FinanceQueries(base.database), settings.expense_stuck_after
    base.opened.push_async_callback(background.finish)
    at_submission = Prospects(
        policy.plan_of, Unhurried(base.people, GROUP_SECONDS), base.delegations
    )
    decisions = Decisions(expenses, policy)
    flagging = Flagging(Spendings(base.database), policy, base.cipher.draw)
    return ListenerContext(
        submissions=Submissions(
            expenses, settings.expense_decision_window, policy, flagging, at_submission
        ),
        decisions=decisions,
        handovers=Handovers(expenses, decisions, policy),
        refused_payments=RefusedPayments(expenses, policy, delivery.payments.place),
        exports=Exports(base.database, policy),
        finance=Finance(finance_queries, home_queries, expenses, policy, runs, stuck_after),
        hand_payments=HandPayments(expenses, runs, policy),
        questions=Questions(expenses, decisions),
        reminders=delivery.reminders,
        delegations=base.delegations,
        inbox=Inbox(home_queries, policy, stuck_after),
        home_queries=home_queries,
        people=base.people,
        policy=policy,
        message_sync=delivery.message_sync,
        links=delivery.links,
        background=background,
        installation=base.installation,
    )
