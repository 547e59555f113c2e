"""Checks blocks and views as Slack does, and completes them as Slack completes them."""

import html
import json
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from sandbox.ids import new_id
from sandbox.slack.block_kit.blocks import Home, Message, Modal
from sandbox.slack.block_kit.composition import Suggestions, units
from sandbox.slack.errors import SlackError

VIEW_BYTES = 250_000

_MESSAGE = TypeAdapter(Message)
_SUGGESTIONS = TypeAdapter(Suggestions)
_VIEW: TypeAdapter[Modal | Home] = TypeAdapter(Annotated[Modal | Home, Field(discriminator="type")])


def check_blocks(blocks: Any) -> list[dict[str, Any]]:
    """Check a message's blocks, and give them the ids Slack would.

    Raises:
        SlackError: invalid_blocks, or invalid_blocks_format if they are no list.
    """
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    document = {"blocks": blocks}
    errors = _errors(_MESSAGE, document, "") or _rule_errors(blocks, "message", "")
    if errors:
        raise SlackError("invalid_blocks", *errors)
    return _complete(blocks)


def check_view(view: Any, kind: Literal["modal", "home"]) -> dict[str, Any]:
    """Check a view, and give its blocks the ids Slack would.

    Raises:
        SlackError: invalid_arguments, or view_too_large.
    """
    if not isinstance(view, dict):
        raise SlackError("invalid_arguments", "must provide an object [json-pointer:/view]")
    if view.get("type") != kind:
        raise SlackError("invalid_arguments", f"type must be {kind} [json-pointer:/view/type]")
    if len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES:
        raise SlackError("view_too_large")
    errors = _errors(_VIEW, view, "/view") or _rule_errors(view["blocks"], kind, "/view")
    if errors:
        raise SlackError("invalid_arguments", *errors)
    return {**view, "blocks": _complete(view["blocks"])}


def check_suggestions(answer: Any) -> list[dict[str, Any]]:
    """Check what an app answers when it is asked for the options of a menu; return the options.

    Raises:
        SlackError: Slack would show none of them.
    """
    if errors := _errors(_SUGGESTIONS, answer, "/options"):
        raise SlackError("invalid_options", *errors)
    groups = answer.get("option_groups") or []
    return answer.get("options") or [option for group in groups for option in group["options"]]


def weight(thing: Any) -> int:
    """Return the length of all texts of some blocks together."""
    match thing:
        case list():
            return sum(map(weight, thing))
        case {"type": "plain_text", "text": str(text)}:
            return units(html.escape(text, quote=False))
        case {"type": "mrkdwn", "text": str(text)}:
            return units(text)
        case dict():
            return sum(map(weight, thing.values()))
    return 0


def _errors(adapter: TypeAdapter[Any], document: Any, root: str) -> list[str]:
    try:
        adapter.validate_python(document)
    except ValidationError as error:
        return [_word(item, document, root) for item in error.errors(include_url=False)]
    return []


def _word(item: Any, document: Any, root: str) -> str:
    """Turn a finding of pydantic's into Slack's sentence, with Slack's JSON pointer."""
    kind, context = item["type"], item.get("ctx", {})
    # pydantic names the union member on the way; a JSON pointer names only keys and indexes.
    path, place = [], document
    for part in item["loc"]:
        keys = range(len(place)) if isinstance(place, list) else place
        if isinstance(place, dict | list) and part in keys:
            place = place[part]
            path.append(str(part))
    name = item["loc"][-1] if item["loc"] else ""
    if kind == "extra_forbidden":
        path.pop()
    words = {
        "missing": f"missing required field: {name}",
        "extra_forbidden": f"invalid additional property: {name}",
        "string_too_long": f"must be less than {context.get('max_length', 0) + 1} characters",
        "string_too_short": "must be more than 0 characters",
        "too_long": f"no more than {context.get('max_length')} items allowed",
        "too_short": f"must have at least {context.get('min_length')} item",
        "literal_error": "must be a valid enum value",
        "string_type": "must provide a string",
        "bool_type": "must be a boolean",
        "list_type": "must provide an array",
        "model_type": "must provide an object",
        "union_tag_invalid": f"unsupported type: {context.get('tag')}",
        "union_tag_not_found": "missing required field: type",
    }.get(kind, item["msg"])
    return f"{words} [json-pointer:{root}/{'/'.join(path)}]".replace("/]", "]")


def _rule_errors(blocks: list[dict[str, Any]], surface: str, root: str) -> list[str]:
    """Check what concerns several blocks at once, or the surface they are on."""
    errors = []
    block_ids: set[str] = set()
    focused = 0
    for index, block in enumerate(blocks):
        pointer = f"{root}/blocks/{index}"
        block_id = block.get("block_id")
        if block_id in block_ids:
            errors.append(f"block_id already exists: {block_id} [json-pointer:{pointer}/block_id]")
        block_ids |= {block_id} if block_id else set()
        action_ids: set[str] = set()
        for element in elements_of(block):
            action_id = element.get("action_id")
            if action_id in action_ids:
                errors.append(f"action_id already exists: {action_id} [json-pointer:{pointer}]")
            action_ids |= {action_id} if action_id else set()
            focused += bool(element.get("focus_on_load"))
            # https://docs.slack.dev/reference/block-kit/block-elements/file-input-element
            if element["type"] == "file_input" and surface != "modal":
                errors.append(f"unsupported type: file_input [json-pointer:{pointer}/element]")
    if focused > 1:
        errors.append(f"only one element may focus_on_load [json-pointer:{root}/blocks]")
    return errors


def elements_of(block: dict[str, Any]) -> list[dict[str, Any]]:
    """List the elements of a block that a person can act on or fill in."""
    if block["type"] == "actions":
        return list(block["elements"])
    if block["type"] == "input":
        return [block["element"]]
    if block["type"] == "section" and block.get("accessory", {}).get("type", "image") != "image":
        return [block["accessory"]]
    return []


def _complete(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give blocks and elements the ids Slack makes up for those that have none."""
    completed: list[dict[str, Any]] = json.loads(json.dumps(blocks))
    for block in completed:
        block.setdefault("block_id", new_id("")[1:6])
        for element in elements_of(block):
            element.setdefault("action_id", new_id("")[1:6])
    return completed
