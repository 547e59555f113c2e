"""The table of payments."""

import sqlalchemy as sa

from bot.database.schema import Instant, metadata

# What finance pays by hand, and the references by which a payment system has paid.
payments = sa.Table(
    "payments",
    metadata,
    sa.Column("expense_id", sa.ForeignKey("expenses.id"), primary_key=True),
    # When it was left to finance; empty if the payment system paid.
    sa.Column("left_at", Instant),
    # What was marked together, by one form or file; empty while nothing says that it is paid.
    sa.Column("run", sa.String(64)),
    sa.Column("marked_by", sa.String(32)),
    sa.Column("marked_at", Instant),
    sa.Column("paid_on", sa.Date),
    sa.Column("reference", sa.String(140)),
    sa.Column("confirmed_by", sa.String(32)),
    sa.Column("confirmed_at", Instant),
    sa.Index(
        "payments_unconfirmed",
        "left_at",
        sqlite_where=sa.text("confirmed_by IS NULL"),
        postgresql_where=sa.text("confirmed_by IS NULL"),
    ),
)
