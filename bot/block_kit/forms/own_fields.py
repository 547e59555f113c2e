"""The form's fields that a company names: categories, what they ask, and dimensions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    ExternalDataSelectElement,
    InputBlock,
    Option,
    PlainTextInputElement,
    StaticSelectElement,
)

from bot.block_kit import inputs
from bot.block_kit.components import plain
from bot.block_kit.inputs import MAX_OPTION, VALUE, selected, typed, visible
from bot.block_kit.mrkdwn import unescape
from bot.block_kit.sentences import categories
from bot.catalogue import say
from bot.domain.coding import Detail, answer_field, dimension_field
from bot.domain.errors import InvalidInput
from bot.domain.words import NOT_LISTED, Dimension, ListedPerson, Words, label_of

CATEGORY = "category"
MAX_ANSWER = 200
# Slack's limit for the options of a menu, and of an answer to what somebody types into one.
MAX_OPTIONS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """What a company's policy says of the form for one requester."""

    words: Words = field(default_factory=Words)
    person: ListedPerson = NOT_LISTED  # what its list of people says of them
    manager: str = ""  # who is asked as their manager by that list, in mrkdwn; "" if they choose
    problem: str = ""  # why they choose although the list names somebody


def category_field(words: Words, chosen: str | None) -> InputBlock:
    """Build the choice of a category; a choice is told at once if some ask for more."""
    own = {key: one.label for key, one in words.categories.items()}
    choose = say("expense-form-category.choose")
    return InputBlock(
        block_id=CATEGORY,
        label=say("expense-form-category"),
        element=inputs.select(choose, own or categories(), chosen),
        dispatch_action=True if any(map(words.asks, words.categories)) else None,
    )


def answer_fields(
    words: Words, category: str | None, answers: Mapping[str, str] | None = None
) -> list[Block]:
    """Build a line to write into for everything that a category asks."""
    asks = words.asks(category or "")
    hint = say("own-field-hint", category=words.categories[category or ""].label) if asks else ""
    return [
        InputBlock(
            block_id=answer_field(ask),
            label=plain(label_of(ask)),
            element=PlainTextInputElement(
                action_id=VALUE,
                max_length=MAX_ANSWER,
                initial_value=(answers or {}).get(ask) or None,
            ),
            hint=plain(hint),
        )
        for ask in asks
    ]


def dimension_fields(words: Words, chosen: Mapping[str, str]) -> list[Block]:
    """Build a choice for every dimension.

    Args:
        chosen: values by the dimensions' keys.
    """
    return [
        InputBlock(
            block_id=dimension_field(key),
            label=plain(one.label),
            element=_choice(one, chosen.get(key, "")),
            optional=not one.is_required,
        )
        for key, one in words.dimensions.items()
    ]


def _choice(dimension: Dimension, chosen: str) -> StaticSelectElement | ExternalDataSelectElement:
    if len(dimension.values) <= MAX_OPTIONS:
        names = {value: dimension.shown(value) for value in dimension.values}
        return inputs.select(say("own-field-choose"), names, chosen)
    return ExternalDataSelectElement(
        action_id=VALUE,
        placeholder=say("own-field-search"),
        min_query_length=0,
        initial_option=_option(dimension, chosen) if chosen in dimension.values else None,
    )


def _option(dimension: Dimension, value: str) -> Option:
    return Option(value=value, text=plain(dimension.shown(value), MAX_OPTION))


def suggestions(words: Words, block_id: str, written: str) -> list[Option]:
    """List the values of a dimension that somebody searches for; the first ones, if too many."""
    for key, one in words.dimensions.items():
        if dimension_field(key) == block_id:
            return [_option(one, value) for value in one.matching(written)[:MAX_OPTIONS]]
    return []


def parse_category(values: Mapping[str, Any], words: Words) -> str:
    """Read which category was chosen."""
    chosen = selected(values, CATEGORY)
    if chosen not in (words.categories or categories()):
        raise InvalidInput(CATEGORY, say("expense-form-category.missing"))
    return chosen


def parse_dimensions(values: Mapping[str, Any], words: Words) -> tuple[Detail, ...]:
    """Read what was chosen of the dimensions; an empty choice is one, too."""
    fields = {key: dimension_field(key) for key in words.dimensions}
    there = {key: block_id for key, block_id in fields.items() if block_id in values}
    return tuple(
        Detail(key=key, value=selected(values, block_id)) for key, block_id in there.items()
    )


def parse_answers(values: Mapping[str, Any], asks: Sequence[str]) -> tuple[Detail, ...]:
    """Read what was written to what the category asks."""
    answers = {ask: visible(typed(values, answer_field(ask))) for ask in asks}
    for ask, answer in answers.items():
        if len(answer) > MAX_ANSWER:
            raise InvalidInput(answer_field(ask), say("text-too-long", most=MAX_ANSWER))
    return tuple(Detail(key=ask, value=answer) for ask, answer in answers.items() if answer)


def with_answer_fields(view: Mapping[str, Any], words: Words) -> dict[str, Any] | None:
    """Return an open form with the fields of the category that is chosen in it.

    What was filled in stays, as Slack keeps it by block_id.

    Returns:
        The form as it is to be shown; None if it has these fields already.
    """
    wanted = answer_fields(words, selected(view["state"]["values"], CATEGORY))
    present = [block["block_id"] for block in view["blocks"] if _is_answer(block)]
    if present == [block.block_id for block in wanted]:
        return None
    blocks: list[Any] = []
    for block in view["blocks"]:
        if not _is_answer(block):
            blocks.append(_as_sent(block))
        if block["block_id"] == CATEGORY:
            blocks += [one.to_dict() for one in wanted]
    kept = ("type", "callback_id", "private_metadata", "title", "submit", "close")
    return {**{key: _as_sent(view[key]) for key in kept if view.get(key)}, "blocks": blocks}


def _is_answer(block: Mapping[str, Any]) -> bool:
    return str(block["block_id"]).startswith(answer_field(""))


def _as_sent(thing: Any) -> Any:
    """Undo what Slack makes of a text when it sends it back."""
    if isinstance(thing, list):
        return [_as_sent(one) for one in thing]
    if not isinstance(thing, dict):
        return thing
    if thing.get("type") == "plain_text":
        return {**thing, "text": unescape(thing["text"])}
    return {key: _as_sent(one) for key, one in thing.items()}
