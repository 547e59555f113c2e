"""The list of what is looked at, so that the operator learns of it before people do.

`GET /status` and `python -m bot check` show what was found, and the log tells when it changes. To
add to it, write a function that returns findings beside what it looks at, and name it in `checks`.
"""

from collections.abc import Awaitable, Iterator, Sequence
from contextlib import AsyncExitStack

from temporalio.client import Client

from bot.database.audit import InForce
from bot.database.delegations import Delegations
from bot.database.engine.connection import Database
from bot.database.engine.url import explain
from bot.database.migrate import check_ready
from bot.database.outbox import count_backlog
from bot.database.queries.stuck import find_expenses
from bot.database.receipts.copies import ReceiptStore
from bot.delivery.receipts import late_receipts
from bot.delivery.temporal import connect_temporal
from bot.delivery.temporal_probe import look_at_temporal
from bot.diagnostics.diagnostics import Check, Diagnostics
from bot.domain.errors import SettingsError, TryAgain
from bot.domain.health.backlog import PART
from bot.domain.health.findings import Finding, Level, well, wrong
from bot.domain.health.outages import with_cause
from bot.domain.people.role import Role
from bot.payment_system import FinancePays, PaymentSystem, make_payments
from bot.policy.approvers import Policy
from bot.policy.second_person import look_for_second_person
from bot.receipt_storage import ReceiptStorage
from bot.setting_groups import plain
from bot.settings import Settings
from bot.slack.directory import SlackDirectory
from bot.slack.probe import SlackProbe
from bot.slack.web_client import make_session, make_slack_client
from bot.telemetry.receivers import look_at_receivers

# Slack limits look-ups, and clicks need some.
SLOW_SECONDS = 600.0


def checks(
    settings: Settings,
    *,
    database: Database,
    temporal: Client,
    slack: SlackProbe,
    policy: Policy,
    payments: PaymentSystem | FinancePays,
) -> list[Check]:
    """List everything that is looked at."""

    def channels() -> dict[str, str]:
        stages = [stage for rule in policy.rulebook.rules for stage in rule.stages]
        named = {stage.channel: "the policy" for stage in stages if stage.channel}
        return named | {settings.slack_approvals_channel: "SLACK_APPROVALS_CHANNEL"}

    async def look_at_database() -> Sequence[Finding]:
        try:
            await check_ready(database)
        except TryAgain as away:
            cause = away.__cause__
            if not database.is_postgres and "no such table" in str(cause):
                what, do = "its file has no tables yet", "Start the bot, which makes them."
                return [Finding(part="database", level=Level.WARNING, what=what, do=do)]
            server = (
                "its server runs" if database.is_postgres else "the bot may write in its folder"
            )
            do = (
                f"See DATABASE_URL, and whether {server} and there is room; "
                "if tables are missing, run python -m bot migrate."
            )
            what = (cause and explain(cause, database.url)) or with_cause(away)
            return [wrong("database", what, do)]
        return [well("database", "it takes writes, and has this version's schema")]

    async def look_at_settings() -> Sequence[Finding]:
        return list(settings_findings(settings))

    async def look_at_backlog() -> Sequence[Finding]:
        found = list((await count_backlog(database)).findings())
        stuck = await find_expenses(database, only_stuck=True)
        if ids := [one.expense.id for one in stuck if one.expense.obstacle]:
            what = f"{len(ids)} stuck, which nobody can decide; the oldest is {ids[0]}"
            do = "Run python -m bot expenses list --stuck, which says why and what to do."
            found.append(wrong(PART, what, do, key="stuck"))
        return found

    async def look_at_app_token() -> Sequence[Finding]:
        token = settings.slack_app_token
        return await slack.app_token(token.get_secret_value()) if token else []

    def second() -> Awaitable[Sequence[Finding]]:
        return look_for_second_person(policy.holders(Role.FINANCE), slack.directory)

    return [
        # First, as nothing else can be read without it.
        Check(part="database", look=look_at_database),
        Check(part="settings", look=look_at_settings),
        Check(part="settings", look=lambda: look_at_what_was_in_force(settings, database)),
        Check(
            part="Temporal", look=lambda: look_at_temporal(temporal, settings.expense_task_queue)
        ),
        Check(
            part="Slack",
            look=lambda: slack.token(looks_up_emails=policy.rulebook.words.names_by_email),
        ),
        Check(part="Slack", look=look_at_app_token, good_for=SLOW_SECONDS),
        Check(part="Slack", look=lambda: slack.channels(channels()), good_for=SLOW_SECONDS),
        Check(
            part="Slack",
            look=lambda: slack.people(policy.named),
            good_for=SLOW_SECONDS,
        ),
        Check(
            part="Slack",
            look=lambda: slack.role_holders({*policy.holders(*Role)}),
            good_for=SLOW_SECONDS,
        ),
        Check(
            part="Slack",
            look=lambda: slack.operators(settings.expense_operators),
            good_for=SLOW_SECONDS,
        ),
        Check(part="payment system", look=payments.look),
        *([] if payments.place else [Check(part="finance", look=second, good_for=SLOW_SECONDS)]),
        Check(part="telemetry", look=look_at_receivers, good_for=SLOW_SECONDS),
        *_checks_of_receipts(settings, database),
        Check(part="expenses", look=look_at_backlog),
    ]


