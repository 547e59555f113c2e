"""What somebody clicked or chose, as block_actions names it."""

import time
from typing import Any

from sandbox.slack import form


def state_with(action: dict[str, Any], values: form.Values) -> form.Values:
    """Add what a person just chose to the state of the other fields."""
    if action["type"] in form.STATE_KEYS:
        key, _ = form.STATE_KEYS[action["type"]]
        state = {"type": action["type"], key: action[key]}
        values[action["block_id"]][action["action_id"]] = state
    return values


def action_of(block_id: str, element: dict[str, Any], given: Any) -> dict[str, Any]:
    """Form one entry of a block_actions payload."""
    action: dict[str, Any] = {
        "type": element["type"],
        "block_id": block_id,
        "action_id": element["action_id"],
        "action_ts": f"{time.time():.6f}",
    }
    if element["type"] == "button":
        return action | {
            key: element[key] for key in ("text", "value", "style", "url") if key in element
        }
    if element["type"] == "overflow":
        state = form.state_of({**element, "type": "static_select"}, given)
        return action | {"selected_option": state["selected_option"]}
    return action | form.state_of(element, given)
