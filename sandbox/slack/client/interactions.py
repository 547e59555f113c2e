"""Clicks and forms: what the app is sent, and what people see after its acknowledgement."""

from typing import Any

from sandbox.slack import form
from sandbox.slack.block_kit import elements_of
from sandbox.slack.client.acknowledgement import apply_submission_ack
from sandbox.slack.client.actions import action_of, state_with
from sandbox.slack.client.echo import sent_back
from sandbox.slack.client.envelope import Envelope
from sandbox.slack.client.suggestions import Suggestions
from sandbox.slack.delivery import Ack, Delivery
from sandbox.slack.errors import ClientRefusal
from sandbox.slack.views import View, Views
from sandbox.slack.web_api.response_url import ResponseUrls
from sandbox.slack.workspace import Message, Workspace

TROUBLE = "We had some trouble connecting. Try again?"
CLICK_FAILED = "This app didn't respond. Try again, or contact the app's developer."


class Interactions:
    """Clicks and forms of people."""

    def __init__(
        self, workspace: Workspace, views: Views, delivery: Delivery, urls: ResponseUrls
    ) -> None:
        self.workspace = workspace
        self.config = workspace.config
        self.views = views
        self.delivery = delivery
        self.urls = urls
        self.suggestions = Suggestions(delivery)

    # Clicks

    async def click_message(
        self,
        user_id: str,
        message: Message,
        block_id: str,
        action_id: str,
        given: Any = None,
        values: dict[str, Any] | None = None,
    ) -> Ack:
        """Send a click or choice on a message.

        Args:
            user_id: who clicks.
            message: as the person sees it, which may be an older version.
            block_id: of the block.
            action_id: of the element in it.
            given: what was chosen, as `form.state_of` takes it.
            values: the contents of the message's other fields.

        Raises:
            ClientRefusal: Slack's client would not send it.
        """
        channel = self.workspace.channel_of(message["ts"])
        if channel is None:
            raise ClientRefusal("This message was deleted.")
        self.workspace.check_member(user_id, channel)
        known = self.workspace.channels.get(channel)
        if known and known.is_archived:
            raise ClientRefusal("This channel has been archived.")
        blocks = message.get("blocks", [])
        action = self._action(blocks, block_id, action_id, given)
        private = self.workspace.ephemeral(user_id, message["ts"]) is not None
        payload = {
            **self._envelope("block_actions", user_id),
            "container": {
                "type": "message",
                "message_ts": message["ts"],
                "channel_id": channel,
                "is_ephemeral": private,
            },
            "channel": {"id": channel, "name": known.name if known else "directmessage"},
            "state": {"values": state_with(action, form.filled(blocks, values or {}))},
            "response_url": self.urls.issue("actions", user_id, channel, message["ts"]),
            "actions": [action],
        }
        if not private:
            # Slack does not send the content of a message that only one person sees.
            payload["message"] = self.workspace.message(channel, message["ts"]) or message
        ack = await self._interact(payload)
        self._show_click_ack(user_id, message["ts"], ack)
        return ack

    async def click_view(
        self,
        user_id: str,
        view: View,
        block_id: str,
        action_id: str,
        given: Any = None,
        values: dict[str, Any] | None = None,
    ) -> Ack:
        """Send a click or choice in a modal or on a Home tab; see `click_message`."""
        self.workspace.person(user_id)
        action = self._action(view["blocks"], block_id, action_id, given)
        present = self._filled(user_id, view, values or {})
        filled = state_with(action, present)
        self.views.state.keep(view, filled)
        payload = {
            **self._envelope("block_actions", user_id, in_modal=view["type"] == "modal"),
            "container": {"type": "view", "view_id": view["id"]},
            "view": {**view, "state": {"values": filled}},
            "actions": [action],
        }
        ack = await self._interact(payload)
        self._show_click_ack(user_id, view["id"], ack)
        return ack

    def _filled(self, user_id: str, view: View, given: dict[str, Any]) -> form.Values:
        """Fill in a view over what the person left in it; the files must be theirs."""
        values = form.filled(view["blocks"], given, self.views.state.of(view))
        for block in view["blocks"]:
            for element in elements_of(block):
                if element["type"] == "file_input":
                    state = values[block["block_id"]][element["action_id"]]
                    picked = self.workspace.files.picked(user_id, element, state["files"])
                    values[block["block_id"]][element["action_id"]] = {**state, "files": picked}
                if element["type"] == "external_select":
                    chosen = values[block["block_id"]][element["action_id"]]["selected_option"]
                    self.suggestions.check(view, block, chosen)
        return values

    async def suggest(
        self, user_id: str, view: View, block_id: str, typed: str
    ) -> list[dict[str, Any]]:
        """Type into a menu whose options the app is asked for; return what it offers."""
        payload = {
            **self._envelope("block_suggestion", user_id),
            "container": {"type": "view", "view_id": view["id"]},
            "view": {**view, "state": {"values": self.views.state.of(view)}},
        }
        del payload["trigger_id"]
        return await self.suggestions.ask(view, block_id, typed, sent_back(payload))

    def _action(
        self, blocks: list[dict[str, Any]], block_id: str, action_id: str, given: Any
    ) -> dict[str, Any]:
        for block in blocks:
            for element in elements_of(block):
                if (block["block_id"], element["action_id"]) == (block_id, action_id):
                    if block["type"] == "input" and not block.get("dispatch_action"):
                        raise ClientRefusal(f"{action_id} only sends anything with its form.")
                    return action_of(block_id, element, given)
        raise ClientRefusal(f"There is nothing called {action_id} here any more.")

    async def _interact(self, payload: dict[str, Any]) -> Ack:
        return await self.delivery.send(
            "interactive", sent_back(payload), self.config.manifest.interactivity_path
        )

    def _show_click_ack(self, user_id: str, place: str, ack: Ack) -> None:
        if ack.ok:
            self.workspace.client_errors.pop((user_id, place), None)
        else:
            self.workspace.client_errors[(user_id, place)] = CLICK_FAILED
        self.workspace.changed()

    # Forms

    async def submit(self, user_id: str, view: View, given: dict[str, Any]) -> Ack:
        """Send a filled-in modal; one that Slack's client finds wrong is not sent.

        Args:
            user_id: who submits.
            view: the modal in front.
            given: the contents of its fields, as `form.filled` takes them.

        Raises:
            ClientRefusal: the modal is not open, or a value is not one of its options.
        """
        self.workspace.person(user_id)
        current = self.views.top(user_id)
        if current is None or current["id"] != view["id"]:
            raise ClientRefusal("This form is not open any more.")
        values = self._filled(user_id, view, given)
        errors = form.client_errors(view["blocks"], values)
        if errors:
            self.views.set_errors(view["id"], errors)
            return Ack(0.0, body={"response_action": "errors", "errors": errors}, error="not_sent")
        self.workspace.files.give_to_the_app(*form.file_ids(values))
        payload = {
            **self._envelope("view_submission", user_id, in_modal=True),
            "view": self._theirs(user_id, {**view, "state": {"values": values}}),
            "response_urls": [],
        }
        ack = await self._interact(payload)
        if ack.ok:
            ack = apply_submission_ack(self.views, user_id, view, ack)
        if ack.ok:
            self.workspace.client_errors.pop((user_id, view["id"]), None)
        else:
            self.workspace.client_errors[(user_id, view["id"])] = TROUBLE
        self.workspace.changed()
        return ack

    async def close(self, user_id: str) -> Ack | None:
        """Close the modal in front; the app is told only if it has notify_on_close.

        Raises:
            ClientRefusal: no modal is open.
        """
        self.workspace.person(user_id)
        view = self.views.top(user_id)
        if view is None:
            raise ClientRefusal("There is no form open.")
        clears = bool(view["clear_on_close"])
        if clears:
            self.views.close_all(user_id)
        else:
            self.views.close(user_id, view["id"])
        if not view["notify_on_close"]:
            return None
        shown = self._theirs(user_id, view)
        payload = {**self._envelope("view_closed", user_id), "view": shown, "is_cleared": clears}
        del payload["trigger_id"]
        return await self._interact(payload)

    # Shared

    def _envelope(self, kind: str, user_id: str, *, in_modal: bool = False) -> dict[str, Any]:
        user, around = self.workspace.person(user_id), Envelope(self.config)
        team = self.config.team if kind == "block_actions" else around.team_of(user)
        return {
            "type": kind,
            "trigger_id": self.views.trigger(user_id, in_modal=in_modal),
            **around.interaction(user, team),
        }

    def _theirs(self, user_id: str, view: View) -> View:
        """Describe a form as Slack does for the workspace of the person who filled it in."""
        team = Envelope(self.config).team_of(self.workspace.person(user_id))
        return {**view, "team_id": team.id}
