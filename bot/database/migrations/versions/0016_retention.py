"""Who is asked instead of nobody after a later flag, and what is still retained."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Apply."""
    op.add_column("expenses", sa.Column("asks_instead", sa.Text, nullable=True))
    op.add_column("expenses", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    is_retained = sa.text("erased_at IS NULL")
    op.create_index(
        "expenses_retained",
        "expenses",
        ["created_at", "id"],
        sqlite_where=is_retained,
        postgresql_where=is_retained,
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("expenses_retained", table_name="expenses")
    for name in ("erased_at", "asks_instead"):
        op.drop_column("expenses", name)
