"""Keeps what people filled into views, for as long as the same fields are there."""

from typing import Any

from sandbox.slack.block_kit import elements_of
from sandbox.slack.form import OPTION_KEYS, STATE_KEYS, Values, initial_values, options_of

View = dict[str, Any]


class ViewState:
    """The present values of views.

    Slack keeps an element's content for as long as each next version of the view has the same
    block_id and action_id; initial values count only for elements that were not there before.
    """

    def __init__(self) -> None:
        self._kept: dict[str, Values] = {}

    def of(self, view: View) -> Values:
        """Return state.values of a view, with the fields that nobody changed."""
        values = initial_values(view["blocks"])
        for block_id, states in self._still_there(view).items():
            values[block_id] |= states
        return values

    def keep(self, view: View, values: Values) -> None:
        """Keep what a person filled into a view."""
        self._kept[view["id"]] = values

    def show(self, view: View) -> None:
        """Forget the fields that a view lost when the app replaced it."""
        if view["id"] in self._kept:
            self._kept[view["id"]] = self._still_there(view)

    def forget(self, view_id: str) -> None:
        """Forget a view that was closed."""
        self._kept.pop(view_id, None)

    def _still_there(self, view: View) -> Values:
        kept = self._kept.get(view["id"], {})
        found: Values = {}
        for block in view["blocks"]:
            for element in elements_of(block):
                state = kept.get(block["block_id"], {}).get(element["action_id"])
                if state is not None and state["type"] == element["type"]:
                    states = found.setdefault(block["block_id"], {})
                    states[element["action_id"]] = _on_offer(element, state)
        return found


def _on_offer(element: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
    """Drop chosen options that an element does not offer any more."""
    if element["type"] not in OPTION_KEYS:
        return state
    key, _ = STATE_KEYS[element["type"]]
    offered = {option["value"]: option for option in options_of(element)}
    chosen = state[key]
    if isinstance(chosen, list):
        chosen = [offered[option["value"]] for option in chosen if option["value"] in offered]
    elif chosen is not None:
        chosen = offered.get(chosen["value"])
    return {"type": element["type"], key: chosen}
