"""How the body of a request from Slack is read."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.slack_endpoint import read_payload

FORM = "application/x-www-form-urlencoded"
_texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.dictionaries(_texts.filter(lambda name: name != "payload"), _texts))
def test_any_command_comes_out_as_it_was_put_in(form: dict[str, str]) -> None:
    assert read_payload(urlencode(form).encode(), FORM) == form


@given(st.dictionaries(_texts, _texts | st.floats(allow_nan=False) | st.none()))
def test_any_payload_comes_out_as_it_was_put_in(payload: dict[str, Any]) -> None:
    for is_ascii in (True, False):
        text = json.dumps(payload, ensure_ascii=is_ascii)
        assert read_payload(text.encode(), "application/json") == payload
        assert read_payload(urlencode({"payload": text}).encode(), FORM) == payload


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        *((b"[]", "application/json"), (b"\xff", "application/json"), (b"{", "application/json")),
        *((b"payload=", FORM), (b"payload=7", FORM), (b"payload=%FF", FORM), (b"\xff=1", FORM)),
        (b"text=%FF", FORM),
    ],
)
def test_what_is_no_payload_is_refused(body: bytes, content_type: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_payload(body, content_type)
