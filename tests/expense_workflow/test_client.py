"""The connection follows TEMPORAL_*; what goes wrong is said in one line."""

import asyncio
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from expense_workflow.client import TemporalUnreachableError, connect, reason
from expense_workflow.settings import SettingsError
from tests.support.certificates import authority, certificate


async def test_it_connects_to_the_server_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, temporal_address: str
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_address)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "default")
    client = await connect()
    assert client.namespace == "default"
    assert client.service_client.config.target_host == temporal_address


async def test_an_emptied_api_key_does_not_turn_tls_on(
    monkeypatch: pytest.MonkeyPatch, temporal_address: str
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_address)
    monkeypatch.setenv("TEMPORAL_API_KEY", "")
    assert await connect()


async def test_a_server_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{closed_port}")
    words = f"^Temporal at 127.0.0.1:{closed_port} cannot be reached: Connection refused$"
    with pytest.raises(TemporalUnreachableError, match=words):
        await connect()


async def test_certificates_are_taken_as_text(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ours, key = authority()
    subjects: list[object] = []

    def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        subjects.append(writer.get_extra_info("peercert")["subject"])
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])
    texts = {"CA_CERT": text_of(ours)}
    context.load_verify_locations(cadata=texts["CA_CERT"])
    for name in ("localhost", "client"):
        own, its_key = certificate(ours, key, name)
        texts[name] = text_of(own)
        texts[f"{name} key"] = its_key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ).decode()
    (tmp_path / "server.pem").write_text(texts["localhost"] + texts["localhost key"])
    context.load_cert_chain(tmp_path / "server.pem")
    server = await asyncio.start_server(greet, "localhost", 0, ssl=context)
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"localhost:{server.sockets[0].getsockname()[1]}")
    monkeypatch.setenv("TEMPORAL_TLS_SERVER_CA_CERT_DATA", texts["CA_CERT"])
    monkeypatch.setenv("TEMPORAL_TLS_CLIENT_CERT_DATA", texts["client"])
    monkeypatch.setenv("TEMPORAL_TLS_CLIENT_KEY_DATA", texts["client key"])
    async with server:
        with pytest.raises(TemporalUnreachableError):
            await connect()
    assert subjects[0] == (((("commonName", "client")),),)


def text_of(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


async def test_a_silent_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1000):
            pass
        writer.close()

    server = await asyncio.start_server(silence, "127.0.0.1", 0)
    address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    monkeypatch.setenv("TEMPORAL_ADDRESS", address)
    async with server:
        with pytest.raises(TemporalUnreachableError, match=r"did not answer within 0.5 s$"):
            await connect(patience=0.5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TEMPORAL_ADDRESS", "not an address"),
        ("TEMPORAL_ADDRESS", "http://localhost:7233"),
        ("TEMPORAL_PROFILE", "nobody-made-this"),
        ("TEMPORAL_CONFIG_FILE", __file__),
    ],
)
async def test_wrong_settings_are_told_from_an_absent_server(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=r"^TEMPORAL_\* or its TOML file: [^\n]+$"):
        await connect()


def test_the_reason_is_the_innermost_text_or_everything_on_one_line() -> None:
    nested = 'Failed: Error(Transport, Os { code: 111, message: "Connection refused" })'
    assert reason(RuntimeError(nested)) == "Connection refused"
    assert reason(RuntimeError("two\n lines")) == "two lines"
