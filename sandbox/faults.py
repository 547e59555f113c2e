"""Faults on demand: what Slack and a payment system do on a bad day."""

import asyncio
import json
import math
from collections import Counter
from contextlib import suppress
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import AliasChoices, BaseModel, Field, ValidationError

Kind = Literal["ratelimited", "error", "slow", "hang", "lost"]


class Fault(BaseModel):
    """What happens to calls of a method.

    Attributes:
        method: of the Web API, `response_url`, `upload` and `url_private` (of a file's bytes),
            `payments`, or `*` for all of them.
        kind: `ratelimited` and `error` refuse the call, `slow` delays it, `hang` never answers,
            and `lost` does what was asked but drops the answer.
        seconds: the delay of `slow`, and the Retry-After of `ratelimited`, also as an `error`.
        status: the HTTP status of `error`.
        body: what `error` answers: a text, JSON, or a web page as of a proxy.
        error: what `error` says in Slack's words, with HTTP 200 instead of a status.
        location: where `error` sends the caller.
        about: a text, such as a ts or an id, that a call must hold to meet this fault.
        times: for how many calls; None means until the faults are cleared.
    """

    method: str
    kind: Kind = Field(validation_alias=AliasChoices("kind", "fault"))
    seconds: Annotated[float, Field(ge=0, le=3600)] = 1.0
    status: Annotated[int, Field(ge=200, le=599)] = 500
    body: str = "Internal error"
    error: str | None = None
    location: str | None = None
    about: str = ""
    times: Annotated[int, Field(gt=0)] | None = None


class Faults:
    """The faults in force, by method.

    Attributes:
        closing: is set when the server stops, so that no call waits past it.
        met: how many calls met a fault, by `<method> <kind>`.
        latency: seconds that every call of Slack takes without any fault.
    """

    def __init__(self, latency: float = 0.0) -> None:
        self.closing = asyncio.Event()
        self.latency = latency
        self.met: Counter[str] = Counter()
        self._faults: dict[str, list[Fault]] = {}

    def add(
        self,
        method: str,
        kind: Kind,
        *,
        seconds: float = 1.0,
        status: int = 500,
        body: str = "Internal error",
        error: str | None = None,
        location: str | None = None,
        about: str = "",
        times: int | None = None,
    ) -> None:
        """Make calls of a method fail; a later fault begins when the earlier ones are used up.

        See `Fault` for the arguments; here no status is refused.
        """
        self._add(
            Fault.model_construct(
                method=method,
                kind=kind,
                seconds=seconds,
                status=status,
                body=body,
                error=error,
                location=location,
                about=about,
                times=times,
            )
        )

    def add_json(self, body: dict[str, Any]) -> None:
        """Make calls fail as a control request asks.

        Args:
            body: the fields of a `Fault`; its kind may be called `fault`.

        Raises:
            ValueError: a field is missing or wrong; the message names it.
        """
        try:
            self._add(Fault.model_validate(body))
        except ValidationError as error:
            wrong = error.errors()[0]
            raise ValueError(f"{wrong['loc'][0]}: {wrong['msg']}") from error

    def _add(self, fault: Fault) -> None:
        self._faults.setdefault(fault.method, []).append(fault)

    def clear(self) -> None:
        """End all faults."""
        self._faults.clear()

    def take(self, method: str, said: bytes = b"") -> Fault | None:
        """Return the fault that this call meets, and count it.

        Args:
            method: which one is called.
            said: the body of the call.
        """
        for name in (method, "*"):
            queue = self._faults.get(name, [])
            fault = next((fault for fault in queue if fault.about.encode() in said), None)
            if fault:
                self.met[f"{method} {fault.kind}"] += 1
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times == 0:
                        queue.remove(fault)
                return fault
        return None

    async def play(self, fault: Fault) -> web.Response | None:
        """Do what a fault does before the call is carried out.

        Returns:
            The answer, if the fault is one; None if the call is to be carried out now.
        """
        if fault.kind == "ratelimited":
            return too_many_requests(fault.seconds)
        if fault.kind == "error":
            return _error(fault)
        if fault.kind == "slow":
            await self._sleep(fault.seconds)
        if fault.kind == "hang":
            await self._sleep(None)
            return web.Response(status=503, text="Service unavailable")
        return None

    async def take_time(self) -> None:
        """Wait for half the latency: a call is carried out between its two halves."""
        if self.latency:
            await self._sleep(self.latency / 2)

    async def _sleep(self, seconds: float | None) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.closing.wait(), seconds)


def _error(fault: Fault) -> web.Response:
    """Answer an error in Slack's words with HTTP 200, or what stands in Slack's place."""
    status, body = fault.status, fault.body
    if fault.error:
        status, body = 200, json.dumps({"ok": False, "error": fault.error})
    is_patience = status == 429 or fault.error in ("ratelimited", "rate_limited")
    kinds = {"{": "application/json", "<": "text/html"}
    return web.Response(
        status=status,
        text=body,
        content_type=kinds.get(body[:1], "text/plain"),
        headers=(_retry_after(fault.seconds) if is_patience else {})
        | ({"Location": fault.location} if fault.location else {}),
    )


def _retry_after(seconds: float) -> dict[str, str]:
    return {"Retry-After": str(max(1, math.ceil(seconds)))}


def too_many_requests(seconds: float) -> web.Response:
    """Answer HTTP 429: the app calls too often.

    Args:
        seconds: for Retry-After, rounded up.
    """
    return web.json_response(
        {"ok": False, "error": "ratelimited"},
        status=429,
        headers=_retry_after(seconds),
    )


def drop(request: web.Request) -> web.Response:
    """Close the connection instead of answering."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
