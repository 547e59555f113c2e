"""Reads DATABASE_URL."""

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

# Those of libpq's parameters that asyncpg has, too.
_POSTGRES_PARAMETERS = {"host", "port", "ssl", "target_session_attrs"}
_SSL_MODES = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}


def parse_database_url(text: object) -> object:
    """Return a SQLAlchemy URL with an async driver from an address such as platforms set.

    Raises:
        ValueError: it is not an address of PostgreSQL or SQLite; the message repeats no part of it.
    """
    if not isinstance(text, str):
        return text
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError):
        # SQLAlchemy's own message would repeat the password.
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
    # What libpq and platforms call sslmode is ssl for asyncpg.
    query = {("ssl" if key == "sslmode" else key): url.query[key] for key in url.query}
    if unknown := sorted(set(query) - _POSTGRES_PARAMETERS):
        raise ValueError(f"the parameter {unknown[0]} is not supported; leave it out")
    if query.get("ssl", "disable") not in _SSL_MODES:
        raise ValueError(f"sslmode must be one of {', '.join(sorted(_SSL_MODES))}")
    return query
