"""The entrances that are plain functions: forms, amounts, policies, settings, headers."""

import os
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from bot.errors import InvalidInput
from bot.expense import Claim
from bot.forms import (
    MAX_DESCRIPTION,
    InvalidForm,
    parse_expense_modal,
    parse_one_line,
    parse_reject_modal,
)
from bot.money import MAX_AMOUNT, format_money, parse_money
from bot.policy import Approvers
from bot.reader import ANYBODY, make_reader
from bot.settings import Settings, SettingsError, load_settings
from fuzz.case import Entrance
from fuzz.values import json_values, mutated, texts

FORM = {
    "amount": {"value": {"type": "plain_text_input", "value": "42.50"}},
    "currency": {"value": {"selected_option": {"value": "EUR"}}},
    "description": {"value": {"value": "Team lunch"}},
    "category": {"value": {"selected_option": {"value": "meals"}}},
    "spent_on": {"value": {"selected_date": "2026-01-31"}},
}
REASON = {"reason": {"value": {"value": "Not this month"}}}

SETTINGS = [name.upper() for name in Settings.model_fields]
RIGHT = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "s" * 32,
    "SLACK_APPROVALS_CHANNEL": "C0123456789",
}
# What the operating system lets an environment hold.
_values = st.one_of(
    texts,
    st.sampled_from(
        [
            "postgres://u:p@h/d",
            "postgres://[::1/d",
            "postgres://u:p@h:99999999/d",
            "postgres://h/d?sslmode=maybe",
            "sqlite:///a.db",
            "sqlite://",
            "mysql://h/d",
            "http://",
            "https://x/y z",
            "http://[",
            "xoxb-",
            "xapp-",
            "whsec_!!",
            "whsec_",
            "72h",
            "0s",
            "999999d",
            "U0ADA4KFR7Q,S0MANAGERS1",
            "65536",
            "٨٠٩٩",
            ",,,",
            "k" * 32 + "," + "l" * 32,
        ]
    ),
).map(lambda text: text.replace("\x00", "").encode(errors="replace").decode())


def _is_right(claim: Claim) -> None:
    assert 0 < claim.money.amount <= MAX_AMOUNT
    assert 0 < len(claim.description) <= MAX_DESCRIPTION
    assert claim.description.isprintable() or not claim.description.isascii()
    assert claim.spent_on <= datetime.now(UTC).date()
    format_money(claim.money, ANYBODY.locale)


async def expense_form(values: Any) -> None:
    """A form is a claim, or has a short sentence at each wrong field."""
    try:
        _is_right(parse_expense_modal(values if isinstance(values, Mapping) else {}, ANYBODY))
    except InvalidForm as error:
        assert error.errors
        assert all(0 < len(sentence) < 200 for sentence in error.errors.values())
        assert set(error.errors) <= set(FORM)


async def one_line(text: str) -> None:
    """A line is a claim, or refused in a sentence."""
    try:
        _is_right(parse_one_line(text, ANYBODY))
    except InvalidInput as error:
        assert 0 < len(str(error)) < 200


async def reject_form(values: Any) -> None:
    """A reason can be read, or there is a sentence at its field."""
    try:
        reason = parse_reject_modal(values if isinstance(values, Mapping) else {})
        assert 0 < len(reason) <= 1000
    except InvalidForm as error:
        assert set(error.errors) == {"reason"}


async def money(pair: tuple[str, str]) -> None:
    """An amount is exact and positive, or refused in a sentence."""
    try:
        amount = parse_money(*pair)
        assert 0 < amount.amount <= MAX_AMOUNT
        assert amount == parse_money(str(amount.amount), amount.currency)
    except InvalidInput as error:
        assert error.field in ("amount", "currency")


async def approvers(text: str) -> None:
    """A policy names ids, or is refused with a ValueError."""
    try:
        parsed = Approvers.parse(text)
    except ValueError:
        return
    assert all(name.isascii() for name in parsed.users | parsed.groups)


async def settings(variables: dict[str, str]) -> None:
    """Settings are read, or refused in one line that names one and repeats no secret."""
    before = dict(os.environ)
    secret = "a password that nobody should read"
    for name in SETTINGS:
        os.environ.pop(name, None)
    try:
        os.environ.update(RIGHT | variables)
        read = load_settings()
        assert read.expense_approvers is not None
        keys = [*read.slack_signing_secret, *read.expense_encryption_key, read.slack_bot_token]
        for key in keys:
            if len(key.get_secret_value()) > 12:
                assert key.get_secret_value() not in repr(read)
    except SettingsError as error:
        assert "\n" not in str(error), error
        assert any(name in str(error) for name in SETTINGS), error
        assert secret not in str(error)
    finally:
        os.environ.clear()
        os.environ.update(before)


async def reader(pair: tuple[str | None, str | None]) -> None:
    """Whatever Slack says of a person's language and time zone, somebody reads."""
    made = make_reader(*pair)
    datetime.now(made.timezone)


_lines = st.one_of(
    st.tuples(texts, texts, texts).map(" ".join),
    st.builds(
        "{} {} {}".format,
        st.decimals(allow_nan=True).map(str) | texts,
        st.sampled_from(["EUR", "jpy", "KWD", "XXX", "eur "]),
        texts,
    ),
)
_Check = Callable[[Any], Awaitable[None]]
_PARSERS: dict[str, tuple[st.SearchStrategy[Any], _Check]] = {
    "expense form": (mutated(FORM) | json_values, expense_form),
    "one line": (_lines, one_line),
    "reject form": (mutated(REASON) | json_values, reject_form),
    "money": (
        st.tuples(st.decimals().map(str) | texts, st.sampled_from(["EUR", "JPY", "KWD"]) | texts),
        money,
    ),
    "approvers": (
        texts | st.text("USW0A ,\t\n", max_size=30),
        approvers,
    ),
    "settings": (
        st.dictionaries(st.sampled_from(SETTINGS), _values, max_size=4),
        settings,
    ),
    "reader": (
        st.tuples(
            st.none() | texts | st.sampled_from(["de-DE", "zh-Hant-TW", "_", "../x"]),
            st.none() | texts | st.sampled_from(["Europe/Berlin", "/etc/passwd", "."]),
        ),
        reader,
    ),
}

PARSERS = {name: Entrance(name, inputs, check) for name, (inputs, check) in _PARSERS.items()}
