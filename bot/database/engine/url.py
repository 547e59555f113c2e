"""Reads DATABASE_URL, connects asyncpg to it, and says in one line what is wrong with it.

Parameters keep the names that libpq and platforms give them:
https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
"""

import os
import socket
import sqlite3
import ssl
from collections.abc import Mapping
from typing import Any

from asyncpg import (  # type: ignore[import-untyped]
    ClientConfigurationError,
    InterfaceError,
    InternalClientError,
    PostgresError,
)
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

_TLS = ("sslmode", "sslrootcert", "sslcert", "sslkey")
_TAKEN = {*_TLS, "host", "port", "target_session_attrs", "application_name", "options"}
# They say of other clients what this one does anyway.
_IDLE = {
    "channel_binding": {"disable", "prefer", "require"},  # the last one is read below
    "gssencmode": {"disable", "prefer"},
    "pgbouncer": {"true", "false"},  # Prisma's; `bot.database.engine.postgres` finds out by itself
    "schema": {"public"},  # Prisma's, too
}
_ADVICE = {"connection_limit": "; EXPENSE_DATABASE_CONNECTIONS says how many the bot opens"}
_SSL_MODES = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}
# What other drivers call it.
_SSL_WORDS = {"true": "require", "1": "require", "false": "disable", "0": "disable"}
_HOW_TO_WRITE = (
    "write it like postgres://user:password@host/name, with special characters of the password "
    "percent-encoded"
)
# By PostgreSQL's codes (https://www.postgresql.org/docs/current/errcodes-appendix.html). The
# server's own words follow; they hold names, and never a password.
_REFUSALS = {
    "28P01": "names a user or a password that the server refuses",
    "28000": "names a user whom the server does not let in",
    "3D000": "names a database that is not there",
    "42P01": "names a database without tables: run python -m bot migrate",
    "42501": "names a user who lacks a right",
    "25006": "names a database that cannot be written, such as a replica",
    "53300": "names a server that has no free connection; see EXPENSE_DATABASE_CONNECTIONS",
    "57P03": "names a server that is starting or stopping",
    # Whole classes: connection, resources, operator intervention, system, internal error.
    "08": "names a server or a pooler that refuses",
    **dict.fromkeys(("53", "57", "58", "XX"), "names a server in trouble"),
}
# They pass by themselves, within seconds.
PASSING = {"53300", "57P03"}


def parse_database_url(text: object, authorities: str = "") -> object:
    """Return a SQLAlchemy URL with an async driver from an address such as platforms set.

    Args:
        authorities: certificates in PEM by which the server of PostgreSQL is verified.

    Raises:
        ValueError: it is not an address of PostgreSQL or SQLite that the bot can use; the message
            repeats no password.
    """
    if not isinstance(text, str):
        return text
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError):
        # SQLAlchemy's own message would repeat the password.
        raise ValueError(_HOW_TO_WRITE) from None
    match url.get_backend_name():
        case "postgres" | "postgresql":
            return _postgres(url, authorities)
        case "sqlite":
            if url.query:
                raise ValueError("an address of SQLite takes no parameters; leave them out")
            return url.set(drivername="sqlite+aiosqlite")
        case other:
            raise ValueError(f"{other} is not supported; use postgres:// or sqlite:///")


def _postgres(url: URL, authorities: str) -> URL:
    if twice := sorted(key for key, value in url.query.items() if not isinstance(value, str)):
        raise ValueError(f"the parameter {twice[0]} is there twice")
    password = str(url.password or "")
    if (password[:1], password[-1:]) in {("[", "]"), ("<", ">")}:
        raise ValueError("it has a placeholder where the password belongs")
    query = {
        ("sslmode" if key == "ssl" else key): value
        for key, value in url.query.items()
        if value not in _IDLE.get(key, ())
    }
    if unknown := sorted(set(query) - _TAKEN):
        advice = _ADVICE.get(unknown[0], "")
        raise ValueError(f"the parameter {unknown[0]} is not supported; leave it out{advice}")
    if mode := query.get("sslmode"):
        query["sslmode"] = _SSL_WORDS.get(str(mode), mode)
        if query["sslmode"] not in _SSL_MODES:
            raise ValueError(f"sslmode must be one of {', '.join(sorted(_SSL_MODES))}")
    if url.query.get("channel_binding") == "require":
        # asyncpg binds no channel. A certificate that is verified keeps others out as well.
        if query.get("sslmode") in {"disable", "allow"}:
            raise ValueError("channel_binding=require needs sslmode=require or verify-full")
        query["sslmode"] = "verify-full"
    if authorities:
        if (mode := query.get("sslmode")) in {"disable", "allow"}:
            raise ValueError(f"with EXPENSE_DATABASE_CA, write sslmode=verify-full, not {mode}")
        query["sslmode"] = mode if mode == "verify-ca" else "verify-full"
        query["sslrootcert"] = authorities
    _check_tls(query)
    return url.set(drivername="postgresql+asyncpg", query=query)


