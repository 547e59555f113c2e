"""What is unusual about an expense, what its requester says to it, and an index to find it by."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Apply."""
    for name in ("flags", "flag_answer"):
        op.add_column("expenses", sa.Column(name, sa.Text, nullable=True))
    op.create_index("expenses_requester_spent_on", "expenses", ["requester", "spent_on"])


def downgrade() -> None:
    """Take back."""
    op.drop_index("expenses_requester_spent_on", table_name="expenses")
    for name in ("flag_answer", "flags"):
        op.drop_column("expenses", name)
