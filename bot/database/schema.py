"""The tables, as the newest migration leaves them; others are in `trail` and `payments`."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()


class Instant(sa.TypeDecorator[datetime]):
    """An instant in UTC; SQLite, which has no time zones, stores it without one."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Convert an instant for the driver."""
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any | None, dialect: sa.Dialect) -> datetime | None:
        """Add the time zone to an instant from the driver."""
        return None if value is None else value.replace(tzinfo=UTC)


expenses = sa.Table(
    "expenses",
    metadata,
    sa.Column("id", sa.String(200), primary_key=True),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("requester", sa.String(32)),
    sa.Column("amount", sa.String(40)),
    sa.Column("currency", sa.String(3)),
    sa.Column("description", sa.Text),
    sa.Column("category", sa.String(20)),
    sa.Column("spent_on", sa.Date),
    sa.Column("submission_key", sa.String(255)),
    sa.Column("window_seconds", sa.Float),
    sa.Column("started_at", Instant),
    sa.Column("workflow_id", sa.String(1000)),
    sa.Column("run_id", sa.String(100)),
    # Where in Temporal the workflow was started.
    sa.Column("namespace", sa.String(255)),
    sa.Column("namespace_id", sa.String(100)),
    sa.Column("task_token", sa.LargeBinary),
    sa.Column("decide_by", Instant),
    sa.Column("decision", sa.String(20)),
    sa.Column("decided_by", sa.String(32)),
    sa.Column("decided_at", Instant),
    sa.Column("reason", sa.Text),
    sa.Column("delivered_at", Instant),
    sa.Column("payment_asked_at", Instant),
    sa.Column("payment_refusal", sa.String(64)),
    # When delivery has to look at the expense; empty if there is nothing to deliver.
    sa.Column("due_at", Instant),
    # When its messages are drawn again, because Slack's answer to a call did not arrive.
    sa.Column("redraw_at", Instant),
    # The end of one process's lease.
    sa.Column("leased_until", Instant),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("manager", sa.String(32)),
    # JSON, these four; an expense without a plan asks EXPENSE_APPROVERS.
    sa.Column("receipts", sa.Text),
    sa.Column("plan", sa.Text),
    sa.Column("progress", sa.Text),
    # The company's words; `category` is "other" where they name one that no other version knows.
    sa.Column("coding", sa.Text),
    sa.Column("decided_for", sa.String(32)),
    sa.Column("previous_id", sa.String(200)),
    # What people call it; a bot of the version before leaves it out, and a sweep numbers it.
    sa.Column("number_year", sa.Integer),
    sa.Column("number", sa.Integer),
    sa.Column("previous_number", sa.String(20)),  # the number of previous_id, as people read it
    # Why it is stuck, as in bot.domain.obstacle; empty if it is not.
    sa.Column("obstacle", sa.Text),
    # Why delivery could not do what it needs when it last tried; empty if it could.
    sa.Column("trouble", sa.Text),
    sa.Column("trouble_since", Instant),
    sa.Column("operators_told_at", Instant),
    # Where in a trace the last step is that a person took; empty if it was not traced.
    sa.Column("traceparent", sa.String(55)),
    sa.Column("flags", sa.Text),  # a line for each, as in bot.domain.flags
    sa.Column("flag_answer", sa.Text),
    # JSON: the plan that takes the place of an automatic one, because of a later flag.
    sa.Column("asks_instead", sa.Text),
    sa.Column("erased_at", Instant),  # when retention ended
    sa.Column("policy_sha256", sa.String(64)),  # of the policy that judged it, if any
    sa.Index("expenses_due_at", "due_at"),
    sa.Index("expenses_requester_spent_on", "requester", "spent_on"),
    sa.Index("expenses_requester_created_at", "requester", "created_at"),
    sa.Index("expenses_decided_by_decided_at", "decided_by", "decided_at"),
    sa.Index("expenses_state_created_at", "state", "created_at"),
)


def _partial(name: str, where: sa.ColumnElement[bool], *of: Any, unique: bool = False) -> None:
    """Index some of the expenses only."""
    sa.Index(name, *of, unique=unique, sqlite_where=where, postgresql_where=where)


_of = expenses.c
_is_waiting = sa.and_(_of.state == sa.literal_column("'CREATED'"), _of.plan.is_(None))
_partial("expenses_waiting", _is_waiting, _of.created_at, _of.id)
_partial("expenses_stuck", _of.obstacle.is_not(None), _of.created_at)
_partial("expenses_refused", _of.state == sa.literal_column("'PAYMENT_FAILED'"), _of.decided_at)
_partial("expenses_number", _of.number.is_not(None), _of.number_year, _of.number, unique=True)
_partial("expenses_unnumbered", _of.number.is_(None), _of.created_at)

