"""What a view_submission's acknowledgement does to the open modals."""

from dataclasses import replace
from typing import Any

from sandbox.slack.delivery import Ack
from sandbox.slack.errors import SlackError
from sandbox.slack.views import View, Views

KEYS = {"errors": {"errors"}, "update": {"view"}, "push": {"view"}, "clear": set()}


def apply_submission_ack(views: Views, user: str, view: View, ack: Ack) -> Ack:
    """Do what the app's response_action says.

    Returns:
        The acknowledgement, with an error if Slack would not understand it.
    """
    if ack.text:
        return replace(ack, error="invalid_response_action: the body must be empty or JSON")
    if not ack.body:
        views.close(user, view["id"])
        return ack
    try:
        _apply(views, user, view, ack.body)
    except SlackError as error:
        words = "; ".join([error.error, *error.messages])
        return replace(ack, error=f"invalid_response_action: {words}")
    return ack


def _apply(views: Views, user: str, view: View, body: dict[str, Any]) -> None:
    action = body.get("response_action")
    if action not in KEYS:
        raise SlackError(f"unknown response_action {action!r}")
    if set(body) != {"response_action", *KEYS[action]}:
        raise SlackError(f"{action} takes exactly {sorted(KEYS[action])}")
    if action == "errors":
        views.set_errors(view["id"], _checked_errors(view, body["errors"]))
    elif action == "update":
        views.replace(user, view, views.check(body["view"], "modal"))
    elif action == "push":
        views.push_on(user, views.check(body["view"], "modal"))
    else:
        views.close_all(user)


def _checked_errors(view: View, errors: Any) -> dict[str, str]:
    inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        raise SlackError("errors must name at least one input block")
    for block_id, message in errors.items():
        if block_id not in inputs:
            raise SlackError(f"errors names {block_id!r}, which is no input block")
        if not isinstance(message, str) or not message.strip():
            raise SlackError(f"the error of {block_id!r} must be a sentence")
    return errors
