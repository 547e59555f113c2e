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
    # Until when one process sees to it and the others leave it alone.
    Column("leased_until", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Index("expenses_due_at", "due_at"),
    Index("expenses_requester_created_at", "requester", "created_at"),
)

messages = Table(
    "messages",
    metadata,
    Column("expense_id", ForeignKey("expenses.id"), primary_key=True),
    # To whom: approvers (the channel), requester (their thread), approver (who decided).
    Column("audience", String(20), primary_key=True),
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