def _check_tls(query: Mapping[str, Any]) -> None:
    if "sslrootcert" in query and not _verifies(query):
        raise ValueError("sslrootcert needs sslmode=verify-full")
    for name in ("sslrootcert", "sslcert", "sslkey"):
        if (path := query.get(name, "system")) == "system" or "\n" in path:
            continue
        try:
            with open(path, encoding="ascii", errors="replace") as file:
                file.read(1)
        except OSError as error:
            raise ValueError(f"{name} names {path}: {error.strerror}") from None
    try:
        _tls(query)
    except ssl.SSLError:
        raise ValueError("sslrootcert, sslcert and sslkey must name certificates in PEM") from None


def _verifies(query: Mapping[str, Any]) -> bool:
    mode = query.get("sslmode", "prefer")
    # As libpq does: with a root certificate, `require` is `verify-ca`.
    return mode in {"verify-ca", "verify-full"} or (mode == "require" and "sslrootcert" in query)


def _tls(query: Mapping[str, Any]) -> ssl.SSLContext | None:
    """Return how the server's certificate is verified; None if it is not.

    asyncpg would read the files once for each connection, and knows neither the authorities of the
    system nor `sslrootcert=system`.
    """
    if not _verifies(query):
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    root = query.get("sslrootcert", "system")
    context.check_hostname = root == "system" or query["sslmode"] == "verify-full"
    if root == "system":
        context.load_default_certs()
    else:
        context.load_verify_locations(**{"cadata" if "\n" in root else "cafile": root})
    if "sslcert" in query:
        context.load_cert_chain(query["sslcert"], query.get("sslkey"))
    return context


def connect_arguments(url: URL) -> dict[str, Any]:
    """Return the arguments of asyncpg's `connect` for a URL that `parse_database_url` returned."""
    arguments: dict[str, Any] = {}
    if context := _tls(url.query):
        arguments["ssl"] = context
        url = url.difference_update_query(_TLS)
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return {"dsn": dsn, **arguments}


def cause_of(error: BaseException) -> BaseException:
    """Return the driver's error behind SQLAlchemy's."""
    if isinstance(error, DBAPIError) and error.orig:
        return error.orig.__cause__ or error.orig
    return error


def sqlstate_of(error: BaseException) -> str:
    """Return PostgreSQL's code of an error; empty if it has none."""
    return getattr(cause_of(error), "sqlstate", None) or ""


def explain(error: BaseException, url: URL, *, connecting: bool = False) -> str | None:
    """Say what an operator has to mend, in a sentence that begins with DATABASE_URL.

    Args:
        connecting: whether it came of connecting, which no bug of the program can prevent.

    Returns:
        None if it is no mistake of theirs, but of the program.
    """
    error = cause_of(error)
    words = (
        _wrong_sqlite(error) if url.get_backend_name() == "sqlite" else _wrong_postgres(error, url)
    )
    if connecting and words is None and isinstance(error, PostgresError):
        words = f"names a server that refuses ({_first_line(error)})"
    return words and " ".join(f"DATABASE_URL {words}".split())


def _wrong_sqlite(error: BaseException) -> str | None:
    is_mistake = isinstance(error, sqlite3.DatabaseError | OSError)
    is_bug = isinstance(error, sqlite3.ProgrammingError | sqlite3.IntegrityError)
    hint = "; may the bot write in its folder?" if "unable to open" in str(error) else ""
    return f"names a file that cannot be used: {error}{hint}" if is_mistake and not is_bug else None


def _wrong_postgres(error: BaseException, url: URL) -> str | None:
    place = _place(url)
    match error:
        case PostgresError():
            return _refusal(error)
        case socket.gaierror():
            return f"names {place}, and there is no such host"
        case TimeoutError():
            return f"names {place}, which does not answer: is a firewall in between?"
        case ssl.SSLCertVerificationError():
            why = error.verify_message
            return f"names {place}, whose certificate is not trusted ({why}): see sslrootcert"
        case ssl.SSLError():
            return f"names {place}, with which TLS fails: {error}"
        case FileNotFoundError():
            return f"names {place}, and there is no such socket"
        case ClientConfigurationError():
            return f"is wrong: {error}"
        case OSError() if "rejected SSL upgrade" in str(error):
            return f"names {place}, which offers no TLS, or is not PostgreSQL"
        case ConnectionResetError() | InterfaceError() | InternalClientError():
            return f"names {place}, which does not answer as PostgreSQL does: {error}"
        case OSError():
            why = os.strerror(error.errno) if error.errno else str(error)
            return f"names {place}, which cannot be reached: {why}"
    return None


def _refusal(error: Any) -> str | None:
    state = error.sqlstate or ""
    words = _REFUSALS.get(state) or _REFUSALS.get(state[:2])
    return words and f"{words} ({_first_line(error)})"


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]


def _place(url: URL) -> str:
    host = url.query.get("host") or url.host or "this machine"
    port = url.query.get("port") or url.port
    return f"{host}:{port}" if port else str(host)
