"""The seals of audit lines, the signed roots over them, and the texts of policies by their hash."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "audit_roots",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("lines", sa.Text, nullable=False),
        sa.Column("signature", sa.String(128), nullable=False),
    )
    op.create_table(
        "audit_seals",
        sa.Column("number", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("expense_id", sa.String(200), nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("root", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("salts", sa.Text, nullable=False),
        sa.Column("erased", sa.Text),
    )
    op.create_index(
        "audit_seals_expense_id_line", "audit_seals", ["expense_id", "line"], unique=True
    )
    op.create_index("audit_seals_root", "audit_seals", ["root"])
    op.create_table(
        "policy_texts",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )
    op.add_column("expenses", sa.Column("policy_sha256", sa.String(64), nullable=True))


def downgrade() -> None:
    """Take back."""
    op.drop_column("expenses", "policy_sha256")
    for name in ("policy_texts", "audit_seals", "audit_roots"):
        op.drop_table(name)
