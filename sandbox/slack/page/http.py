"""What the page's routes and the control calls share: bodies, refusals, this machine only."""

from ipaddress import ip_address
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler
from yarl import URL

from sandbox.slack.errors import ClientRefusal, SlackError, read_json_object

LOCAL_PATHS = ("/client/", "/control/", "/files/", "/static/")


async def body_of(request: web.Request, *required: str) -> dict[str, Any]:
    """Read a JSON object in which the required keys are strings.

    Raises:
        SlackError: it is no JSON object.
        ClientRefusal: a key is missing, or is no string.
    """
    body = read_json_object(await request.read())
    for key in required:
        if not isinstance(body.get(key), str):
            raise ClientRefusal(f"{key} is missing or not a text.")
    return body


@web.middleware
async def only_this_machine(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse pages of other origins; DNS rebinding could make them look like this one."""
    if request.path == "/" or request.path.startswith(LOCAL_PATHS):
        origin = request.headers.get("Origin")
        if not _is_local(f"http://{request.host}") or (origin and not _is_local(origin)):
            return web.json_response(
                {"ok": False, "error": "The sandbox's page only works on this machine."}, status=403
            )
    return await handler(request)


def _is_local(address: str) -> bool:
    try:
        host = URL(address).host
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


@web.middleware
async def refusals_as_sentences(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer refusals to the page as `{"ok": false, "error": a sentence}`."""
    try:
        return await handler(request)
    except (ClientRefusal, SlackError) as refusal:
        return web.json_response({"ok": False, "error": str(refusal)})
