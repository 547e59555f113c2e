"""The entrances that are plain functions: forms, amounts, policies, settings, headers."""

import json
import os
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from bot.block_kit.delegation_modal import parse_delegate_modal
from bot.block_kit.expense_modal import parse_expense_modal
from bot.block_kit.message_blocks import approval_blocks
from bot.block_kit.modals import (
    MAX_DESCRIPTION,
    InvalidForm,
    parse_answer_modal,
    parse_ask_modal,
    parse_one_line,
    parse_reject_modal,
)
from bot.block_kit.receipts import MAX_RECEIPTS
from bot.domain.errors import InvalidInput, SettingsError
from bot.domain.expense import Claim, Expense, Receipt, State
from bot.domain.locale import ANYBODY, make_reader
from bot.domain.money import MAX_AMOUNT, format_money, parse_money
from bot.policy.approvers import Approvers
from bot.policy.loader import PolicyError, load_policy
from bot.settings import Settings, load_settings
from fuzz.case import Entrance
from fuzz.values import NASTY, json_values, mutated, texts
from sandbox.slack.block_kit import check_blocks

FORM = {
    "amount": {"value": {"type": "plain_text_input", "value": "42.50"}},
    "currency": {"value": {"selected_option": {"value": "EUR"}}},
    "description": {"value": {"value": "Team lunch"}},
    "category": {"value": {"selected_option": {"value": "meals"}}},
    "spent_on": {"value": {"selected_date": "2026-01-31"}},
    "manager": {"value": {"selected_option": {"value": "U0MNA5LRT9W"}}},
    "kept_receipts": {"value": {"selected_options": [{"value": "F0OLD"}]}},
    "receipts": {
        "value": {
            "files": [
                {
                    "id": "F0NEW",
                    "name": "r.png",
                    "mimetype": "image/png",
                    "permalink": "https://sandbox.slack.com/files/r.png",
                }
            ]
        }
    },
}
OLD = Receipt(id="F0OLD", name="old.pdf", permalink="https://sandbox.slack.com/files/old.pdf")
REASON = {"reason": {"value": {"value": "Not this month"}}}
DELEGATION = {
    "delegate": {"value": {"selected_user": "U0PRY7NRX2K"}},
    "until": {"value": {"selected_date": "2026-12-24"}},
    "end": {"value": {"selected_options": []}},
}
QUESTION = {"question": {"value": {"value": "Who was there?"}}}
ANSWER = {"answer": {"value": {"value": "Ada and Bruno"}}}

POLICY = (Path(__file__).parents[1] / "policy.example.toml").read_text().splitlines()

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
    assert claim.manager is None or (claim.manager.isascii() and len(claim.manager) <= 32)
    assert len({receipt.id for receipt in claim.receipts}) == len(claim.receipts) <= MAX_RECEIPTS
    message = Expense(
        id="E", state=State.CREATED, version=1, created_at=datetime.now(UTC), claim=claim
    )
    built = approval_blocks(message, ANYBODY.locale, is_live=True)
    check_blocks(json.loads(json.dumps([block.to_dict() for block in built])))


async def expense_form(values: Any) -> None:
    """A form is a claim, or has a short sentence at each wrong field."""
    try:
        given = values if isinstance(values, Mapping) else {}
        _is_right(parse_expense_modal(given, ANYBODY, [OLD]))
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


async def words_forms(values: Any) -> None:
    """A question or an answer can be read, or there is a sentence at its field."""
    for field, parse in (("question", parse_ask_modal), ("answer", parse_answer_modal)):
        try:
            words = parse(values if isinstance(values, Mapping) else {})
            assert 0 < len(words) <= 1000
        except InvalidForm as error:
            assert set(error.errors) == {field}


async def delegate_form(values: Any) -> None:
    """Who stands in can be read, or there is a sentence at each wrong field."""
    try:
        parse_delegate_modal(values if isinstance(values, Mapping) else {})
    except InvalidForm as error:
        assert set(error.errors) <= {"delegate", "until"}


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


async def policy(lines: list[str]) -> None:
    """A policy is read, or each of its mistakes is one line that begins with the file's name."""
    with tempfile.NamedTemporaryFile(suffix=".toml") as file:
        file.write("\n".join(lines).encode(errors="surrogatepass"))
        file.flush()
        try:
            book = load_policy(Path(file.name))
        except PolicyError as error:
            assert error.mistakes
            assert all(line.startswith(f"{file.name}:") for line in error.mistakes)
            assert all(line.isprintable() and len(line) < 1000 for line in error.mistakes)
            return
    for rule in book.rules:
        assert rule.name.isprintable()
        assert all(stage.asked and stage.needed > 0 for stage in rule.stages)


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
_toml_values = st.one_of(
    st.sampled_from(NASTY).map(lambda text: f'"{text}"'),
    st.sampled_from(["1e999999999", "nan", "-inf", "9" * 5000, "[" * 3000, "{}", "[[]]", "true"]),
    st.sampled_from(['["@finance"]', '["U0ADA"]', '"999999d"', '"0s"', "1979-05-27", "0x1F"]),
    st.text("[]{}\"=.,'#@\\U0 ", max_size=12),
    texts,
)


@st.composite
def _policies(draw: st.DrawFn) -> list[str]:
    """Change the lines of a right policy: other values, other keys, other orders."""
    lines = [*POLICY]
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(lines) - 1))
        key = lines[place].partition("=")[0]
        match draw(st.integers(0, 4)):
            case 0:
                lines[place] = draw(texts)
            case 1:
                lines.insert(place, lines[draw(st.integers(0, len(lines) - 1))])
            case 2 if len(lines) > 1:
                del lines[place]
            case 3:
                lines[place] = draw(texts) + lines[place]
            case _:
                lines[place] = f"{key}= {draw(_toml_values)}"
    return lines


_Check = Callable[[Any], Awaitable[None]]
_PARSERS: dict[str, tuple[st.SearchStrategy[Any], _Check]] = {
    "expense form": (mutated(FORM) | json_values, expense_form),
    "one line": (_lines, one_line),
    "reject form": (mutated(REASON) | json_values, reject_form),
    "words forms": (mutated(QUESTION | ANSWER) | json_values, words_forms),
    "delegate form": (mutated(DELEGATION) | json_values, delegate_form),
    "money": (
        st.tuples(st.decimals().map(str) | texts, st.sampled_from(["EUR", "JPY", "KWD"]) | texts),
        money,
    ),
    "approvers": (
        texts | st.text("USW0A ,\t\n", max_size=30),
        approvers,
    ),
    "policy": (_policies() | texts.map(str.splitlines), policy),
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
