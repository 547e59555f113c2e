"""The tables that make the audit trail show what was done to it, and policies by their hash."""

import sqlalchemy as sa

from bot.database.schema import Instant, metadata

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")

# What was signed: see bot.database.trail.chain.
audit_roots = sa.Table(
    "audit_roots",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("lines", sa.Text, nullable=False),
    sa.Column("signature", sa.String(128), nullable=False),
)

# Beside the lines, and refers to none, so that a line that is removed leaves its seal.
audit_seals = sa.Table(
    "audit_seals",
    metadata,
    sa.Column("number", _NUMBER, primary_key=True, autoincrement=False),
    sa.Column("expense_id", sa.String(200), nullable=False),
    # Counted from 1 for each expense, in the order of sealing.
    sa.Column("line", sa.Integer, nullable=False),
    # The number of the root that names it.
    sa.Column("root", sa.Integer, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    # JSON, these two: the salt of each commitment, and commitments whose salt was erased.
    sa.Column("salts", sa.Text, nullable=False),
    sa.Column("erased", sa.Text),
    sa.Index("audit_seals_expense_id_line", "expense_id", "line", unique=True),
    sa.Index("audit_seals_root", "root"),
)

# Each policy by which an expense was judged, as it read.
policy_texts = sa.Table(
    "policy_texts",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("since", Instant, nullable=False),
)
