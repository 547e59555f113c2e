"""The entrances that are plain functions."""

from datetime import datetime

from hypothesis import strategies as st

from bot.domain.errors import InvalidInput
from bot.domain.money.amounts import parse_money
from bot.domain.money.formatting import MAX_AMOUNT, format_money, plain_number
from bot.domain.people.locale import make_reader
from fuzz.case import Entrance, Inputs
from fuzz.configuration import CONFIGURATION
from fuzz.forms import FORMS
from fuzz.values import texts


async def money(given: tuple[str, str, str | None]) -> None:
    """An amount is exact and positive, and read again as it is shown, or refused in a sentence."""
    typed, currency, locale = given
    reader = make_reader(locale, None)
    try:
        amount = parse_money(typed, currency, reader.writes)
    except InvalidInput as error:
        assert error.field in ("amount", "currency")
        assert 0 < len(str(error)) < 200
        return
    assert 0 < amount.amount <= MAX_AMOUNT
    if reader.writes:
        for shown in (format_money(amount, reader.locale), plain_number(amount, reader.writes)):
            assert amount == parse_money(shown, amount.currency, reader.writes)


async def reader(pair: tuple[str | None, str | None]) -> None:
    """A reader can be made from any language and time zone that Slack reports."""
    made = make_reader(*pair)
    datetime.now(made.timezone)


VALUES: Inputs = {
    "money": (
        st.tuples(
            st.decimals().map(str) | st.text("0123456789.,' ’€$", max_size=15) | texts,
            st.sampled_from(["EUR", "JPY", "KWD", "USD"]) | texts,
            st.sampled_from([None, "en-US", "de-DE", "fr-FR", "hi-IN", "de-CH"]),
        ),
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
