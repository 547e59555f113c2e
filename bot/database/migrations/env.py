"""Runs the migrations on the connection of `bot.database.migrate`; Alembic runs this file."""

from alembic import context
from sqlalchemy import text

from bot.database.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    if connection.dialect.name == "postgresql":
        # One release process at a time.
        connection.execute(text("SELECT pg_advisory_xact_lock(7236837)"))
    context.run_migrations()
