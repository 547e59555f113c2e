"""How somebody reads, from what Slack says of them."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.people.locale import ANYBODY, make_reader


@pytest.mark.parametrize(
    ("slack", "locale"),
    [
        ("en-GB", Locale("en", "GB")),
        ("de-DE", Locale("de", "DE")),
        ("es-LA", Locale("es", "419")),
        ("ja", Locale("ja")),
        ("zh-Hant-TW", Locale("zh", "TW", script="Hant")),
    ],
)
def test_slack_s_locale_is_babel_s(slack: str, locale: Locale) -> None:
    assert make_reader(slack, None).locale == locale


@pytest.mark.parametrize("slack", [None, "", "xx-YY", "klingon", "en_GB", "../..", "en-" * 100])
def test_an_unknown_locale_is_anybody_s(slack: str | None) -> None:
    assert make_reader(slack, None).locale == ANYBODY.locale


def test_slack_s_time_zone_is_the_system_s() -> None:
    assert make_reader(None, "Europe/Berlin").timezone == ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    "slack", [None, "", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe", "a" * 10_000]
)
def test_an_unknown_time_zone_is_utc(slack: str | None) -> None:
    assert make_reader(None, slack).timezone == UTC


@given(st.text(), st.text())
def test_a_reader_can_be_made_of_anything(locale: str, timezone: str) -> None:
    assert make_reader(locale, timezone)
