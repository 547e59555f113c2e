"""The methods of the Web API: what each takes, and which scopes it needs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.slack.views import Views
from sandbox.slack.web_api.chat import Chat
from sandbox.slack.web_api.directory import Directory
from sandbox.slack.web_api.uploads import Uploads
from sandbox.slack.workspace import Workspace

Arguments = dict[str, Any]


@dataclass(frozen=True)
class Method:
    """How a method is called.

    Attributes:
        run: carries it out, and returns the answer.
        scopes: of which the app needs one.
        required: arguments, with the names in Slack's reference.
        optional: arguments, too.
        takes_json: whether the body may be JSON; Slack takes it for methods that write.
        app_token: whether it takes the app-level token instead of the bot's.
    """

    run: Callable[[Arguments], dict[str, Any]]
    scopes: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    takes_json: bool = True
    app_token: bool = False


def methods(
    workspace: Workspace,
    views: Views,
    uploads: Uploads,
    base_url: Callable[[], str],
    open_connection: Callable[[], str],
) -> dict[str, Method]:
    """List the methods that this workspace answers, by their names.

    Args:
        workspace: whose messages, people and files they are about.
        views: the modals and Home tabs.
        uploads: the files that the app uploads.
        base_url: tells where the workspace is.
        open_connection: makes an address for a Socket Mode connection.
    """
    chat, directory = Chat(workspace), Directory(workspace)
    message = ("text", "blocks", "thread_ts", "mrkdwn", "parse", "link_names", "metadata")
    unfurl = ("unfurl_links", "unfurl_media")
    write = ("chat:write",)
    return {
        "auth.test": Method(lambda _: directory.auth_test(base_url())),
        "chat.postMessage": Method(chat.post_message, write, ("channel",), (*message, *unfurl)),
        "chat.update": Method(
            chat.update,
            write,
            ("channel", "ts"),
            ("text", "blocks", "parse", "link_names", "metadata"),
        ),
        "chat.postEphemeral": Method(chat.post_ephemeral, write, ("channel", "user"), message),
        "chat.delete": Method(chat.delete, write, ("channel", "ts")),
        "chat.scheduleMessage": Method(chat.schedule, write, ("channel", "post_at"), message),
        "chat.deleteScheduledMessage": Method(
            chat.delete_scheduled, write, ("channel", "scheduled_message_id")
        ),
        "views.open": Method(
            lambda a: _view(views.open(a["trigger_id"], a["view"])),
            required=("trigger_id", "view"),
        ),
        "views.push": Method(
            lambda a: _view(views.push(a["trigger_id"], a["view"])),
            required=("trigger_id", "view"),
        ),
        "views.update": Method(
            lambda a: _view(
                views.update(a.get("view_id"), a.get("external_id"), a["view"], a.get("hash"))
            ),
            required=("view",),
            optional=("view_id", "external_id", "hash"),
        ),
        "views.publish": Method(
            lambda a: _view(views.publish(a["user_id"], a["view"], a.get("hash"))),
            required=("user_id", "view"),
            optional=("hash",),
        ),
        "users.info": Method(
            directory.users_info, ("users:read",), ("user",), ("include_locale",), False
        ),
        "users.lookupByEmail": Method(
            directory.lookup_by_email, ("users:read.email",), ("email",), (), False
        ),
        "usergroups.users.list": Method(
            directory.group_members,
            ("usergroups:read",),
            ("usergroup",),
            ("include_disabled",),
            False,
        ),
        "conversations.open": Method(
            directory.conversations_open, ("im:write",), ("users",), ("return_im",)
        ),
        "conversations.info": Method(
            directory.conversations_info,
            ("channels:read", "groups:read", "im:read"),
            ("channel",),
            ("include_locale", "include_num_members"),
            False,
        ),
        "bots.info": Method(directory.bots_info, ("users:read",), ("bot",), (), False),
        "files.info": Method(
            workspace.files.info, ("files:read",), ("file",), ("count", "page"), False
        ),
        "files.getUploadURLExternal": Method(
            uploads.get_url,
            ("files:write",),
            ("filename", "length"),
            ("alt_txt", "snippet_type"),
        ),
        "files.completeUploadExternal": Method(
            uploads.complete,
            ("files:write",),
            ("files",),
            ("channel_id", "thread_ts", "initial_comment"),
        ),
        "apps.connections.open": Method(
            lambda _: {"ok": True, "url": open_connection()}, app_token=True
        ),
    }


def _view(view: dict[str, Any]) -> dict[str, Any]:
    return {"ok": True, "view": view}
