"""The catalogue: every sentence that a person reads, whole, under its name.

The sentences are in `en/`, one file for each area, in the syntax of Project Fluent:
https://projectfluent.org/fluent/guide/
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from babel.lists import format_list
from fluent.runtime import FluentBundle, FluentResource

LANGUAGE = "en"
_FILES = Path(__file__).parent / LANGUAGE


# Most of a message was said before: buttons, labels, and the same facts when it is redrawn.
@lru_cache(maxsize=2048)
def say(name: str, **given: str | int) -> str:
    """Return a sentence of the catalogue.

    Args:
        name: such as `reply-paid`, or `reject-form.label` for an attribute.
        given: what stands in for its placeholders; texts at most 2,500 characters long, which is
            Fluent's limit, and numbers, which choose between singular and plural.
    """
    message_name, _, attribute = name.partition(".")
    message = _sentences().get_message(message_name)
    pattern = message.attributes[attribute] if attribute else message.value
    if pattern is None:
        raise LookupError(name)
    text, errors = _sentences().format_pattern(pattern, given)
    if errors:
        raise errors[0]
    return str(text)


def listed(things: Sequence[str], how: Literal["standard", "or"] = "standard") -> str:
    """Return several things as one phrase, such as "A, B, and C"."""
    return format_list(things, how, locale=LANGUAGE)


def get_ready() -> None:
    """Read the catalogue, which takes 60 ms, so that nobody who clicks first waits for it."""
    _sentences()


@cache
def _sentences() -> FluentBundle:
    # Slack shows the marks with which Fluent isolates what is filled in as boxes.
    bundle = FluentBundle([LANGUAGE], use_isolating=False)
    for file in sorted(_FILES.glob("*.ftl")):
        bundle.add_resource(FluentResource(file.read_text(encoding="utf-8")))
    return bundle
