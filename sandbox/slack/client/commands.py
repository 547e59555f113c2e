"""What people type: slash commands, which go to the app, and messages of their own."""

from dataclasses import replace

from sandbox.slack.client.envelope import Envelope
from sandbox.slack.client.escaping import Escaping, escaped
from sandbox.slack.delivery import Ack, Delivery
from sandbox.slack.errors import ClientRefusal, SlackError
from sandbox.slack.views import Views
from sandbox.slack.web_api.chat import TEXT_LENGTH
from sandbox.slack.web_api.response_url import ResponseUrls
from sandbox.slack.workspace import Workspace


class Commands:
    """The line at the bottom of every conversation."""

    def __init__(
        self, workspace: Workspace, views: Views, delivery: Delivery, urls: ResponseUrls
    ) -> None:
        self.workspace = workspace
        self.config = workspace.config
        self.views = views
        self.delivery = delivery
        self.urls = urls

    async def command(
        self, user_id: str, line: str, channel: str, thread_ts: str | None = None
    ) -> Ack:
        """Send a slash command to the app, and show its answer.

        Raises:
            ClientRefusal: Slack's client would not send it.
        """
        user = self.workspace.person(user_id)
        name, text = (*line.split(None, 1), "", "")[:2]
        command = self.config.manifest.commands.get(name)
        if command is None:
            raise ClientRefusal(
                f"{name} is not a valid command. In Slack, all messages that start with the "
                "“/” character are interpreted as slash commands."
            )
        if thread_ts is not None:
            raise ClientRefusal(f"{name} is not supported in threads. Sorry!")
        self.workspace.check_member(user_id, channel)
        known = self.workspace.channels.get(channel)
        payload = {
            **Envelope(self.config).command(user),
            "channel_id": channel,
            "channel_name": known.name if known else "directmessage",
            "command": name,
            "text": Escaping(self.workspace)(text.strip())
            if command.escapes
            else escaped(text.strip()),
            "response_url": self.urls.issue("commands", user_id, channel),
            "trigger_id": self.views.trigger(user_id),
        }
        ack = await self.delivery.send("slash_commands", payload, command.path)
        if ack.ok:
            ack = self._show_command_ack(user_id, channel, ack)
        if not ack.ok:
            words = f'{name} failed with the error "{ack.error}"'
            self.workspace.slackbot(user_id, channel, words)
        return ack

    def _show_command_ack(self, user_id: str, channel: str, ack: Ack) -> Ack:
        body = {"text": ack.text} if ack.body is None else ack.body
        if not ack.text and not ack.body:
            return ack
        try:
            text = self.urls.show(body, user_id, channel)
        except SlackError as error:
            return replace(ack, error=f"invalid_command_response ({error})")
        return replace(ack, text=text)

    def say(self, user_id: str, channel: str, text: str, thread_ts: str | None = None) -> None:
        """Post a person's own message, or their reply in a thread.

        Raises:
            ClientRefusal: Slack's client would not send it.
        """
        self.workspace.check_member(user_id, channel)
        parent = self._parent(channel, thread_ts) if thread_ts is not None else None
        read_only = self.config.manifest.messages_read_only
        if channel in self.workspace.dm_users and read_only:
            raise ClientRefusal("Sending messages to this app has been turned off.")
        if not text.strip():
            raise ClientRefusal("There is nothing to send.")
        if len(text) > TEXT_LENGTH:
            raise ClientRefusal(f"A message has at most {TEXT_LENGTH} characters.")
        as_kept = Escaping(self.workspace, labels=False)(text)
        message = self.workspace.compose(as_kept, user=user_id, thread_ts=parent)
        self.workspace.put_message(channel, message)

    def _parent(self, channel: str, ts: str) -> str:
        """Find the message that a thread begins with; replying to a reply joins its thread."""
        message = self.workspace.message(channel, ts)
        if message is None:
            raise ClientRefusal("The message of this thread was deleted.")
        return str(message.get("thread_ts", message["ts"]))
