"""Copies of receipts, what threads show of them, and what is in them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Apply."""
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "receipts",
        sa.Column("expense_id", sa.String(200), sa.ForeignKey("expenses.id"), primary_key=True),
        sa.Column("file_id", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("is_required", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("settled_at", instant),
        sa.Column("flaw", sa.String(20)),
        sa.Column("sha256", sa.String(64)),
        sa.Column("type", sa.String(100)),
        sa.Column("size", sa.BigInteger),
        sa.Column("place", sa.Text),
        sa.Column("due_at", instant),
        sa.Column("leased_until", instant),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("trouble", sa.Text),
        sa.Index("receipts_due_at", "due_at"),
        sa.Index("receipts_sha256", "sha256"),
        sa.Index("receipts_file_id", "file_id"),
    )
    op.create_table(
        "receipt_posts",
        sa.Column("expense_id", sa.String(200), sa.ForeignKey("expenses.id"), primary_key=True),
        sa.Column("file_id", sa.String(64), primary_key=True),
        sa.Column("audience", sa.String(64), primary_key=True),
        sa.Column("upload_id", sa.String(64)),
        sa.Column("begun_at", instant, nullable=False),
        sa.Column("posted_at", instant),
    )
    op.create_table(
        "receipt_contents",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    """Take back."""
    for table in ("receipt_contents", "receipt_posts", "receipts"):
        op.drop_table(table)
