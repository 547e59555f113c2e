"""What Slack's client checks before it sends a form."""

from typing import Any

import pytest

from sandbox import ClientRefusal
from sandbox.slack.form import REQUIRED, client_errors, filled

WHOLE = "Please enter a whole number."
NUMBER = "Please enter a number."


def block(element: dict[str, Any], **fields: Any) -> list[dict[str, Any]]:
    return [{"type": "input", "block_id": "b", "element": {"action_id": "a", **element}, **fields}]


OPTIONS = [{"text": {"type": "plain_text", "text": "A"}, "value": "a"}]
TEXT = {"type": "plain_text_input", "min_length": 2, "max_length": 5}
DECIMAL = {
    "type": "number_input",
    "is_decimal_allowed": True,
    "min_value": "0.01",
    "max_value": "100",
}
INTEGER = {"type": "number_input", "is_decimal_allowed": False}


@pytest.mark.parametrize(
    ("element", "given", "error"),
    [
        (TEXT, "ab", None),
        (TEXT, "", REQUIRED),
        (TEXT, "a", "Must be at least 2 characters."),
        (TEXT, "abcdef", "Must be less than 6 characters."),
        (DECIMAL, "42.50", None),
        (DECIMAL, "0", "Please enter a number no less than 0.01."),
        (DECIMAL, "-1", "Please enter a number no less than 0.01."),
        (DECIMAL, "1e999", "Please enter a number no greater than 100."),
        (DECIMAL, "NaN", NUMBER),
        (DECIMAL, "1,50", NUMBER),
        (DECIMAL, "١٢", NUMBER),
        (INTEGER, "5", None),
        (INTEGER, "5.5", WHOLE),
        ({"type": "checkboxes", "options": OPTIONS}, [], REQUIRED),
        ({"type": "users_select"}, None, REQUIRED),
        ({"type": "users_select"}, "U1", None),
    ],
)
def test_what_is_held_back(element: dict[str, Any], given: Any, error: str | None) -> None:
    blocks = block(element)
    errors = client_errors(blocks, filled(blocks, {"a": given}))
    assert errors == ({"b": error} if error else {})


def test_optional_fields_may_be_empty() -> None:
    blocks = block(TEXT, optional=True)
    assert client_errors(blocks, filled(blocks, {})) == {}


def test_a_form_is_filled_in_by_action_by_block_or_by_state() -> None:
    blocks = block(TEXT)
    state = {"b": {"a": {"type": "plain_text_input", "value": "abc"}}}
    assert filled(blocks, {"a": "abc"}) == filled(blocks, {"b": "abc"}) == state
    assert filled(blocks, state) == state
    assert filled(blocks, {"a": {"type": "plain_text_input", "value": "abc"}}) == state


def test_grouped_options() -> None:
    groups = [{"label": {"type": "plain_text", "text": "G"}, "options": OPTIONS}]
    blocks = block({"type": "static_select", "option_groups": groups})
    assert filled(blocks, {"a": "a"})["b"]["a"]["selected_option"] == OPTIONS[0]


@pytest.mark.parametrize("given", ["x", 5])
def test_lists_are_lists(given: Any) -> None:
    with pytest.raises(ClientRefusal):
        filled(block({"type": "checkboxes", "options": OPTIONS}), {"a": given})
