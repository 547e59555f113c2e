"""An expense written in one line: how it is read, and what the form keeps of it otherwise."""

from datetime import datetime

from bot.block_kit.forms.expense_claim import parse_description
from bot.block_kit.forms.expense_modal import Draft
from bot.block_kit.inputs import visible
from bot.catalogue import say
from bot.domain.errors import InvalidInput
from bot.domain.expense import Category, Claim
from bot.domain.money.amounts import parse_line, parse_money, split_line
from bot.domain.money.currencies import check_legal
from bot.domain.people.locale import Reader
from bot.domain.words import Words

_NO_WORDS = Words()


def parse_one_line(text: str, reader: Reader, words: Words = _NO_WORDS) -> Claim:
    """Read an expense written in one line, such as `42.50 EUR Team lunch`.

    Args:
        words: the company's, whose categories are understood at the begin of the description.

    Raises:
        InvalidInput: it cannot be taken; the message says what to write.
    """
    parts, today = text.split(maxsplit=2), datetime.now(reader.timezone).date()
    found = parse_line(text, reader.writes)
    if found is None and len(parts) == 3:
        found = parse_money(parts[0], parts[1], reader.writes), parts[2]
    if found is None or not found[1]:
        raise InvalidInput("description", say("expense-form-description.one-line"))
    money, description = found
    check_legal(money.currency, today, reader.locale)
    description, category = parse_description(description), _category_in(description, words)
    if not category:
        raise InvalidInput("category", say("expense-form-category.missing"))
    return Claim(money=money, description=description, category=category, spent_on=today)


def _category_in(text: str, words: Words) -> str | None:
    """Return which category of the company a text begins with; `other` if it has no own ones."""
    if not words.categories:
        return Category.OTHER
    typed = f"{' '.join(text.split()).casefold()} "
    names = [(name, key) for key, one in words.categories.items() for name in (key, one.label)]
    begun = [(len(name), key) for name, key in names if typed.startswith(f"{name.casefold()} ")]
    return max(begun)[1] if begun else (Category.OTHER if "other" in words.categories else None)


def draft_of(text: str, reader: Reader, doubt: InvalidInput, words: Words = _NO_WORDS) -> Draft:
    """Keep what can be understood of a line that is not taken; nothing in it is guessed.

    Args:
        doubt: why it is not taken, or what it lacks.
    """
    amount, currency, rest = split_line(text, reader.writes)
    doubts = {doubt.field: str(doubt)}
    try:
        doubts.pop("description", None)
        parse_description(rest)
    except InvalidInput as missing:
        doubts["description"] = str(missing)
    return Draft(
        amount=amount,
        currency=None if "currency" in doubts else currency,
        description=visible(rest),
        category=_category_in(visible(rest), words) if words.categories else None,
        doubts=doubts,
    )
