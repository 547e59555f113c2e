"""The fields of forms: how they are built, and how what people put into them is read."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.numbers import get_currency_name, get_territory_currencies
from slack_sdk.models.blocks import Option, OptionGroup, StaticSelectElement

from bot.block_kit.components import plain
from bot.catalogue import say
from bot.domain.errors import ExpenseError, InvalidInput
from bot.domain.money.currencies import COMMON, currencies, is_legal

VALUE = "value"  # the action_id of every input; Slack keys errors by block_id
MAX_OPTION = 75  # Slack's limit for the text of an option

_NOT_SEEN_ALONE = ("Cf", "Mn", "Me", "Zs", "Cn", "Co")
# They turn around what is read after them: "€1.00" could be made to look like "€00.1".
_BIDI_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class InvalidForm(Exception):
    """Fields that cannot be taken; `errors` has a sentence for each block_id."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


@lru_cache(maxsize=64)
def _currency_options(locale: Locale, codes: frozenset[str]) -> dict[str, Option]:
    return {
        code: Option(
            value=code, text=plain(f"{code} – {get_currency_name(code, locale=locale)}", MAX_OPTION)
        )
        for code in sorted(codes)
    }


def currency_select(
    locale: Locale,
    chosen: str | None = None,
    before: Sequence[str] = (),
    taken: frozenset[str] = frozenset(),
    *,
    is_in_doubt: bool = False,
) -> StaticSelectElement:
    """Build the choice of a currency, with one chosen: their last one, or that of their country.

    Args:
        before: what they have used, the last one first; it is offered first.
        taken: the only ones that are offered; all of `currencies()` if none are.
        is_in_doubt: they named one that nobody can tell, so choose none for them.
    """
    options = _currency_options(locale, currencies() & taken or currencies())
    today = date.today()  # noqa: DTZ011 - a day more or less does not matter here
    home = get_territory_currencies(locale.territory) if locale.territory else []
    current = [code for code in (*before, *reversed(home)) if code in options]
    common = [code for code in dict.fromkeys((*current, *COMMON)) if code in options]
    others = [code for code in options if code not in common]
    # Slack allows 100 options a group.
    groups = {
        say("expense-form-currency.common"): common,
        "A–L": [code for code in others if code < "M"],
        "M–Z": [code for code in others if code >= "M"],
    }
    usual = [code for code in current if is_legal(code, today)] or [*options][: len(options) == 1]
    initial = chosen or ("" if is_in_doubt or not usual else usual[0])
    return StaticSelectElement(
        action_id=VALUE,
        placeholder=say("expense-form-currency.choose"),
        option_groups=[
            OptionGroup(label=label, options=[options[code] for code in codes])
            for label, codes in groups.items()
            if codes
        ],
        initial_option=options.get(initial),
    )


def select(placeholder: str, names: Mapping[str, str], chosen: str | None) -> StaticSelectElement:
    """Build a choice.

    Args:
        names: what people read, by what is read of it; Slack takes 100 at most.
    """
    options = {
        value: Option(value=value, text=plain(name, MAX_OPTION)) for value, name in names.items()
    }
    return StaticSelectElement(
        action_id=VALUE,
        placeholder=placeholder,
        options=[*options.values()],
        initial_option=options.get(chosen or ""),
    )


def visible(text: str) -> str:
    """Fold white space, and drop what cannot be seen or turns the text around."""
    turned = _BIDI_CONTROLS.sub("", text)
    seen = (c for c in turned if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs"))
    kept = " ".join("".join(seen).split())
    # Joiners and variation selectors belong into emoji, but alone they leave nothing to read.
    return kept if any(unicodedata.category(c) not in _NOT_SEEN_ALONE for c in kept) else ""


def field(values: Mapping[str, Any], block_id: str) -> Mapping[str, Any]:
    """Read what Slack says of a field; nothing if it is not there."""
    return _mapping(_mapping(values.get(block_id)).get(VALUE))


def typed(values: Mapping[str, Any], block_id: str) -> str:
    """Read what was typed into a field; nothing is an empty text."""
    return str(field(values, block_id).get("value") or "")


def selected(values: Mapping[str, Any], block_id: str) -> str:
    """Read which option was chosen; none is an empty text."""
    return str(_mapping(field(values, block_id).get("selected_option")).get("value") or "")


def selected_day(values: Mapping[str, Any], block_id: str) -> date | None:
    """Read which day was chosen; None if it is none."""
    text = field(values, block_id).get("selected_date")
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def field_of(error: ExpenseError, values: Mapping[str, Any], otherwise: str) -> str:
    """Return the block_id at which a form shows an error: its own if the form has that field."""
    if isinstance(error, InvalidInput) and error.field in values:
        return error.field
    return otherwise


def _mapping(thing: object) -> Mapping[str, Any]:
    return thing if isinstance(thing, Mapping) else {}