# The last number that an expense of a year has (UTC).
numbers = sa.Table(
    "numbers",
    metadata,
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last", sa.Integer, nullable=False),
)

sa.Index(
    "expenses_retained",
    expenses.c.created_at,
    expenses.c.id,
    sqlite_where=expenses.c.erased_at.is_(None),
    postgresql_where=expenses.c.erased_at.is_(None),
)

# Assignments: the Slack ids of the users and user groups that an open expense with a plan asks now.
seats = sa.Table(
    "seats",
    metadata,
    sa.Column("asked", sa.String(32), primary_key=True),
    sa.Column("expense_id", sa.ForeignKey("expenses.id"), primary_key=True),
    sa.Index("seats_expense_id", "expense_id"),
)

approvals = sa.Table(
    "approvals",
    metadata,
    sa.Column("expense_id", sa.ForeignKey("expenses.id"), primary_key=True),
    sa.Column("approver", sa.String(32), primary_key=True),
    sa.Column("on_behalf_of", sa.String(32), nullable=False),
    sa.Column("stage", sa.Integer, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

# What was approved automatically for a person in a month; `used` is in ten-thousandths.
allowances = sa.Table(
    "allowances",
    metadata,
    sa.Column("person", sa.String(32), primary_key=True),
    sa.Column("month", sa.Date, primary_key=True),
    sa.Column("currency", sa.String(3), primary_key=True),
    sa.Column("used", sa.BigInteger, nullable=False),
)

delegations = sa.Table(
    "delegations",
    metadata,
    sa.Column("person", sa.String(32), primary_key=True),
    sa.Column("delegate", sa.String(32), nullable=False),
    sa.Column("until", Instant, nullable=False),
    # Of one that begins later; its `until` is over, as bots of the version before read that only.
    sa.Column("begins", Instant),
    sa.Column("ends", Instant),
    sa.Index("delegations_delegate", "delegate"),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("expense_id", sa.ForeignKey("expenses.id"), primary_key=True),
    # As in bot.domain.people.audience.
    sa.Column("audience", sa.String(64), primary_key=True),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("ts", sa.String(32), nullable=False),
    sa.Column("shown_version", sa.Integer, nullable=False),
    # The number of the last audit entry that its thread has a reply for.
    sa.Column("told", sa.BigInteger, nullable=False, server_default="0"),
)

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("number", _NUMBER, primary_key=True, autoincrement=True),
    sa.Column("expense_id", sa.ForeignKey("expenses.id"), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("event", sa.String(32), nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("detail", sa.Text),
    sa.Index("audit_expense_id_number", "expense_id", "number"),
    sqlite_autoincrement=True,
)

# The copies of receipts, as in bot.domain.receipts: a row for each receipt of each expense. This is
# an outbox as well: `due_at` says when one has to be looked at.
receipts = sa.Table(
    "receipts",
    metadata,
    sa.Column("expense_id", sa.ForeignKey("expenses.id"), primary_key=True),
    sa.Column("file_id", sa.String(64), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("is_required", sa.Boolean, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("settled_at", Instant),
    sa.Column("flaw", sa.String(20)),
    sa.Column("sha256", sa.String(64)),
    sa.Column("type", sa.String(100)),
    sa.Column("size", sa.BigInteger),
    sa.Column("place", sa.Text),
    sa.Column("due_at", Instant),
    sa.Column("leased_until", Instant),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("trouble", sa.Text),
    sa.Index("receipts_due_at", "due_at"),
    sa.Index("receipts_sha256", "sha256"),
    sa.Index("receipts_file_id", "file_id"),
)

# What the threads of messages show of a receipt: a file that the bot uploaded, or a sentence.
receipt_posts = sa.Table(
    "receipt_posts",
    metadata,
    sa.Column("expense_id", sa.ForeignKey("expenses.id"), primary_key=True),
    sa.Column("file_id", sa.String(64), primary_key=True),
    sa.Column("audience", sa.String(64), primary_key=True),
    # Slack's id of the uploaded file, which is noted before anybody sees it; empty for a sentence.
    sa.Column("upload_id", sa.String(64)),
    sa.Column("begun_at", Instant, nullable=False),
    sa.Column("posted_at", Instant),
)

# What is in receipts, if EXPENSE_RECEIPTS is `database`.
receipt_contents = sa.Table(
    "receipt_contents",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
