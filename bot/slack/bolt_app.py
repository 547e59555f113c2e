"""The Slack app: Bolt, answering our own workspace and our own app only."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncBoltContext, AsyncBoltRequest, AsyncRespond
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_sdk.web.async_client import AsyncWebClient

from bot.block_kit import modals
from bot.catalogue import say
from bot.domain.errors import TryAgain
from bot.domain.health.outages import with_cause
from bot.slack.installation import Installation
from bot.slack.web_client import whisper

logger = logging.getLogger(__name__)


# Set in Bolt's context once a request has passed `Installation.refusal`.
_IS_OURS = "is_ours"


class _RefuseOthers(AsyncMiddleware):
    """The part of Bolt past which only our own requests come."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],
    ) -> BoltResponse | None:
        """Go on, or refuse."""
        refusal = self._installation.refusal(req.body, req.context.team_id)
        if refusal is None:
            req.context[_IS_OURS] = True
            return await next()
        if refusal.tell and _is_event(req.body):
            # One of a workspace where the app is installed, too; nobody waits for an answer.
            return BoltResponse(status=200, body="")
        logger.warning("refused a request: %s", refusal.why)
        if refusal.tell and (told := await _tell(req, refusal.tell)):
            return told
        return BoltResponse(status=refusal.status, body=refusal.why)


def _is_event(body: Mapping[str, Any]) -> bool:
    """Return whether this is an event, or tells that events are held back."""
    return body.get("type") in ("event_callback", "app_rate_limited")


async def _tell(req: AsyncBoltRequest, text: str) -> BoltResponse | None:
    """Tell a person of another workspace, and only them; None if there is no way to."""
    if "command" in req.body:
        return BoltResponse(status=200, body={"response_type": "ephemeral", "text": text})
    if req.body.get("type") == "view_submission":
        view = modals.notice_modal(say("notice"), text).to_dict()
        return BoltResponse(status=200, body={"response_action": "update", "view": view})
    if req.body.get("response_url") and req.context.respond:
        with suppress(TryAgain):
            await whisper(req.context.respond, text)
            return BoltResponse(status=200, body="")
    return None


def make_slack_app(client: AsyncWebClient, installation: Installation) -> AsyncApp:
    """Make Bolt's app, without listeners yet."""
    # Its warnings are of SLACK_BOT_TOKEN, which it need not read, and repeat whole requests, which
    # hold what people typed and where to answer them. Bolt itself sets the level of this logger.
    logging.getLogger("slack_bolt.AsyncApp").addFilter(_is_error)
    app = AsyncApp(
        client=client,
        # Bolt itself would answer a refused request, at its response_url.
        before_authorize=_RefuseOthers(installation),
        authorize=installation,
        # `bot.web.slack_endpoint` verifies them before Bolt parses them; those of Socket Mode come
        # over a connection that we opened.
        request_verification_enabled=False,
        # So that `apologise` answers what nobody listens to.
        raise_error_for_unhandled_request=True,
        # Otherwise Bolt looks every 10 ms whether a listener has acknowledged.
        process_before_response=True,
        # For bots that hear themselves, functions and assistants, none of which there are here;
        # each of these middlewares would look at every click.
        ignoring_self_events_enabled=False,
        ignoring_self_assistant_message_events_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )

    async def apologise(
        error: Exception, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond
    ) -> BoltResponse:
        kind = "command" if "command" in body else body.get("type")
        if _IS_OURS not in context:
            logger.warning("refused a body that is not what Slack sends", exc_info=error)
            return BoltResponse(status=400, body="The body is not what Slack sends.")
        if isinstance(error, BoltUnhandledRequestError):
            return _unhandled(body)
        try:
            if isinstance(error, TryAgain):
                raise error
            logger.error("a listener failed on a %r payload", kind, exc_info=error)
            if kind == "block_actions" and respond.response_url:
                await whisper(respond, say("try-again"))
        except TryAgain as away:
            # A person who cannot be told sees Slack's own error instead of an acknowledgement.
            logger.warning("a %r payload is not acknowledged: %s", kind, with_cause(away))
            return BoltResponse(status=503, body=str(away))
        # The person whose request failed in a way that nobody foresaw is told so.
        if kind == "view_submission":
            view = modals.notice_modal(say("notice-sorry"), say("try-again")).to_dict()
            return BoltResponse(status=200, body={"response_action": "update", "view": view})
        return BoltResponse(status=200, body=say("try-again") if kind == "command" else "")

    app.error(apologise)
    return app


def _is_error(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR


def _unhandled(body: Mapping[str, Any]) -> BoltResponse:
    """Answer what nobody listens to.

    Slack repeats events that are not acknowledged, and stops sending any if there are many:
    https://docs.slack.dev/apis/events-api/#failure-conditions
    """
    if body.get("type") == "app_rate_limited":
        logger.warning("Slack holds back events of this workspace: there are too many of them")
    if _is_event(body):
        return BoltResponse(status=200, body="")
    return BoltResponse(status=404, body={"error": "unhandled request"})
