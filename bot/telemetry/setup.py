"""Which signals are pushed to a receiver of OpenTelemetry's, and as what this process is known.

The SDK reads `OTEL_*` itself: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/.
`expense_workflow/telemetry.py` does the same.
"""

import os
import re
from enum import StrEnum
from typing import TYPE_CHECKING

from bot import __version__
from bot.domain.errors import SettingsError

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource

SERVICE_NAME = "expense-bot"
_PROTOCOL = "http/protobuf"
_ADDRESS = re.compile(r"https?://[^\s/]+(/\S*)?")


class Signal(StrEnum):
    """What can be pushed."""

    METRICS = "metrics"
    TRACES = "traces"


def is_pushed(signal: str) -> bool:
    """Return whether a signal is pushed: off, unless the environment says where to or by what.

    Raises:
        SettingsError: a variable says what cannot be done.
    """
    if _read("OTEL_SDK_DISABLED").lower() == "true":
        return False
    name = f"OTEL_{signal.upper()}_EXPORTER"
    chosen = _read(name).lower()
    if chosen not in {"", "none", "otlp"}:
        raise SettingsError(f"{name} is wrong: write otlp or none")
    endpoint_name, endpoint = variable(signal, "ENDPOINT")
    if chosen == "none" or not (chosen or endpoint):
        return False
    if endpoint and not _ADDRESS.fullmatch(endpoint):
        raise SettingsError(f"{endpoint_name} is wrong: write an address such as http://host:4318")
    protocol_name, protocol = variable(signal, "PROTOCOL")
    if protocol not in {"", _PROTOCOL}:
        raise SettingsError(
            f"{protocol_name} is wrong: write {_PROTOCOL}, and the receiver's port for it"
        )
    return True


def variable(signal: str, what: str) -> tuple[str, str]:
    """Return the variable that counts for a signal, and its value."""
    own, common = f"OTEL_EXPORTER_OTLP_{signal.upper()}_{what}", f"OTEL_EXPORTER_OTLP_{what}"
    return (own, value) if (value := _read(own)) else (common, _read(common))


def _read(name: str) -> str:
    return os.environ.get(name, "").strip()


def resource() -> "Resource":
    """Return what this process is, with what the operator says of it in OTEL_RESOURCE_ATTRIBUTES.

    OTEL_SERVICE_NAME takes the place of its name.
    """
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource

    # The SDK adds an id of its own for each process.
    own = {"service.name": SERVICE_NAME, "service.version": __version__}
    return Resource.create(own).merge(OTELResourceDetector().detect())
