"""How the form of a click is read."""

import json
from typing import Any
from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from bot.web.slack_endpoint import unquoted


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_out_as_it_was_put_in(text: str) -> None:
    assert unquoted(urlencode({"": text}).encode()[1:]).decode() == text


@given(st.dictionaries(st.text(), st.text() | st.floats(allow_nan=False) | st.none()))
def test_any_payload_comes_out_as_it_was_put_in(payload: dict[str, Any]) -> None:
    for is_ascii in (True, False):
        text = json.dumps(payload, ensure_ascii=is_ascii)
        if text.isascii():
            assert json.loads(unquoted(urlencode({"": text}).encode()[1:])) == payload


def test_bytes_that_are_not_text_stay_what_they_are() -> None:
    assert unquoted(b"%FF%00%3D%25+%2B") == b"\xff\x00=% +"
