"""Plans of policies, whom they ask, what was approved automatically, and delegations."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Apply."""
    op.add_column("expenses", sa.Column("manager", sa.String(length=32), nullable=True))
    op.add_column("expenses", sa.Column("receipts", sa.Text(), nullable=True))
    op.add_column("expenses", sa.Column("plan", sa.Text(), nullable=True))
    op.add_column("expenses", sa.Column("progress", sa.Text(), nullable=True))
    op.add_column("expenses", sa.Column("decided_for", sa.String(length=32), nullable=True))
    op.add_column("expenses", sa.Column("previous_id", sa.String(length=200), nullable=True))
    op.add_column("expenses", sa.Column("redraw_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "expenses_decided_by_decided_at", "expenses", ["decided_by", "decided_at"], unique=False
    )
    is_waiting = sa.text("state = 'CREATED' AND plan IS NULL")
    op.create_index(
        "expenses_waiting",
        "expenses",
        ["created_at", "id"],
        unique=False,
        sqlite_where=is_waiting,
        postgresql_where=is_waiting,
    )
    with op.batch_alter_table("messages") as messages:
        messages.alter_column(
            "audience", type_=sa.String(length=64), existing_type=sa.String(length=20)
        )

    op.create_table(
        "seats",
        sa.Column("asked", sa.String(length=32), nullable=False),
        sa.Column("expense_id", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["expense_id"], ["expenses.id"]),
        sa.PrimaryKeyConstraint("asked", "expense_id"),
    )
    op.create_index("seats_expense_id", "seats", ["expense_id"], unique=False)

    op.create_table(
        "allowances",
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person", "month", "currency"),
    )

    op.create_table(
        "delegations",
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("delegate", sa.String(length=32), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person"),
    )
    op.create_index("delegations_delegate", "delegations", ["delegate"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_index("delegations_delegate")
    op.drop_table("delegations")
    op.drop_table("allowances")
    op.drop_index("seats_expense_id")
    op.drop_table("seats")
    with op.batch_alter_table("messages") as messages:
        messages.alter_column(
            "audience", type_=sa.String(length=20), existing_type=sa.String(length=64)
        )
    op.drop_index("expenses_waiting")
    op.drop_index("expenses_decided_by_decided_at")
    for name in (
        "redraw_at",
        "previous_id",
        "decided_for",
        "progress",
        "plan",
        "receipts",
        "manager",
    ):
        op.drop_column("expenses", name)
