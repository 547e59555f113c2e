"""An index by which finance finds what stands somewhere, and what was submitted in a month."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Apply."""
    op.create_index("expenses_state_created_at", "expenses", ["state", "created_at"])


def downgrade() -> None:
    """Take back."""
    op.drop_index("expenses_state_created_at", table_name="expenses")
