"""Looks whether what is pushed to receivers of OpenTelemetry's is taken there."""

import ssl
from collections.abc import Sequence

import aiohttp

from bot.domain.errors import SettingsError
from bot.domain.health.findings import Finding, Level, well, wrong
from bot.domain.health.outages import cause_of
from bot.telemetry.setup import Signal, is_pushed, variable

PART = "telemetry"
_TIMEOUT = aiohttp.ClientTimeout(total=5)
_ON_THIS_MACHINE = "http://localhost:4318"


async def look_at_receivers() -> Sequence[Finding]:
    """Push nothing to each receiver, which says whether it would take something."""
    found: list[Finding] = []
    for signal in Signal:
        try:
            if is_pushed(signal):
                found.append(await _look(signal))
        except SettingsError as error:
            found.append(wrong(PART, str(error), "The bot does not start before that."))
    return found


async def _look(signal: Signal) -> Finding:
    from opentelemetry.util.re import parse_env_headers

    name, address = variable(signal, "ENDPOINT")
    if name == f"OTEL_EXPORTER_OTLP_{signal.upper()}_ENDPOINT":
        url = address
    else:
        url = f"{(address or _ON_THIS_MACHINE).rstrip('/')}/v1/{signal}"
    headers = parse_env_headers(variable(signal, "HEADERS")[1], liberal=True)
    what = ""
    try:
        authorities = variable(signal, "CERTIFICATE")[1] or None
        context = ssl.create_default_context(cafile=authorities)
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=True) as session,
            session.post(
                url,
                data=b"",
                headers={**headers, "Content-Type": "application/x-protobuf"},
                ssl=context,
                allow_redirects=False,
            ) as response,
        ):
            if response.status != 200:
                what = f"answers {response.status}"
    except (aiohttp.ClientError, OSError, ValueError) as error:
        what = f"does not answer ({cause_of(error)})"
    if not what:
        return well(PART, f"{signal} are taken where {name} says")
    do = f"See {name}, the port for HTTP, OTEL_EXPORTER_OTLP_HEADERS, and whether it runs."
    what = f"the receiver of {signal} {what}; what is pushed there is lost"
    return Finding(part=PART, level=Level.WARNING, what=what, do=do)
