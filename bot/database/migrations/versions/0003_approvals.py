"""A table of approvals, in the place of a list within each expense's progress."""

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

# Bots of the version before read and write the list until they are replaced, so it stays, and is
# written beside the table: the way back loses nothing.
_PROGRESS = sa.table("expenses", sa.column("id", sa.String), sa.column("progress", sa.Text))
_APPROVALS = sa.table(
    "approvals",
    sa.column("expense_id", sa.String),
    sa.column("approver", sa.String),
    sa.column("on_behalf_of", sa.String),
    sa.column("stage", sa.Integer),
    sa.column("at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "approvals",
        sa.Column("expense_id", sa.String(length=200), nullable=False),
        sa.Column("approver", sa.String(length=32), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=32), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["expense_id"], ["expenses.id"]),
        sa.PrimaryKeyConstraint("expense_id", "approver"),
    )
    connection = op.get_bind()
    found = connection.execute(sa.select(_PROGRESS).where(_PROGRESS.c.progress.is_not(None))).all()
    rows = [row for expense_id, progress in found for row in _rows(expense_id, progress)]
    if connection.dialect.name == "sqlite":  # which keeps instants in UTC, without saying so
        rows = [row | {"at": row["at"].replace(tzinfo=None)} for row in rows]
    if rows:
        op.bulk_insert(_APPROVALS, rows)


def _rows(expense_id: str, progress: str) -> list[dict[str, Any]]:
    return [
        {
            "expense_id": expense_id,
            "approver": line["person"],
            "on_behalf_of": line["seat"],
            "stage": line["stage"],
            "at": datetime.fromisoformat(line["at"]),
        }
        for line in json.loads(progress).get("approvals", ())
    ]


def downgrade() -> None:
    """Take back."""
    op.drop_table("approvals")
