"""Why an expense is stuck."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply."""
    op.add_column("expenses", sa.Column("obstacle", sa.Text(), nullable=True))
    is_stuck = sa.text("obstacle IS NOT NULL")
    op.create_index(
        "expenses_stuck",
        "expenses",
        ["created_at"],
        sqlite_where=is_stuck,
        postgresql_where=is_stuck,
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("expenses_stuck", table_name="expenses")
    op.drop_column("expenses", "obstacle")
