"""What people fill in: Slack's state.values, and what Slack's client checks before it sends."""

from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.slack.block_kit import elements_of
from sandbox.slack.errors import ClientRefusal

Element = dict[str, Any]
State = dict[str, Any]
Values = dict[str, dict[str, State]]

REQUIRED = "Please complete this required field."
# For each element its key in state.values, and the key of its initial content.
STATE_KEYS = {
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "multi_static_select": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "radio_buttons": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "file_input": ("files", "initial_files"),
}
OPTION_KEYS = ("static_select", "multi_static_select", "radio_buttons", "checkboxes")
LISTS = ("multi_static_select", "multi_users_select", "checkboxes", "file_input")


def options_of(element: Element) -> list[dict[str, Any]]:
    """List a menu's options, grouped or not."""
    groups = element.get("option_groups", [])
    return element.get("options") or [option for group in groups for option in group["options"]]


def state_of(element: Element, given: Any) -> State:
    """Return an element's state in state.values.

    Args:
        element: of Block Kit.
        given: the content, bare or as state.values has it; options by their values.

    Raises:
        ClientRefusal: the element does not offer it, or takes another type.
    """
    kind = element["type"]
    key, _ = STATE_KEYS[kind]
    # An option is an object, too, but does not have this key.
    value = given[key] if isinstance(given, dict) and key in given else given
    if kind in LISTS:
        if not isinstance(value, list | tuple | type(None)):
            raise ClientRefusal(f"{element['action_id']} takes a list.")
        value = list(value or [])
        if kind in ("multi_static_select", "checkboxes"):
            value = [_option(element, item) for item in value]
    elif kind in ("static_select", "radio_buttons") and value is not None:
        value = _option(element, value)
    elif kind == "external_select":
        # Whether the app offers it, `Suggestions` knows.
        if not isinstance(value, dict | None):
            raise ClientRefusal(f"{element['action_id']} takes an option that was suggested.")
    elif value is not None:
        # An empty line is null in Slack's state.
        if not isinstance(value, str):
            raise ClientRefusal(f"{element['action_id']} takes a text.")
        value = value or None
    return {"type": kind, key: value}


def _option(element: Element, chosen: Any) -> dict[str, Any]:
    wanted = chosen.get("value") if isinstance(chosen, dict) else chosen
    for option in options_of(element):
        if option["value"] == wanted:
            return option
    raise ClientRefusal(f"{wanted!r} is not one of the options of {element['action_id']}.")


def initial_values(blocks: list[dict[str, Any]]) -> Values:
    """Return state.values as it is before anybody changes anything."""
    values: Values = {}
    for block in blocks:
        for element in elements_of(block):
            if element["type"] in STATE_KEYS:
                _, initial = STATE_KEYS[element["type"]]
                state = state_of(element, element.get(initial))
                values.setdefault(block["block_id"], {})[element["action_id"]] = state
    return values


def still_there(blocks: list[dict[str, Any]], given: dict[str, Any]) -> dict[str, Any]:
    """Drop contents of blocks that were removed while a person filled them in."""
    there = {block["block_id"] for block in blocks}
    return {block_id: content for block_id, content in given.items() if block_id in there}


def filled(
    blocks: list[dict[str, Any]], given: dict[str, Any], present: Values | None = None
) -> Values:
    """Fill in a form.

    Args:
        blocks: the form's blocks.
        given: contents by action id, by block id, or as state.values has them.
        present: its state.values before that; the initial ones by default.

    Raises:
        ClientRefusal: there is no such field, or it does not take the content.
    """
    values = initial_values(blocks) if present is None else present
    used = set()
    for block in blocks:
        for element in elements_of(block):
            if element["type"] not in STATE_KEYS:
                continue
            block_id, action_id = block["block_id"], element["action_id"]
            name = action_id if action_id in given else block_id
            if name not in given:
                continue
            used.add(name)
            content = given[name]
            if isinstance(content, dict) and action_id in content:
                content = content[action_id]
            values[block_id][action_id] = state_of(element, content)
    unknown = set(given) - used
    if unknown:
        raise ClientRefusal(f"The form has no field {', '.join(sorted(unknown))}.")
    return values


def file_ids(values: Values) -> list[str]:
    """List the files that a form is sent with."""
    states = [state for block in values.values() for state in block.values()]
    return [file["id"] for state in states for file in state.get("files") or []]


def client_errors(blocks: list[dict[str, Any]], values: Values) -> dict[str, str]:
    """Return the errors for which Slack's client would not send the form, by block id."""
    errors = {}
    for block in blocks:
        if block["type"] == "input":
            element = block["element"]
            key, _ = STATE_KEYS[element["type"]]
            content = values[block["block_id"]][element["action_id"]][key]
            problem = _problem(element, content, optional=block.get("optional", False))
            if problem:
                errors[block["block_id"]] = problem
    return errors


def _problem(element: Element, content: Any, *, optional: bool) -> str | None:
    if not content:
        return None if optional else REQUIRED
    if element["type"] == "number_input":
        return _number_problem(element, content)
    if element["type"] == "plain_text_input":
        low, high = element.get("min_length", 0), element.get("max_length", 3000)
        if len(content) < low:
            return f"Must be at least {low} characters."
        if len(content) > high:
            return f"Must be less than {high + 1} characters."
    return None


def _number_problem(element: Element, content: str) -> str | None:
    try:
        number = Decimal(content) if content.isascii() else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    whole = not element["is_decimal_allowed"]
    if not number.is_finite() or (whole and number != number.to_integral_value()):
        return "Please enter a whole number." if whole else "Please enter a number."
    if "min_value" in element and number < Decimal(element["min_value"]):
        return f"Please enter a number no less than {element['min_value']}."
    if "max_value" in element and number > Decimal(element["max_value"]):
        return f"Please enter a number no greater than {element['max_value']}."
    return None
