"""A table of payments: what finance pays by hand, and a payment system's references."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Apply.

    Expenses that were completed before get no row: people have read that they are paid, and only
    finance's own books say which are.
    """
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "payments",
        sa.Column("expense_id", sa.String(length=200), nullable=False),
        sa.Column("left_at", instant),
        sa.Column("run", sa.String(length=64)),
        sa.Column("marked_by", sa.String(length=32)),
        sa.Column("marked_at", instant),
        sa.Column("paid_on", sa.Date()),
        sa.Column("reference", sa.String(length=140)),
        sa.Column("confirmed_by", sa.String(length=32)),
        sa.Column("confirmed_at", instant),
        sa.ForeignKeyConstraint(["expense_id"], ["expenses.id"]),
        sa.PrimaryKeyConstraint("expense_id"),
    )
    is_unconfirmed = sa.text("confirmed_by IS NULL")
    op.create_index(
        "payments_unconfirmed",
        "payments",
        ["left_at"],
        sqlite_where=is_unconfirmed,
        postgresql_where=is_unconfirmed,
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("payments")