def _checks_of_receipts(settings: Settings, database: Database) -> Iterator[Check]:
    if settings.expense_receipts:
        storage, store = ReceiptStorage(settings.expense_receipts, database), ReceiptStore(database)
        yield Check(part="receipts", look=storage.look, good_for=SLOW_SECONDS)
        yield Check(part="receipts", look=lambda: late_receipts(store))


async def look_at_what_was_in_force(settings: Settings, database: Database) -> Sequence[Finding]:
    """Find out whether settings are missing that the record shows to have been in force."""
    in_force = await InForce.read(database)
    try:
        settings.check(in_force)
    except SettingsError as error:
        return [wrong("settings", str(error), "The bot does not start before that.")]
    if not settings.fits(in_force):
        what = "EXPENSE_ENCRYPTION_KEY does not decrypt the task tokens that are needed"
        do = (
            "Put the former key behind the new one, separated by a comma; without it, decisions "
            "are delivered by the activity's id, and proofs in Temporal cannot be read."
        )
        return [Finding(part="settings", level=Level.WARNING, what=what, do=do)]
    return [well("settings", "nothing is missing that the record shows to have been in force")]


def settings_findings(settings: Settings) -> Iterator[Finding]:
    """Say which settings are as nobody would want them in the end."""
    if not settings.expense_approvers:
        yield Finding(
            part="settings",
            level=Level.WARNING,
            what="EXPENSE_APPROVERS is empty: nobody may decide an expense that no rule covers",
            do="Name users and user groups, if the policy does not cover every expense.",
        )
    if not settings.expense_api_key:
        yield Finding(
            part="settings",
            level=Level.WARNING,
            what="EXPENSE_API_KEY is not set: nobody on another machine reaches the bot",
            do="Set it to the same value for the bot and the worker.",
        )


async def diagnose(settings: Settings) -> list[Finding]:
    """Look at everything once, without a bot that runs.

    Raises:
        SettingsError: TEMPORAL_* or EXPENSE_PAYLOAD_CODEC is wrong.
    """
    async with AsyncExitStack() as opened:
        database = Database(settings.database_url)
        opened.push_async_callback(database.close)
        session = await opened.enter_async_context(make_session())
        token = settings.slack_bot_token.get_secret_value()
        client = make_slack_client(token, settings.slack_api_url, session)
        people = SlackDirectory(client)
        everything = checks(
            settings,
            database=database,
            temporal=await connect_temporal(settings.expense_payload_codec),
            slack=SlackProbe(client, people, pause=0),
            policy=settings.policy(people, Delegations(database)),
            payments=make_payments(
                session, settings.expense_payment_url, plain(settings.expense_payment_key)
            ),
        )
        return await Diagnostics(everything).findings(patience=None)
