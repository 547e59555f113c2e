"""What people typed behind a command, from what Slack makes of it."""

from contextlib import suppress
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalogue import say
from bot.domain.errors import InvalidInput
from bot.domain.people.locale import ANYBODY, Reader, make_reader
from bot.slack.command_parser import (
    as_typed,
    end_of,
    ids_in,
    read_period,
    read_person,
    read_until,
)
from sandbox import WorkspaceConfig
from sandbox.slack.client.escaping import Escaping
from sandbox.slack.config import ADA, GENERAL, MANAGERS
from sandbox.slack.workspace import Workspace
from sandbox.state_file import StateFile
from tests.support.claims import TEXTS

pytestmark = pytest.mark.usefixtures("same_day")

BERLIN = make_reader("de-DE", "Europe/Berlin")
NEW_YORK = make_reader("en-US", "America/New_York")


@pytest.fixture(scope="module")
def slack() -> Escaping:
    """What Slack does to the text of a command."""
    return Escaping(Workspace(WorkspaceConfig(), StateFile(None)))


@pytest.mark.parametrize(
    ("sent", "typed"),
    [
        ("Team lunch", "Team lunch"),
        ("a &amp; b &lt;c&gt; &amp;lt;", "a & b <c> &lt;"),
        ("with <@U0ADA4KFR7Q|ada>!", "with @ada!"),
        ("with <@W0ADA4KFR7Q|ada>", "with @ada"),
        ("with <@U0ADA4KFR7Q>", "with @U0ADA4KFR7Q"),
        ("in <#C0GENERAL01|general>", "in #general"),
        ("in <#C0GENERAL01|>", "in #C0GENERAL01"),
        ("<!subteam^S0MANAGERS1|@managers>", "@managers"),
        ("<!here> <!channel|channel> <!everyone|@everyone>", "@here @channel @everyone"),
        ("<http://x> <https://x/?a=1&amp;b=2>", "http://x https://x/?a=1&b=2"),
        ("<http://example.com|example.com>", "example.com"),
        ("<mailto:a@example.com|a@example.com>", "a@example.com"),
        ("<@U0ADA4KFR7Q|a&lt;b>", "@a<b"),
        ("&lt;@U0ADA4KFR7Q|ada&gt;", "<@U0ADA4KFR7Q|ada>"),
        ("1 &lt; 2 <", "1 < 2 <"),
        ("", ""),
    ],
)
def test_the_text_is_as_it_was_typed(sent: str, typed: str) -> None:
    assert as_typed(sent) == typed


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "{id}",
            "{low}",
            "`{id}`",
            "“{id}”.",
            "'{low}',",
            "„{low}“",
            "«{id}»!",
            "({low})",
            "[{id}]",
        ),
        *("*{id}*?", "_{low}_", "```{id}```", "Expense {id}", "expense: `{low}`."),
        *("expense_{id}", "#{id}", "<{id}>", "\u200b{id}\u200b", "{low} .", "“expense {id};”"),
    ],
)
def test_an_id_is_found_as_people_type_it(typed: str) -> None:
    assert "ANML7ACBPM5W" in ids_in(typed.format(id="ANML7ACBPM5W", low="anml7acbpm5w"))


@pytest.mark.parametrize("typed", ["Order-17.", "expense_5", "`x`", "***", "a b", "", "\x00"])
def test_an_id_of_another_service_is_what_was_typed(typed: str) -> None:
    assert ids_in(typed)[0] == typed
    assert all(ids_in(typed)[1:])


@given(st.text())
def test_there_is_always_an_id_to_look_for(typed: str) -> None:
    assert ids_in(typed)[0] == typed


@pytest.mark.parametrize("typed", [*TEXTS, f"@{ADA.name} #{GENERAL.name} @{MANAGERS.handle} @here"])
def test_what_slack_made_of_it_is_undone(slack: Escaping, typed: str) -> None:
    assert as_typed(slack(typed)) == typed


@given(st.text())
def test_any_text_comes_back(slack: Escaping, typed: str) -> None:
    # Slack writes names in small letters, whichever way they were typed.
    assert as_typed(slack(typed)).casefold() == typed.casefold()


@given(st.text(alphabet="<>|@#!&;ampltgUS0Cx:/^ ", max_size=60))
def test_nothing_slack_could_send_is_too_odd(sent: str) -> None:
    assert len(as_typed(sent)) <= len(sent) + sent.count("<")


@pytest.mark.parametrize(
    ("sent", "person", "rest"),
    [
        ("<@U0ADA4KFR7Q|ada> until Friday", "U0ADA4KFR7Q", "until Friday"),
        ("<@W0ADA4KFR7Q>", "W0ADA4KFR7Q", ""),
        ("to <@U0ADA4KFR7Q|Ada Okafor>   for 3 days ", "U0ADA4KFR7Q", "for 3 days"),
        ("<@U0ADA4KFR7Q|ada> until &lt;x&gt;", "U0ADA4KFR7Q", "until <x>"),
    ],
)
def test_whom_a_command_names(sent: str, person: str, rest: str) -> None:
    assert read_person(sent) == (person, rest)


