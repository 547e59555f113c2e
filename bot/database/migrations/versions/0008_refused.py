"""An index of the expenses whose payment was refused, for admins."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Apply."""
    is_refused = sa.text("state = 'PAYMENT_FAILED'")
    op.create_index(
        "expenses_refused",
        "expenses",
        ["decided_at"],
        sqlite_where=is_refused,
        postgresql_where=is_refused,
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("expenses_refused", table_name="expenses")
