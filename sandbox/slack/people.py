"""What people do in the workspace and what they see, in words for tests."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from sandbox.slack.block_kit import elements_of
from sandbox.slack.client.commands import Commands
from sandbox.slack.client.events import Events
from sandbox.slack.client.interactions import Interactions
from sandbox.slack.config import Channel, User
from sandbox.slack.delivery import Ack
from sandbox.slack.errors import ClientRefusal
from sandbox.slack.views import View, Views
from sandbox.slack.workspace import Message, Workspace

T = TypeVar("T")
Person = User | str
Place = Channel | str


class People:
    """The people of one workspace, each named by a `User` or an id.

    What Slack's client would not let a person do raises `ClientRefusal`.

    Args:
        workspace: where they are.
        views: the forms they have open.
        commands: the line at the bottom of a conversation.
        interactions: their clicks and forms.
        events: sends app_home_opened.
    """

    def __init__(
        self,
        workspace: Workspace,
        views: Views,
        commands: Commands,
        interactions: Interactions,
        events: Events,
    ) -> None:
        self.workspace = workspace
        self.views = views
        self.commands = commands
        self.interactions = interactions
        self.events = events

    # What people do

    async def command(
        self,
        user: Person,
        command: str,
        text: str = "",
        *,
        channel: Place | None = None,
        thread_ts: str | None = None,
    ) -> Ack:
        """Type a slash command, in the person's direct messages unless a channel is named."""
        place = _id(channel) if channel else self.workspace.dm(_id(user))
        return await self.commands.command(
            _id(user), f"{command} {text}".rstrip(), place, thread_ts
        )

    async def click(
        self,
        user: Person,
        place: Message | View,
        action_id: str,
        given: Any = None,
        *,
        values: dict[str, Any] | None = None,
        block_id: str | None = None,
    ) -> Ack:
        """Click or choose on a message, a modal or a Home tab.

        Args:
            user: who clicks.
            place: the message or view as the person sees it, which may be an older version.
            action_id: of the element.
            given: what is chosen, as `form.state_of` takes it.
            values: the contents of the other fields.
            block_id: of the element; otherwise the first one with this action_id is meant.
        """
        block_id = block_id or _block_of(place, action_id)
        if "ts" in place:
            return await self.interactions.click_message(
                _id(user), place, block_id, action_id, given, values
            )
        return await self.interactions.click_view(
            _id(user), place, block_id, action_id, given, values
        )

    async def suggest(
        self, user: Person, view: View, block_id: str, typed: str = ""
    ) -> list[dict[str, Any]]:
        """Type into a menu whose options the app is asked for; return the options."""
        return await self.interactions.suggest(_id(user), view, block_id, typed)

    async def submit(self, user: Person, view: View, values: dict[str, Any] | None = None) -> Ack:
        """Submit a modal, filled in by action id or block id."""
        return await self.interactions.submit(_id(user), view, values or {})

    def upload(self, user: Person, name: str, content: bytes) -> dict[str, Any]:
        """Pick a file for a form; the form takes its id, or the description that is returned."""
        return self.workspace.files.add(_id(user), name, content)

    def give(self, user: Person, name: str, content: bytes) -> dict[str, Any]:
        """Give the app a file, as by a form that was sent earlier."""
        file = self.upload(user, name, content)
        self.workspace.files.give_to_the_app(file["id"])
        return file

    async def close_view(self, user: Person) -> Ack | None:
        """Close the modal in front."""
        return await self.interactions.close(_id(user))

    async def open_home(self, user: Person) -> Ack | None:
        """Open the app's Home tab."""
        return await self.events.app_home_opened(_id(user))

    def say(self, user: Person, channel: Place, text: str, *, thread_ts: str | None = None) -> None:
        """Post a person's own message, or their reply in a thread."""
        self.commands.say(_id(user), _id(channel), text, thread_ts)

    # What people see

    def messages(self, channel: Place) -> list[Message]:
        """List a conversation's messages, oldest first."""
        return self.workspace.messages(_id(channel))

    def direct_messages(self, user: Person) -> list[Message]:
        """List what the app wrote to a person."""
        return self.workspace.messages(self.workspace.dms.get(_id(user), ""))

    def ephemeral(self, user: Person, channel: Place | None = None) -> list[Message]:
        """List what only this person sees, oldest first."""
        return [
            item.message
            for item in self.workspace.ephemerals.values()
            if item.user == _id(user) and (channel is None or item.channel == _id(channel))
        ]

    def open_view(self, user: Person) -> View | None:
        """Find the modal a person has in front of them."""
        return self.views.top(_id(user))

    def view_errors(self, user: Person) -> dict[str, str]:
        """List the errors in the modal in front, by block id."""
        view = self.views.top(_id(user))
        return self.views.errors.get(view["id"], {}) if view else {}

    def home(self, user: Person) -> View | None:
        """Find a person's published Home tab."""
        return self.workspace.homes.get(_id(user))

    def set_group_members(self, group_id: str, users: list[str]) -> None:
        """Replace the members of a user group."""
        self.workspace.set_group_members(group_id, users)

    def disable_group(self, group_id: str, error: str | None = "no_such_subteam") -> None:
        """Disable a user group, so that Slack answers with an error; None enables it again."""
        groups = self.workspace.groups
        groups[group_id] = replace(groups[group_id], error=error)
        self.workspace.changed()

    def change_user(self, user: Person, **changes: Any) -> None:
        """Change a person's account, as when somebody leaves: `deleted=True`."""
        self.workspace.users[_id(user)] = replace(self.workspace.users[_id(user)], **changes)
        self.workspace.changed()

    async def until(self, look: Callable[[], T], seconds: float = 180.0) -> T:
        """Wait until a look finds something, and return that.

        Raises:
            TimeoutError: it finds nothing within so many seconds.
        """
        found = look()
        deadline = asyncio.get_running_loop().time() + seconds
        while not found:
            if asyncio.get_running_loop().time() > deadline:
                raise TimeoutError(f"not seen within {seconds} s")
            await asyncio.sleep(0.01)
            found = look()
        return found


def _id(thing: User | Channel | str) -> str:
    return thing if isinstance(thing, str) else thing.id


def _block_of(place: Message | View, action_id: str) -> str:
    for block in place.get("blocks", []):
        if any(element["action_id"] == action_id for element in elements_of(block)):
            return str(block["block_id"])
    raise ClientRefusal(f"There is nothing called {action_id} here.")
