"""Menus whose options the app is asked for while somebody types: block_suggestion."""

from typing import Any

from sandbox.slack.block_kit import elements_of
from sandbox.slack.block_kit.checks import check_suggestions
from sandbox.slack.delivery import Delivery
from sandbox.slack.errors import ClientRefusal, SlackError
from sandbox.slack.views import View

USUAL_LENGTH = 3  # of what is typed before Slack asks, unless the menu says otherwise
NOTHING = "No results. The app did not say what there is to choose."

Option = dict[str, Any]


class Suggestions:
    """Asks the app what menus offer, and remembers it: nothing else can be chosen."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery
        self._offered: dict[tuple[str, str], list[Option]] = {}

    async def ask(
        self, view: View, block_id: str, typed: str, payload: dict[str, Any]
    ) -> list[Option]:
        """Ask the app for the options of a menu in a view.

        Raises:
            ClientRefusal: there is no such menu, or the app gives no answer that Slack takes.
        """
        element = _menu(view, block_id)
        if len(typed) < element.get("min_query_length", USUAL_LENGTH):
            return []
        about = {"action_id": element["action_id"], "block_id": block_id, "value": typed}
        path = self._delivery.config.manifest.options_path
        ack = await self._delivery.send("interactive", {**payload, **about}, path)
        try:
            offered = check_suggestions(ack.body if ack.ok else None)
        except SlackError as error:
            words = "; ".join([error.error, *error.messages])
            raise ClientRefusal(f"{NOTHING} ({ack.error or words})") from error
        self._offered.setdefault((view["id"], block_id), []).extend(offered)
        return offered

    def check(self, view: View, block: dict[str, Any], chosen: Option | None) -> None:
        """Check that an option was offered.

        Raises:
            ClientRefusal: it was not.
        """
        offered = self._offered.get((view["id"], block["block_id"]), [])
        if chosen and chosen not in [*offered, block["element"].get("initial_option")]:
            raise ClientRefusal(f"{block['block_id']} does not offer {chosen.get('value')!r}.")


def _menu(view: View, block_id: str) -> dict[str, Any]:
    for block in view["blocks"]:
        for element in elements_of(block):
            if block["block_id"] == block_id and element["type"] == "external_select":
                return element
    raise ClientRefusal(f"There is no menu {block_id} that is searched.")
