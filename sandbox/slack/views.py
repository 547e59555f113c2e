"""Modals and Home tabs: trigger ids, stacks of at most three, hashes against races."""

import secrets
import time
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.ids import new_id
from sandbox.slack.block_kit import check_view
from sandbox.slack.clock import now
from sandbox.slack.errors import SlackError
from sandbox.slack.view_state import ViewState
from sandbox.slack.workspace import Workspace

View = dict[str, Any]
STACK_DEPTH = 3
KEEP_EXPIRED_SECONDS = 60.0
# Slack's JSON has one although nobody sees it.
HOME_TITLE = {"type": "plain_text", "text": "View Title", "emoji": True}


@dataclass
class _Trigger:
    user: str
    issued: float
    # views.push needs an interaction inside an open modal.
    in_modal: bool
    exchanged: bool = False


class Views:
    """The modals each person has open, and the trigger ids that open more.

    What Slack refuses raises `SlackError` with Slack's error string.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.stacks: dict[str, list[View]] = {}
        self.errors: dict[str, dict[str, str]] = {}
        self.state = ViewState()
        self._triggers: dict[str, _Trigger] = {}

    def trigger(self, user: str, *, in_modal: bool = False) -> str:
        """Issue a trigger id for what a person just did."""
        # Kept a while longer, because an expired id is another error than an invalid one.
        oldest = now() - self.workspace.config.trigger_seconds - KEEP_EXPIRED_SECONDS
        while self._triggers and next(iter(self._triggers.values())).issued < oldest:
            del self._triggers[next(iter(self._triggers))]
        trigger_id = f"{time.time_ns()}.{len(self._triggers)}.{secrets.token_hex(16)}"
        self._triggers[trigger_id] = _Trigger(user, now(), in_modal)
        return trigger_id

    def _exchange(self, trigger_id: str) -> _Trigger:
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if now() - trigger.issued > self.workspace.config.trigger_seconds:
            raise SlackError("expired_trigger_id")
        if trigger.exchanged:
            raise SlackError("exchanged_trigger_id")
        trigger.exchanged = True
        return trigger

    # What the app does

    def check(self, view: Any, kind: Literal["modal", "home"]) -> View:
        """Check a view, and whether the app may show its files."""
        checked = check_view(view, kind)
        self.workspace.files.check_blocks(checked["blocks"], "invalid_arguments", "/view")
        return checked

    def open(self, trigger_id: str, view: Any) -> View:
        """Open a modal for the person of a trigger id."""
        checked = self.check(view, "modal")
        self._check_external_id(checked, None)
        trigger = self._exchange(trigger_id)
        return self._put(trigger.user, [], checked)

    def push(self, trigger_id: str, view: Any) -> View:
        """Put a modal on top of the one the trigger id came from."""
        checked = self.check(view, "modal")
        self._check_external_id(checked, None)
        trigger = self._exchange(trigger_id)
        stack = self.stacks.get(trigger.user, [])
        if not (trigger.in_modal and stack):
            raise SlackError("not_found")
        return self.push_on(trigger.user, checked)

    def push_on(self, user: str, checked: View) -> View:
        """Put a checked view on top of a person's stack."""
        stack = self.stacks.get(user, [])
        if len(stack) >= STACK_DEPTH:
            raise SlackError("push_limit_reached")
        return self._put(user, stack, checked)

    def update(self, view_id: str | None, external_id: str | None, view: Any, hash_: Any) -> View:
        """Replace an open view."""
        user, old = self._find(view_id, external_id)
        checked = self.check(view, old["type"])
        self._check_external_id(checked, old["id"])
        _check_hash(old, hash_)
        return self.replace(user, old, checked)

    def replace(self, user: str, old: View, checked: View) -> View:
        """Show a checked view in the place of another."""
        new = {
            **self._shape(checked),
            "id": old["id"],
            "root_view_id": old["root_view_id"],
            "previous_view_id": old["previous_view_id"],
        }
        if old["type"] == "home":
            self.state.show(new)
            self.workspace.put_home(user, new)
            return new
        stack = self.stacks.get(user, [])
        if all(view["id"] != old["id"] for view in stack):
            raise SlackError("not_found")
        self.stacks[user] = [new if view["id"] == old["id"] else view for view in stack]
        self.state.show(new)
        self.errors.pop(old["id"], None)
        self.workspace.changed()
        return new

    def publish(self, user_id: str, view: Any, hash_: Any) -> View:
        """Show a person their Home tab."""
        if not self.workspace.config.manifest.home_tab:
            raise SlackError("not_enabled")
        user = self.workspace.users.get(user_id)
        if user is None or user.is_bot or user.deleted:
            raise SlackError("invalid_arguments", "invalid `user_id`")
        checked = self.check(view, "home")
        old = self.workspace.homes.get(user_id)
        if old is not None:
            _check_hash(old, hash_)
            return self.replace(user_id, old, checked)
        shaped = self._shape(checked)
        shaped |= {"id": new_id("V"), "previous_view_id": None}
        shaped["root_view_id"] = shaped["id"]
        self.workspace.put_home(user_id, shaped)
        return shaped

    # What a person does

    def top(self, user: str) -> View | None:
        """Find the view a person has in front of them."""
        stack = self.stacks.get(user, [])
        return stack[-1] if stack else None

    def close(self, user: str, view_id: str) -> None:
        """Close a modal, if it is still open."""
        self.stacks[user] = [view for view in self.stacks.get(user, []) if view["id"] != view_id]
        self._forget(view_id)
        self.workspace.changed()

    def close_all(self, user: str) -> None:
        """Close every modal a person has open."""
        for view in self.stacks.pop(user, []):
            self._forget(view["id"])
        self.workspace.changed()

    def _forget(self, view_id: str) -> None:
        self.errors.pop(view_id, None)
        self.state.forget(view_id)

    def set_errors(self, view_id: str, errors: dict[str, str]) -> None:
        """Show errors at a view's inputs."""
        self.errors[view_id] = errors
        self.workspace.changed()

    def _put(self, user: str, stack: list[View], checked: View) -> View:
        shaped = self._shape(checked)
        shaped["id"] = new_id("V")
        shaped["root_view_id"] = stack[0]["id"] if stack else shaped["id"]
        shaped["previous_view_id"] = stack[-1]["id"] if stack else None
        self.stacks[user] = [*stack, shaped]
        self.workspace.changed()
        return shaped

    def _find(self, view_id: str | None, external_id: str | None) -> tuple[str, View]:
        for user, stack in self.stacks.items():
            for view in stack:
                if view["id"] == view_id or (external_id and view["external_id"] == external_id):
                    return user, view
        for user, home in self.workspace.homes.items():
            if home["id"] == view_id or (external_id and home["external_id"] == external_id):
                return user, home
        raise SlackError("not_found")

    def _check_external_id(self, checked: View, own_id: str | None) -> None:
        wanted = checked.get("external_id")
        for stack in self.stacks.values():
            if wanted and any(v["external_id"] == wanted and v["id"] != own_id for v in stack):
                raise SlackError("duplicate_external_id")

    def _shape(self, checked: View) -> View:
        """Fill in what Slack's JSON has for every view."""
        config = self.workspace.config
        return {
            "title": HOME_TITLE if checked["type"] == "home" else None,
            "close": None,
            "submit": None,
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "clear_on_close": False,
            "notify_on_close": False,
            **checked,
            "team_id": config.team_id,
            "state": {"values": {}},
            "hash": f"{int(time.time())}.{secrets.token_hex(4)}",
            "app_id": config.app_id,
            "app_installed_team_id": config.team_id,
            "bot_id": config.bot_id,
        }


def _check_hash(old: View, hash_: Any) -> None:
    if hash_ is not None and hash_ != old["hash"]:
        raise SlackError("hash_conflict")
