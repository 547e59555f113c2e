"""What people write behind `/expense find`, and the way back to the same words."""

import re
from datetime import date

from bot.block_kit.finance import states
from bot.block_kit.mrkdwn import mention, quote
from bot.catalogue import say
from bot.domain.errors import InvalidInput
from bot.domain.finance import STATES, Search
from bot.slack.command_parser import as_typed, ids_in

_PERSON = re.compile(r"<@([UW][A-Z0-9]{2,30})(?:\|[^<>]*)?>")
_MONTH = re.compile(r"(20\d\d)-(0?[1-9]|1[0-2])")
_YEAR = re.compile(r"20\d\d")
_BETWEEN = {"in", "of", "by", "from", "for", "and"}  # what people write between
_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_NUMBERS = {name: number for number, name in enumerate(_NAMES, start=1)}
_NUMBERS |= {name[:3]: number for name, number in _NUMBERS.items()} | {"sept": 9}


def parse_search(text: str, today: date) -> Search:
    """Read what somebody looks for.

    Args:
        text: as Slack sends it, such as `<@U0ADA> november approved`.
        today: what a month without a year is counted from: the last one that has begun.

    Raises:
        InvalidInput: it cannot be understood; the message says what to write.
    """
    people, rest = set(_PERSON.findall(text)), as_typed(_PERSON.sub(" ", text))
    found, months, named, years = set[str](), set[date](), set[int](), set[int]()
    others: list[str] = []
    for typed in rest.split():
        word = typed.lower().strip(",.")
        if word in STATES:
            found.add(word)
        elif word in _NUMBERS:
            named.add(_NUMBERS[word])
        elif month := _MONTH.fullmatch(word):
            months.add(date(int(month[1]), int(month[2]), 1))
        elif _YEAR.fullmatch(word):
            years.add(int(word))
        elif typed.startswith("@"):
            raise InvalidInput("find", say("find-person", word=quote(typed, 100)))
        elif word not in _BETWEEN:
            others.append(typed)
    year = max(years, default=None)
    if year and not named:
        raise InvalidInput("find", say("find-month-of-year", year=str(year)))
    months |= {date(year or today.year - (one > today.month), one, 1) for one in named}
    if max(map(len, (people, found, months, years))) > 1:
        raise InvalidInput("find", say("find-one-of-each"))
    if len(others) > 1:
        words = quote(" ".join(others), 100)
        raise InvalidInput("find", say("find-unknown", words=words, states=states()))
    if not (people or found or months or others):
        raise InvalidInput("find", say("find-what", states=states()))
    return Search(
        requester=next(iter(people), None),
        month=next(iter(months), None),
        state=STATES[found.pop()] if found else None,
        ids=tuple(ids_in(others[0])) if others else (),
    )


def write_search(search: Search) -> str:
    """Write what somebody looks for as `parse_search` reads it."""
    words = [mention(search.requester)] if search.requester else []
    if search.month:
        words.append(f"{search.month:%Y-%m}")
    words += [word for word, state in STATES.items() if state is search.state]
    return " ".join([*words, *search.ids[:1]])
