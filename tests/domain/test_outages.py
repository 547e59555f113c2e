"""Why a service does not answer reaches the log, once, and without secrets."""

import asyncio
import logging
import socket
import sqlite3

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from temporalio.service import RPCError, RPCStatusCode

from bot.domain.errors import InvalidId, TryAgain
from bot.domain.health.outages import MOST_REASONS, Outage, cause_of, with_cause
from bot.slack.errors import RateLimited, SlackRefusal

logger = logging.getLogger("test")
SECRET = "s3cr3t-of-the-operator"


def refused(cause: BaseException) -> TryAgain:
    """An error as the bot raises it when a library's call fails."""
    try:
        raise TryAgain("It does not answer.") from cause
    except TryAgain as error:
        return error


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (RPCError("Jwt is expired", RPCStatusCode.UNAUTHENTICATED, b""), "UNAUTHENTICATED: Jwt is"),
        (RuntimeError('Failed: Error { message: "Connection refused" }'), "Connection refused"),
        (
            RuntimeError("ConnectError(Custom { error: InvalidCertificate(UnknownIssuer) })"),
            "TLS: InvalidCertificate(UnknownIssuer)",
        ),
        (SlackApiError("no", {"error": "x"}), "SlackApiError"),
        (SlackRefusal("invalid_auth"), "invalid_auth"),
        (TimeoutError(), "no answer in time"),
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (socket.gaierror(-2, "Name or service not known"), "Name or service not known"),
        (ValueError(f"anything, also {SECRET}"), "ValueError"),
        (sqlite3.OperationalError(SECRET), "OperationalError"),
        (refused(ConnectionResetError(104, "Connection reset by peer")), "Connection reset"),
    ],
)
def test_a_cause_is_told_in_the_words_of_whom_was_called(cause: Exception, words: str) -> None:
    assert words in cause_of(refused(cause))
    assert SECRET not in with_cause(refused(cause))
    assert with_cause(refused(cause)).startswith("It does not answer. (")


def test_a_full_disk_is_told_in_the_words_of_the_database() -> None:
    with pytest.raises(sqlite3.OperationalError) as found:
        sqlite3.connect(":memory:").execute("SELECT * FROM missing")
    assert cause_of(refused(found.value)) == "no such table: missing"


async def test_who_cannot_be_connected_to_is_told(closed_port: int) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError) as found:
            await session.get(f"http://127.0.0.1:{closed_port}/?key={SECRET}")
    assert SECRET not in cause_of(refused(found.value))
    assert "Connect" in cause_of(refused(found.value))


@pytest.mark.parametrize(
    "secret",
    ["xoxb-123-abc", "xapp-1-A0-1-abc", "Bearer abc.def", "https://user:pass@host/x", "whsec_aGk="],
)
def test_secrets_are_left_out(secret: str) -> None:
    error = RPCError(f"refused {secret} today", RPCStatusCode.INTERNAL, b"")
    assert secret not in cause_of(refused(error))
    assert cause_of(refused(error)).endswith("today")


def test_what_nobody_explained_has_no_cause() -> None:
    assert with_cause(TryAgain("Wait.")) == "Wait."
    assert cause_of(InvalidId("none")) == ""


def test_a_cause_is_one_short_line() -> None:
    error = RPCError("line\n" * 500, RPCStatusCode.INTERNAL, b"")
    assert "\n" not in cause_of(refused(error))
    assert len(cause_of(refused(error))) == 200


def fail(outage: Outage, error: Exception) -> None:
    with pytest.raises(type(error)), outage:
        raise error


def test_each_reason_is_told_once_until_the_service_is_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    outage = Outage("Slack", logger, (RateLimited,), calm=0)
    for _ in range(3):
        fail(outage, refused(TimeoutError()))
    fail(outage, refused(ConnectionRefusedError(111, "Connection refused")))
    fail(outage, RateLimited("Wait."))
    fail(outage, InvalidId("none"))
    for _ in range(2):
        with outage:
            pass
    fail(outage, refused(TimeoutError()))
    assert caplog.messages == [
        "Slack: It does not answer. (no answer in time)",
        "Slack: It does not answer. (Connection refused) (4 calls have failed)",
        "Slack does what it is asked again (4 calls have failed)",
        "Slack: It does not answer. (no answer in time)",
    ]


def test_a_reason_is_told_with_what_to_look_at(caplog: pytest.LogCaptureFixture) -> None:
    fail(Outage("Temporal", logger, do="See TEMPORAL_ADDRESS."), refused(TimeoutError()))
    [line] = caplog.messages
    assert line == "Temporal: It does not answer. (no answer in time) See TEMPORAL_ADDRESS."


async def test_a_service_that_answers_now_and_then_is_not_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    outage = Outage("Slack", logger)
    for _ in range(3):
        fail(outage, refused(TimeoutError()))
        with outage:
            await asyncio.sleep(0)
    assert len(caplog.messages) == 1


def test_a_full_disk_that_can_be_read_is_not_mended(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    outage = Outage("The database", logger, calm=0)
    for reading in (True, False):
        with pytest.raises(TryAgain), outage.noting_failures():
            raise refused(sqlite3.OperationalError("database or disk is full"))
        with outage.noting_failures() if reading else outage:
            pass
    assert [message.partition(" (")[0] for message in caplog.messages] == [
        "The database: It does not answer.",
        "The database does what it is asked again",
    ]


def test_a_service_that_says_something_else_each_time_does_not_fill_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outage = Outage("Temporal", logger)
    for number in range(1000):
        error = RPCError(f"request {number}", RPCStatusCode.INTERNAL, b"")
        fail(outage, refused(error))
    assert len(caplog.messages) == MOST_REASONS
