"""The Slack app: Bolt, answering our own workspace and our own app only."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest, AsyncRespond
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_sdk.web.async_client import AsyncWebClient

from bot.block_kit import modals, sentences
from bot.domain.errors import TryAgain
from bot.domain.outages import with_cause
from bot.slack.installation import Installation
from bot.slack.web_client import whisper

logger = logging.getLogger(__name__)


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
        if why := self._installation.refusal(req.body, req.context.team_id):
            logger.warning("refused a request: %s", why)
            return BoltResponse(status=403, body=why)
        return await next()


def make_slack_app(client: AsyncWebClient, installation: Installation) -> AsyncApp:
    """Make Bolt's app, without listeners yet.

    Args:
        client: Slack's Web API.
        installation: says whose requests are answered.
    """
    app = AsyncApp(
        client=client,
        # Bolt itself would answer a refused request, at its response_url.
        before_authorize=_RefuseOthers(installation),
        authorize=installation,
        # `bot.web.slack_endpoint` verifies them before Bolt parses them; those of Socket Mode come
        # over a connection that we opened.
        request_verification_enabled=False,
        # Otherwise Bolt looks every 10 ms whether a listener has acknowledged.
        process_before_response=True,
        # For bots that hear themselves, functions and assistants, none of which there are here;
        # each of these middlewares would look at every click.
        ignoring_self_events_enabled=False,
        ignoring_self_assistant_message_events_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )

    # Its warnings repeat whole requests, which hold what people typed and where to answer them.
    # Bolt sets the level anew whenever an app is made.
    logging.getLogger("slack_bolt.AsyncApp").setLevel(logging.ERROR)

    async def apologise(
        error: Exception, body: dict[str, Any], respond: AsyncRespond
    ) -> BoltResponse:
        kind = "command" if "command" in body else body.get("type")
        try:
            if isinstance(error, TryAgain):
                raise error
            logger.error("a listener failed on a %r payload", kind, exc_info=error)
            if kind == "block_actions" and respond.response_url:
                await whisper(respond, sentences.TRY_AGAIN)
        except TryAgain as away:
            # A person who cannot be told sees Slack's own error instead of an acknowledgement.
            logger.warning("a %r payload is not acknowledged: %s", kind, with_cause(away))
            return BoltResponse(status=503, body=str(away))
        # The person whose request failed in a way that nobody foresaw is told so.
        if kind == "view_submission":
            view = modals.notice_modal("Sorry", sentences.TRY_AGAIN).to_dict()
            return BoltResponse(status=200, body={"response_action": "update", "view": view})
        return BoltResponse(status=200, body=sentences.TRY_AGAIN if kind == "command" else "")

    app.error(apologise)
    return app
