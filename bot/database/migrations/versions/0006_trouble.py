"""Why delivery could not do what an expense needs, since when, and when operators were told."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Apply."""
    op.add_column("expenses", sa.Column("trouble", sa.Text(), nullable=True))
    for name in ("trouble_since", "operators_told_at"):
        op.add_column("expenses", sa.Column(name, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take back."""
    for name in ("operators_told_at", "trouble_since", "trouble"):
        op.drop_column("expenses", name)
