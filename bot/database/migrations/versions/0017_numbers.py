"""The number of each expense, by year, in the order in which they were made."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_YEAR = {
    "postgresql": "CAST(extract(year FROM created_at AT TIME ZONE 'UTC') AS integer)",
    "sqlite": "CAST(strftime('%Y', created_at) AS integer)",
}
# What bots record meanwhile has no number; they number it when they are of this version.
_GIVE = """
UPDATE expenses SET number_year = counted.year, number = counted.number FROM (
  SELECT id, {year} AS year,
    row_number() OVER (PARTITION BY {year} ORDER BY created_at, id) AS number
  FROM expenses
) AS counted WHERE expenses.id = counted.id
"""
_COUNT = """
INSERT INTO numbers (year, last)
SELECT number_year, max(number) FROM expenses WHERE number IS NOT NULL GROUP BY number_year
"""
# Of what an expense was made from, as people read it.
_NAME = """
UPDATE expenses SET previous_number = previous.number_year || '-' || CASE
  WHEN previous.number > 9999 THEN CAST(previous.number AS varchar(20))
  ELSE substr('000' || previous.number, length('000' || previous.number) - 3) END
FROM expenses AS previous WHERE previous.id = expenses.previous_id
"""


def upgrade() -> None:
    """Apply."""
    for name in ("number_year", "number"):
        op.add_column("expenses", sa.Column(name, sa.Integer(), nullable=True))
    op.add_column("expenses", sa.Column("previous_number", sa.String(20), nullable=True))
    op.create_table(
        "numbers",
        sa.Column("year", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer(), nullable=False),
    )
    op.execute(_GIVE.format(year=_YEAR[op.get_context().dialect.name]))
    op.execute(_COUNT)
    op.execute(_NAME)
    is_numbered, is_unnumbered = sa.text("number IS NOT NULL"), sa.text("number IS NULL")
    op.create_index(
        "expenses_number",
        "expenses",
        ["number_year", "number"],
        unique=True,
        sqlite_where=is_numbered,
        postgresql_where=is_numbered,
    )
    op.create_index(
        "expenses_unnumbered",
        "expenses",
        ["created_at"],
        sqlite_where=is_unnumbered,
        postgresql_where=is_unnumbered,
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("expenses_unnumbered", table_name="expenses")
    op.drop_index("expenses_number", table_name="expenses")
    op.drop_table("numbers")
    for name in ("previous_number", "number", "number_year"):
        op.drop_column("expenses", name)
