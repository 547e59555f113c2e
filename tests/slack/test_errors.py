"""What each of Slack's errors means, and what is done about several at once."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.domain.errors import TryAgain, Unanswered
from bot.slack.errors import (
    _MEANINGS,
    MEANING,
    RATE_LIMITS,
    UNSURE,
    Kind,
    RateLimited,
    SlackAway,
    SlackRefusal,
    SlackSilent,
    SlackUnsure,
    Troubles,
)
from bot.slack.web_client import asking_slack, make_session, make_slack_client
from sandbox import Sandbox, WorkspaceConfig
from tests.test_manifest import SCOPES

DOCUMENTED = json.loads(
    (Path(__file__).parents[1] / "data/slack/documented_errors.json").read_text()
)
# Met by people who use Slack, and on no page of a method that the bot calls.
MET = {"thread_not_found", "user_disabled", "cannot_dm_bot"}


def test_every_documented_error_of_every_method_is_classified_once() -> None:
    written = [code for codes in _MEANINGS.values() for code in codes.split()]
    documented = {code for codes in DOCUMENTED.values() for code in codes}
    assert sorted(written) == sorted(documented | MET)


def test_the_documented_errors_are_those_of_the_methods_that_the_bot_calls() -> None:
    called = {method.replace("_", ".") for method in SCOPES} | {"apps.connections.open"}
    assert set(DOCUMENTED) - {"every method"} == called


def test_everything_that_is_for_the_operator_says_what_to_do() -> None:
    assert all(advice for kind, advice in MEANING.values() if kind is Kind.OPERATOR)
    assert all(MEANING[code][0] is Kind.PASSING for code in RATE_LIMITS | UNSURE)


async def ask(code: str | None = None, **answer: Any) -> None:
    """Ask a Slack that answers with an error, with HTTP 200 unless another status is given."""
    async with Sandbox.start() as slack, make_session() as session:
        slack.faults.add("auth.test", "error", error=code, **answer)
        async with asking_slack():
            await make_slack_client(slack.config.bot_token, slack.api_url, session).auth_test()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("internal_error", SlackUnsure),
        ("fatal_error", SlackUnsure),
        ("service_unavailable", SlackAway),
        ("request_timeout", SlackAway),
        ("team_added_to_org", SlackAway),
        ("ratelimited", RateLimited),
        ("rate_limited", RateLimited),
    ],
)
async def test_what_passes_is_tried_again_although_it_comes_with_http_200(
    code: str, kind: type[TryAgain]
) -> None:
    with pytest.raises(TryAgain) as caught:
        await ask(code)
    assert type(caught.value) is kind
    assert isinstance(caught.value, Unanswered) == (kind is SlackUnsure)


PAGE = "<!doctype html><title>Sorry</title>"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (500, PAGE, SlackAway),
        (502, PAGE, SlackUnsure),
        (503, "upstream connect error", SlackAway),
        (503, "{", SlackAway),
        (504, PAGE, SlackUnsure),
        # A proxy's word about us, its login page, or an address that is not Slack's.
        (200, PAGE, SlackAway),
        (200, "hello", SlackAway),
        (200, "{", SlackAway),
        (200, '{"ok": false}', SlackAway),
        (200, '{"ok": false, "error": null}', SlackAway),
        (403, PAGE, SlackAway),
        (404, "404 page not found", SlackAway),
        (407, PAGE, SlackAway),
        (429, PAGE, RateLimited),
        (429, "You are sending too many requests. Please relax.", RateLimited),
        (429, "{", RateLimited),
        (429, '{"ok": false, "error": "ratelimited"}', RateLimited),
    ],
)
async def test_what_slack_does_not_say_of_a_call_says_nothing_about_it(
    status: int, body: str, kind: type[TryAgain]
) -> None:
    with pytest.raises(TryAgain) as caught:
        await ask(status=status, body=body, seconds=7)
    assert type(caught.value) is kind
    assert caught.value.after == (7 if kind is RateLimited else 2)


async def test_how_long_to_wait_is_read_with_http_200_too() -> None:
    with pytest.raises(RateLimited) as caught:
        await ask("ratelimited", seconds=7)
    assert caught.value.after == 7


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        ("message_not_found", Kind.GONE, "message_not_found (auth.test)"),
        ("is_inactive", Kind.GONE, "is_inactive (auth.test): unarchive this channel"),
        ("not_in_channel", Kind.OPERATOR, "not_in_channel (auth.test): /invite the bot"),
        ("invalid_auth", Kind.OPERATOR, "invalid_auth (auth.test): copy SLACK_BOT_TOKEN again"),
        ("brand_new", Kind.UNKNOWN, "brand_new (auth.test): this version of the bot does not know"),
    ],
)
async def test_what_does_not_pass_says_what_to_do(code: str, kind: Kind, words: str) -> None:
    with pytest.raises(SlackRefusal) as caught:
        await ask(code)
    assert caught.value.kind is kind
    assert caught.value.is_over == (kind is Kind.GONE)
    assert str(caught.value).startswith(words)


async def test_a_missing_scope_is_named() -> None:
    config = WorkspaceConfig()
    config = replace(config, manifest=replace(config.manifest, scopes=frozenset()))
    async with Sandbox.start(config) as slack, aiohttp.ClientSession() as session:
        client = make_slack_client(config.bot_token, slack.api_url, session)
        with pytest.raises(SlackRefusal, match=r"the scope users:read is missing: update the app"):
            async with asking_slack():
                await client.bots_info(bot=config.bot_id)


def raised(*errors: Exception) -> Exception | None:
    """Keep some errors, and return the one that is raised in the end."""
    troubles = Troubles()
    for error in errors:
        with troubles.kept():
            raise error
    assert bool(troubles) == bool(errors)
    try:
        troubles.raise_one()
    except (TryAgain, SlackRefusal) as one:
        return one
    return None


def test_of_several_troubles_the_one_counts_that_says_when_to_come_back() -> None:
    refusal, other = SlackRefusal("no_permission"), SlackRefusal("not_in_channel")
    away, unsure = SlackAway("away", after=9), SlackUnsure("unsure", after=99)
    late, soon = RateLimited("late", after=40), RateLimited("soon", after=4)
    assert raised() is None
    assert raised(refusal, other) is refusal
    # What passes must not wait for what somebody has to mend.
    assert raised(refusal, late, soon) is soon
    assert raised(soon, away, refusal) is away
    # It leaves doubt, which nobody else would remember.
    assert raised(soon, away, unsure) is unsure


def test_trouble_with_the_database_ends_everything() -> None:
    with pytest.raises(TryAgain, match="database"):
        raised(SlackAway("away"), TryAgain("The database does not answer."))


def test_only_silence_after_silence_means_that_slack_is_away() -> None:
    troubles = Troubles()
    silent, unsure = SlackSilent("x"), SlackUnsure("x")
    for error in (silent, SlackRefusal("x"), None, silent, SlackAway("x"), silent, unsure, unsure):
        with troubles.kept():
            if error:
                raise error
        assert not troubles.is_silence
    for _ in range(2):
        with troubles.kept():
            raise SlackSilent("x")
    assert troubles.is_silence
