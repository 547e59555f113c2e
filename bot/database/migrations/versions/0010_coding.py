"""What the company's books call an expense."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Apply."""
    op.add_column("expenses", sa.Column("coding", sa.Text, nullable=True))


def downgrade() -> None:
    """Take back."""
    op.drop_column("expenses", "coding")
