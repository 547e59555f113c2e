"""Where in a trace the last step of an expense is that a person took."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Apply."""
    op.add_column("expenses", sa.Column("traceparent", sa.String(55), nullable=True))


def downgrade() -> None:
    """Take back."""
    op.drop_column("expenses", "traceparent")
