"""The tables, as the migrations leave them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    and_,
    literal_column,
)

metadata = MetaData()


class Instant(TypeDecorator[datetime]):
    """An instant, kept in UTC; SQLite, which knows no time zones, gets it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn into UTC before it is stored."""
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Say that it is in UTC when it is read."""
        return None if value is None else value.replace(tzinfo=UTC)


expenses = Table(
    "expenses",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("requester", String(32)),
    Column("amount", String(40)),
    Column("currency", String(3)),
    Column("description", Text),
    Column("category", String(20)),
    Column("spent_on", Date),
    Column("submission_key", String(255)),
    Column("window_seconds", Float),
    Column("started_at", Instant),
    Column("workflow_id", String(1000)),
    Column("run_id", String(100)),
    Column("task_token", LargeBinary),
    Column("decide_by", Instant),
    Column("decision", String(20)),
    Column("decided_by", String(32)),
    Column("decided_at", Instant),
    Column("reason", Text),
    Column("delivered_at", Instant),
    Column("payment_asked_at", Instant),
    Column("payment_refusal", String(64)),
    # When delivery must look at this expense again; empty when nothing is outstanding.
    Column("due_at", Instant),
    # When its messages are drawn once more, because nobody knows what Slack did with a call.
    Column("redraw_at", Instant),
    # Until when one process sees to it and the others leave it alone.
    Column("leased_until", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("manager", String(32)),
    # These three are JSON; an expense without a plan asks the approvers of the settings.
    Column("receipts", Text),
    Column("plan", Text),
    Column("progress", Text),
    Column("decided_for", String(32)),
    Column("previous_id", String(200)),
    Index("expenses_due_at", "due_at"),
    Index("expenses_requester_created_at", "requester", "created_at"),
    Index("expenses_decided_by_decided_at", "decided_by", "decided_at"),
)
_is_waiting = and_(expenses.c.state == literal_column("'CREATED'"), expenses.c.plan.is_(None))
Index(
    "expenses_waiting",
    expenses.c.created_at,
    expenses.c.id,
    sqlite_where=_is_waiting,
    postgresql_where=_is_waiting,
)

# Whom an open expense with a plan asks at present: Slack ids of users and user groups.
seats = Table(
    "seats",
    metadata,
    Column("asked", String(32), primary_key=True),
    Column("expense_id", ForeignKey("expenses.id"), primary_key=True),
    Index("seats_expense_id", "expense_id"),
)

# Who has agreed to an expense with a plan, in which stage, and on whose behalf (mostly their own).
approvals = Table(
    "approvals",
    metadata,
    Column("expense_id", ForeignKey("expenses.id"), primary_key=True),
    Column("approver", String(32), primary_key=True),
    Column("on_behalf_of", String(32), nullable=False),
    Column("stage", Integer, nullable=False),
    Column("at", Instant, nullable=False),
)

# What was approved automatically for a person in a month, in ten-thousandths of the currency.
allowances = Table(
    "allowances",
    metadata,
    Column("person", String(32), primary_key=True),
    Column("month", Date, primary_key=True),
    Column("currency", String(3), primary_key=True),
    Column("used", BigInteger, nullable=False),
)

# Who stands in for whom, and until when.
delegations = Table(
    "delegations",
    metadata,
    Column("person", String(32), primary_key=True),
    Column("delegate", String(32), nullable=False),
    Column("until", Instant, nullable=False),
    Index("delegations_delegate", "delegate"),
)

messages = Table(
    "messages",
    metadata,
    Column("expense_id", ForeignKey("expenses.id"), primary_key=True),
    # To whom: approvers, requester (their thread), approver (who decided).
    Column("audience", String(64), primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("ts", String(32), nullable=False),
    Column("shown_version", Integer, nullable=False),
    # The last line of the audit trail that was told in this message's thread.
    Column("told", BigInteger, nullable=False, server_default="0"),
)

audit = Table(
    "audit",
    metadata,
    Column(
        "number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("expense_id", ForeignKey("expenses.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("event", String(32), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("state", String(20), nullable=False),
    Column("detail", Text),
    Index("audit_expense_id_number", "expense_id", "number"),
    sqlite_autoincrement=True,
)
