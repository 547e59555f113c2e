"""Where in Temporal the workflow of an expense was started."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Apply."""
    op.add_column("expenses", sa.Column("namespace", sa.String(length=255), nullable=True))
    op.add_column("expenses", sa.Column("namespace_id", sa.String(length=100), nullable=True))


def downgrade() -> None:
    """Take back."""
    op.drop_column("expenses", "namespace_id")
    op.drop_column("expenses", "namespace")
