"""Texts from outside stay on one line and within bounds."""

import json

import pytest

from expense_workflow.wording import brief, summary


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("e-1", "e-1"),
        ("a\nb\x1b[31m", "a b [31m"),
        ("💶", "💶"),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 199 + "…"),
    ],
)
def test_brief_keeps_one_bounded_line(text: str, shown: str) -> None:
    assert brief(text) == shown


@pytest.mark.parametrize("words", ["x" * 1000, "💶" * 1000])
def test_a_summary_fits_into_what_temporal_documents(words: str) -> None:
    assert len(json.dumps(summary(words))) <= 400
