"""The routes of files: people upload them, and people and the app download them."""

import secrets
from typing import Any
from urllib.parse import quote

from aiohttp import web

from sandbox.faults import Faults
from sandbox.slack.block_kit import elements_of
from sandbox.slack.errors import ClientRefusal
from sandbox.slack.files import MAX_BYTES, SCOPE, Files, check_type
from sandbox.slack.views import Views

# A browser may show these types, and downloads all others.
SHOWN = ("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain")
HARMLESS = {
    # A file comes from the page's own origin, and must not run scripts there.
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-site",
    "Cache-Control": "private, no-store",
}


class FileRoutes:
    """Uploads from the page; url_private for the app, permalink and pictures for people."""

    def __init__(self, files: Files, views: Views, faults: Faults) -> None:
        self.files = files
        self.views = views
        self.faults = faults

    def routes(self) -> list[web.AbstractRouteDef]:
        """List the routes."""
        return [
            web.post("/client/files", self.post_file),
            web.get("/client/files/{file}", self.get_for_people),
            web.get("/files/{user}/{file}/{name}", self.get_permalink),
            web.get("/files-pri/{team}-{file}/{name}", self.get_private),
            web.get("/files-pri/{team}-{file}/{download:download}/{name}", self.get_private),
        ]

    async def post_file(self, request: web.Request) -> web.StreamResponse:
        """Keep a file that a person picked for a file_input, and answer its description."""
        content = bytearray()
        # Read to the end even if it is too large: a browser reads no answer before that.
        async for chunk in request.content.iter_any():
            if len(content) <= MAX_BYTES:
                content += chunk
        user, name = request.query.get("user", ""), request.query.get("name", "")
        self.views.workspace.person(user)
        check_type(self._input(request.query), name)
        return web.json_response({"ok": True, "file": self.files.add(user, name, bytes(content))})

    def _input(self, query: Any) -> dict[str, Any]:
        view = self.views.top(query.get("user", ""))
        if view is None or view["id"] != query.get("view_id"):
            raise ClientRefusal("This form is not open any more.")
        for block in view["blocks"]:
            for element in elements_of(block):
                wanted = (query.get("block_id"), query.get("action_id"))
                if element["type"] == "file_input" and wanted == (
                    block["block_id"],
                    element["action_id"],
                ):
                    return element
        raise ClientRefusal("There is no place for files here any more.")

    async def get_for_people(self, request: web.Request) -> web.StreamResponse:
        """Show a file to a person at this machine, in a form or in a message that shows it."""
        return self._answer(request)

    async def get_permalink(self, request: web.Request) -> web.StreamResponse:
        """Show a file to its owner and where it is shared, which neither a form nor a link does."""
        found = self.files.content(request.match_info["file"])
        if found and not self._is_shared_with(found[0], request.query.get("as", "")):
            text = "In Slack, only its owner sees this file, and those with whom they share it."
            return web.Response(status=404, text=text)
        return self._answer(request)

    def _is_shared_with(self, file: dict[str, Any], user: str) -> bool:
        places = [place for kind in ("channels", "groups", "ims") for place in file.get(kind, ())]
        is_member = self.views.workspace.is_member
        return file["user"] == user or any(is_member(user, place) for place in places)

    async def get_private(self, request: web.Request) -> web.StreamResponse:
        """Give a file to the app, which must send its token; a browser counts as logged in."""
        config = self.files.config
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        given, right = token.strip().encode(errors="replace"), config.bot_token.encode()
        is_app = scheme.lower() == "bearer" and secrets.compare_digest(given, right)
        is_app = is_app and SCOPE in config.manifest.scopes
        is_app = is_app and self.files.is_of_the_app(request.match_info["file"])
        if not is_app and "Sec-Fetch-Mode" not in request.headers:
            # Slack does not refuse: it redirects strangers to its login page.
            raise web.HTTPFound(f"/?redir={quote(request.path)}")
        fault = self.faults.take("url_private", request.path.encode()) if is_app else None
        if fault and (refused := await self.faults.play(fault)) is not None:
            return refused
        await self.faults.take_time()
        return self._answer(request)

    def _answer(self, request: web.Request) -> web.StreamResponse:
        found = self.files.content(request.match_info["file"])
        if found is None:
            return web.Response(status=404, text="There is no such file.")
        file, content = found
        shown = file["mimetype"] in SHOWN and "download" not in request.match_info
        how = "inline" if shown else "attachment"
        named = f"{how}; filename*=UTF-8''{quote(file['name'])}"
        headers = {**HARMLESS, "Content-Disposition": named, "Content-Type": file["mimetype"]}
        return web.Response(body=content, headers=headers)
