"""An expense written in one line: how it is read, and what the form keeps of it otherwise."""

from datetime import datetime

from bot.block_kit.expense_modal import Draft, parse_description
from bot.block_kit.inputs import visible
from bot.catalogue import say
from bot.domain.amounts import parse_line, parse_money, split_line
from bot.domain.currencies import check_legal
from bot.domain.errors import InvalidInput
from bot.domain.expense import Category, Claim
from bot.domain.locale import Reader


def parse_one_line(text: str, reader: Reader) -> Claim:
    """Read an expense written in one line, such as `42.50 EUR Team lunch`.

    Raises:
        InvalidInput: it cannot be taken; the message says what to write.
    """
    words, today = text.split(maxsplit=2), datetime.now(reader.timezone).date()
    found = parse_line(text, reader.writes)
    if found is None and len(words) == 3:
        found = parse_money(words[0], words[1], reader.writes), words[2]
    if found is None or not found[1]:
        raise InvalidInput("description", say("expense-form-description.one-line"))
    money, description = found
    check_legal(money.currency, today, reader.locale)
    return Claim(
        money=money,
        description=parse_description(description),
        category=Category.OTHER,
        spent_on=today,
    )


def draft_of(text: str, reader: Reader, doubt: InvalidInput) -> Draft:
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
        doubts=doubts,
    )
