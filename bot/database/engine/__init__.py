"""The connections to PostgreSQL and SQLite, and how statements are executed."""
