"""All tables, which three modules define."""

from bot.database.payments.schema import payments
from bot.database.schema import expenses
from bot.database.trail.schema import policy_texts

# The three share their metadata, which knows the tables of those modules that were imported.
TABLES = {
    name: table
    for one in (expenses, payments, policy_texts)
    for name, table in one.metadata.tables.items()
}
