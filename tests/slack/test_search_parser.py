"""What people write behind /expense find."""

from datetime import date

import pytest

from bot.domain.errors import InvalidInput
from bot.domain.expense import State
from bot.domain.finance import STATES, Search
from bot.slack.search_parser import parse_search, write_search

TODAY = date(2026, 11, 28)
NOVEMBER = date(2026, 11, 1)
HOW = "a month is written as 2026-11 or november, and a state is submitted, waiting, approved"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<@U0ADA|ada>", Search(requester="U0ADA")),
        ("<@U0ADA> <@U0ADA|ada>", Search(requester="U0ADA")),
        ("2026-11", Search(month=NOVEMBER)),
        ("2026-3", Search(month=date(2026, 3, 1))),
        ("november", Search(month=NOVEMBER)),
        ("Nov.", Search(month=NOVEMBER)),
        ("December", Search(month=date(2025, 12, 1))),
        ("november 2024", Search(month=date(2024, 11, 1))),
        ("2024 sept", Search(month=date(2024, 9, 1))),
        ("november 2026-11", Search(month=NOVEMBER)),
        ("PAID", Search(state=State.COMPLETED)),
        ("refused,", Search(state=State.PAYMENT_FAILED)),
        ("anml7acbpm5w", Search(ids=("anml7acbpm5w", "ANML7ACBPM5W"))),
        ("2026-0042", Search(ids=("2026-0042",))),
        (
            "approved by <@U0ADA|ada> in november",
            Search(requester="U0ADA", month=NOVEMBER, state=State.APPROVED),
        ),
        ("<@W0ADA> ABC paid", Search(requester="W0ADA", state=State.COMPLETED, ids=("ABC",))),
    ],
)
def test_any_combination_is_read_and_written_alike(text: str, expected: Search) -> None:
    found = parse_search(text, TODAY)
    assert found == expected
    assert parse_search(write_search(found), TODAY) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", HOW),
        (" in ", HOW),
        ("@ada", "I do not know who “@ada” is. Please choose a person from the list"),
        ("<!subteam^S0LEADS|@leads>", "I do not know who “@leads” is."),
        ("2025", "Please write which month of 2025, such as 2025-11."),
        ("<@U0ADA> <@U0BEN>", "Please write one person, one month and one state at most."),
        ("november october", "one month"),
        ("november 2024 2025", "one month"),
        ("paid approved", "one state"),
        ("tea lunch", "I do not understand “tea lunch”: a person is chosen"),
        ("<script> &amp; x", "I do not understand “"),
        ("x " * 500, "I do not understand “x x x"),
    ],
)
def test_what_cannot_be_understood_is_named_with_what_to_write(text: str, said: str) -> None:
    with pytest.raises(InvalidInput) as error:
        parse_search(text, TODAY)
    assert said in str(error.value)
    assert len(str(error.value)) < 600


def test_a_month_ends_where_the_next_begins() -> None:
    for month in range(1, 13):
        found = Search(month=date(2026, month, 1))
        assert (found.end() - found.begin()).days in (28, 30, 31)
    assert found.end().isoformat() == "2027-01-01T00:00:00+00:00"


def test_every_state_can_be_looked_for() -> None:
    assert {*STATES.values()} == {*State}
