"""Addresses of databases as platforms give them: taken as they are, or refused by name."""

import ssl
from pathlib import Path

import pytest
from asyncpg.connect_utils import _parse_connect_dsn_and_args  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.serialization import Encoding

from bot.database.engine.url import connect_arguments, parse_database_url
from tests.support.certificates import authority
from tests.support.databases import url_of

HEROKU = "postgres://u3:p4@ec2-1-2-3-4.eu-west-1.compute.amazonaws.com:5432/d5"
NEON = "postgresql://alex:AbC@ep-cool-1-pooler.eu-central-1.aws.neon.tech/neondb"
SUPABASE = "postgresql://postgres.abcd:p4@aws-0-eu-west-1.pooler.supabase.com:6543/postgres"
CLOUD_SQL = "postgresql://u3:p4@/d5?host=/cloudsql/project:europe-west1:name"


def where(text: str) -> tuple[object, str, str, str, str]:
    """Ask asyncpg where it would go: the address, the user, the password, the database, TLS."""
    nothing = dict.fromkeys(
        [
            *("host", "port", "user", "password", "passfile", "database", "service", "servicefile"),
            *("direct_tls", "server_settings", "target_session_attrs", "krbsrvname", "gsslib"),
        ]
    )
    arguments = {"ssl": None, **connect_arguments(url_of(text))}
    [address], found = _parse_connect_dsn_and_args(**arguments, **nothing)
    return address, found.user, found.password, found.database, found.sslmode.name


@pytest.mark.parametrize(
    ("platform", "address", "tls"),
    [
        (HEROKU, ("ec2-1-2-3-4.eu-west-1.compute.amazonaws.com", 5432), "prefer"),
        ("postgres://u3:p4@app.flycast:5432/d5?sslmode=disable", ("app.flycast", 5432), "disable"),
        ("postgresql://u3:p4@pg.railway.internal:5432/d5", ("pg.railway.internal", 5432), "prefer"),
        ("postgresql://u3:p4@dpg-1a-a/d5", ("dpg-1a-a", 5432), "prefer"),  # Render
        ("postgres://u3:p4@db.example.com:25060/d5?ssl=true", ("db.example.com", 25060), "require"),
        ("postgres://u3:p4@[fd00::2]:6543/d5", ("fd00::2", 6543), "prefer"),
        (CLOUD_SQL, "/cloudsql/project:europe-west1:name/.s.PGSQL.5432", "prefer"),
        (
            "postgresql://u3:p4@%2Fcloudsql%2Fproject%3Aeurope-west1%3Aname/d5",
            "/cloudsql/project:europe-west1:name/.s.PGSQL.5432",
            "prefer",
        ),
        ("postgres://u3:p4@h/d5?sslmode=verify-full", ("h", 5432), "require"),
    ],
)
def test_platforms_addresses_are_understood(platform: str, address: object, tls: str) -> None:
    got = where(platform)
    assert got[:4] == (address, "u3", "p4", "d5")
    if isinstance(address, tuple):
        assert got[4] == tls


@pytest.mark.parametrize(
    "text",
    [
        f"{NEON}?sslmode=require&channel_binding=prefer",
        f"{NEON}?sslmode=require&options=endpoint%3Dep-cool-1",
        f"{SUPABASE}?pgbouncer=true",
        f"{HEROKU}?application_name=expenses&gssencmode=disable&target_session_attrs=read-write",
        "postgresql://u%40server:p%40%2F%3A%23@h.postgres.database.azure.com/d?sslmode=require",
    ],
)
def test_parameters_that_fit_are_taken(text: str) -> None:
    where(text)


def test_special_characters_of_a_password_arrive(tmp_path: Path) -> None:
    text = "postgres://u%40server:p%40%2F%3A%23%25+%20@h/d"
    assert where(text)[1:3] == ("u@server", "p@/:#%+ ")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{NEON}?sslmode=disable&channel_binding=require", "channel_binding=require needs"),
        (f"{NEON}?channel_binding=perhaps", "channel_binding is not supported; leave it out"),
        (f"{SUPABASE}?connection_limit=1", "EXPENSE_DATABASE_CONNECTIONS"),
        (f"{SUPABASE}?schema=other", "the parameter schema is not supported"),
        (f"{HEROKU}?sslmode=perhaps", "sslmode must be one of"),
        (f"{HEROKU}?sslmode=verify-full&sslrootcert=/no/file.pem", "/no/file.pem: No such file"),
        (f"{HEROKU}?sslrootcert=/no/file.pem", "sslrootcert needs sslmode=verify-full"),
        (f"{HEROKU}?sslmode=verify-full&sslrootcert={__file__}", "certificates in PEM"),
        ("postgresql://postgres:[YOUR-PASSWORD]@db.abcd.supabase.co:5432/postgres", "placeholder"),
        ("postgresql://postgres:p@ss@h:x/postgres", "percent-encoded"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$") as refusal:
        parse_database_url(text)
    assert words in str(refusal.value)
    assert "p4" not in str(refusal.value)


@pytest.mark.parametrize(
    ("query", "checks_the_name", "authorities"),
    [
        ("sslmode=verify-full&sslrootcert={root}", True, 1),
        ("sslmode=verify-ca&sslrootcert={root}", False, 1),
        ("sslmode=require&sslrootcert={root}", False, 1),  # as libpq does
        ("sslmode=verify-full&sslrootcert=system", True, None),
        ("sslmode=verify-full", True, None),
        # As Neon gives it; libpq would bind, which keeps out the same others.
        ("sslmode=require&channel_binding=require", True, None),
        ("channel_binding=require&sslrootcert={root}", True, 1),
    ],
)
def test_certificates_are_verified(
    tmp_path: Path, query: str, checks_the_name: bool, authorities: int | None
) -> None:
    root = tmp_path / "root.pem"
    root.write_bytes(authority()[0].public_bytes(Encoding.PEM))
    context = connect_arguments(url_of(f"{HEROKU}?{query.format(root=root)}"))["ssl"]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname is checks_the_name
    if authorities:
        assert len(context.get_ca_certs()) == authorities


@pytest.mark.parametrize(
    ("query", "checks_the_name"),
    [("", True), ("?sslmode=require", True), ("?sslmode=verify-ca", False)],
)
def test_authorities_are_taken_as_text(query: str, checks_the_name: bool) -> None:
    pem = authority()[0].public_bytes(Encoding.PEM).decode().strip()
    context = connect_arguments(url_of(f"{HEROKU}{query}", pem))["ssl"]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname is checks_the_name
    assert len(context.get_ca_certs()) == 1
