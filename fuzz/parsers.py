"""The entrances that are plain functions."""

from datetime import datetime

from hypothesis import strategies as st

from bot.domain.errors import InvalidInput
from bot.domain.locale import make_reader
from bot.domain.money import MAX_AMOUNT, parse_money
from fuzz.case import Entrance, Inputs
from fuzz.configuration import CONFIGURATION
from fuzz.forms import FORMS
from fuzz.values import texts


async def money(pair: tuple[str, str]) -> None:
    """An amount is exact and positive, or refused in a sentence."""
    try:
        amount = parse_money(*pair)
        assert 0 < amount.amount <= MAX_AMOUNT
        assert amount == parse_money(str(amount.amount), amount.currency)
    except InvalidInput as error:
        assert error.field in ("amount", "currency")


async def reader(pair: tuple[str | None, str | None]) -> None:
    """A reader can be made from any language and time zone that Slack reports."""
    made = make_reader(*pair)
    datetime.now(made.timezone)


VALUES: Inputs = {
    "money": (
        st.tuples(st.decimals().map(str) | texts, st.sampled_from(["EUR", "JPY", "KWD"]) | texts),
        money,
    ),
    "reader": (
        st.tuples(
            st.none() | texts | st.sampled_from(["de-DE", "zh-Hant-TW", "_", "../x"]),
            st.none() | texts | st.sampled_from(["Europe/Berlin", "/etc/passwd", "."]),
        ),
        reader,
    ),
}

PARSERS = {
    name: Entrance(name, inputs, check)
    for name, (inputs, check) in {**FORMS, **VALUES, **CONFIGURATION}.items()
}