@pytest.mark.parametrize(
    "sent",
    [
        *("", "ada", "@ada", "until Friday", "<#C0GENERAL01|general>", "<!here>", "<http://x>"),
        *("&lt;@U0ADA4KFR7Q&gt;", "<!subteam^S0MANAGERS1|@managers> until Friday"),
        *("<@U1>", f"<@U{'0' * 60}>", "<@u0ada4kfr7q>"),
    ],
)
def test_a_command_that_names_nobody_is_refused(sent: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_person(sent)
    assert refusal.value.field == "delegate"


def ahead(days: int, reader: Reader = BERLIN) -> datetime:
    """The end of a day to come."""
    today = datetime.now(reader.timezone).date()
    return end_of(today + timedelta(days=days), reader.timezone)


@pytest.mark.parametrize("reader", [BERLIN, NEW_YORK, ANYBODY, make_reader("en-NZ", "Etc/GMT+12")])
@pytest.mark.parametrize("days", [1, 2, 5, 30, 90])
@pytest.mark.parametrize(
    "written", ["until {:%Y-%m-%d}", "until {:%-d %B %Y}", "to {:%B %-d, %Y}", "{:%d %b %Y}"]
)
def test_a_date_lasts_to_the_end_of_the_day(written: str, days: int, reader: Reader) -> None:
    end = ahead(days, reader)
    assert read_until(written.format(end), reader) == end


@pytest.mark.parametrize("days", range(1, 7))
@pytest.mark.parametrize(
    "written", ["until {:%A}", "until {:%a}", "{:%A}", "till the end of {:%A}"]
)
def test_a_weekday_is_the_next_one(written: str, days: int) -> None:
    assert read_until(written.format(ahead(days)), BERLIN) == ahead(days)


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("until tomorrow", 1),
        ("UNTIL TOMORROW", 1),
        ("until today", 0),
        ("for 3 days", 3),
        ("for 2 weeks", 14),
        ("for a week", 7),
        ("until in 10 days", 10),
        ("until yesterday", -1),
    ],
)
def test_days_are_counted(written: str, days: int) -> None:
    assert read_until(written, BERLIN) == ahead(days)


def test_a_day_and_a_month_as_figures_are_read_as_the_reader_writes_them() -> None:
    day = ahead(60)
    assert read_until(f"until {day:%d/%m/%Y}", BERLIN) == day
    assert read_until(f"until {day:%d.%m.%Y}", BERLIN) == day
    american = ahead(60, NEW_YORK)
    assert read_until(f"until {american:%m/%d/%Y}", NEW_YORK) == american


def test_a_time_is_taken_at_its_word() -> None:
    day = ahead(3)
    until = read_until(f"until {day:%A} 15:00", BERLIN)
    assert until == day.replace(hour=15, minute=0, second=0)
    soon = read_until("for 2 hours", BERLIN)
    assert abs(soon - datetime.now(UTC) - timedelta(hours=2)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "written",
    [
        *("", "until", "for", "until pigs fly", "for ever", "until 8", "until the 5th", "a", "x"),
        *("until 31 February", "until next month", "until 2027", "until <!channel>", "🎄"),
        *("until " + "Friday " * 99, "for 99999999999 days", "x" * 10_000, "\x00\x00\x00"),
    ],
)
def test_what_is_no_day_is_refused(written: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_until(written, BERLIN)
    assert str(refusal.value) == say("delegate-form.when")
    assert refusal.value.field == "until"


WORDS = [
    *(
        "until",
        "for",
        "friday",
        "next",
        "last",
        "december",
        "in",
        "days",
        "ago",
        "hours",
        "century",
    ),
    *("2026-12", "31", "0", "99999", "-1", "th", "12:99", "utc", "+99:99", "am", "/", ".", "year"),
]


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=45), st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join)))
def test_any_words_are_a_time_or_refused(written: str) -> None:
    with suppress(InvalidInput):
        assert read_until(written, BERLIN).utcoffset() is not None


@pytest.mark.parametrize(
    ("text", "days", "is_later"),
    [
        ("from Monday until Friday", 5, True),
        ("from monday to monday", 1, True),
        ("From Friday through Monday", 4, True),
        ("from today until tomorrow", None, False),
        ("until Friday", None, False),
    ],
)
def test_a_period_has_whole_days(text: str, days: int | None, is_later: bool) -> None:
    since, until = read_period(text, ANYBODY)
    assert until.time() == time(23, 59, 59)
    if since and days:
        assert since.time() == time.min
        assert since > datetime.now(UTC)
        assert (until.date() - since.date()).days == days - 1
    assert is_later or since is None
