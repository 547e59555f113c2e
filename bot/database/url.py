"""The database's address, as platforms write it."""

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

# What asyncpg understands of the parameters that libpq knows.
_POSTGRES_PARAMETERS = {"host", "port", "ssl", "target_session_attrs"}
_SSL_MODES = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}


def parse_database_url(text: object) -> object:
    """Read an address of SQLite or PostgreSQL as platforms write it.

    Raises:
        ValueError: it is none; the message repeats no part of it.
    """
    if not isinstance(text, str):
        return text
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError):
        # Their own words repeat parts of the address, among them the password.
        raise ValueError("write it like postgres://user:password@host/name") from None
    match url.get_backend_name():
        case "postgres" | "postgresql":
            return url.set(drivername="postgresql+asyncpg", query=_postgres_query(url))
        case "sqlite":
            if url.query:
                raise ValueError("an address of SQLite takes no parameters; leave them out")
            return url.set(drivername="sqlite+aiosqlite")
        case other:
            raise ValueError(f"{other} is not supported; use postgres:// or sqlite:///")


def _postgres_query(url: URL) -> dict[str, str | tuple[str, ...]]:
    # Platforms say sslmode, which is libpq's word; asyncpg's is ssl.
    query = {("ssl" if key == "sslmode" else key): url.query[key] for key in url.query}
    if unknown := sorted(set(query) - _POSTGRES_PARAMETERS):
        raise ValueError(f"the parameter {unknown[0]} is not supported; leave it out")
    if query.get("ssl", "disable") not in _SSL_MODES:
        raise ValueError(f"sslmode must be one of {', '.join(sorted(_SSL_MODES))}")
    return query
