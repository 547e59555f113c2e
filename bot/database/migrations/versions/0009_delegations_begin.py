"""When a delegation begins and ends that does not begin at once."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Apply."""
    for name in ("begins", "ends"):
        op.add_column("delegations", sa.Column(name, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take back."""
    for name in ("ends", "begins"):
        op.drop_column("delegations", name)
