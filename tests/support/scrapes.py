"""What Prometheus reads from /metrics."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from bot.telemetry.export import exporting
from bot.telemetry.instruments import Instruments

PAGE = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text()
# The SDK's, which other documents describe.
OTHERS = ("target", "temporal_")


def documented(*headings: str) -> dict[str, set[str]]:
    """Read from some tables of the page which labels each metric has."""
    parts = [part for part in PAGE.split("\n## ") if part.startswith(headings)]
    rows = re.findall(r"^\| `(\w+)` \| `\S+` \| \w+ \| (.*?) ?\|", "\n".join(parts), re.MULTILINE)
    return {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}


class Scrape:
    """One answer of /metrics."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.families = list(text_string_to_metric_families(text))

    def values(self, name: str, **labels: str) -> list[float]:
        """Return the values of the points that have these labels."""
        return [
            sample.value
            for family in self.families
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]

    def value(self, name: str, **labels: str) -> float:
        """Return the sum of the points that have these labels."""
        return sum(self.values(name, **labels))

    def own_labels(self) -> dict[str, set[str]]:
        """Return the labels of each metric that the SDK does not make, by its Prometheus name."""
        found: dict[str, set[str]] = {}
        for family in self.families:
            name = family.name + ("_total" if family.type == "counter" else "")
            names = {label for sample in family.samples for label in sample.labels}
            if not name.startswith(OTHERS):
                found[name] = found.get(name, set()) | names - {"le"}
        return found


async def scrape(url: str) -> Scrape:
    """Ask a process's /metrics."""
    async with aiohttp.ClientSession() as http, http.get(url) as response:
        assert response.status == 200
        assert response.content_type == "text/plain"
        return Scrape(await response.text())


@asynccontextmanager
async def scraped(port: int) -> AsyncIterator[tuple[Instruments, Callable[[], Awaitable[Scrape]]]]:
    """Serve instruments on a port, and yield them with what reads them there."""
    instruments = Instruments()
    async with exporting(instruments, "127.0.0.1", port) as provider:
        # Without anything of its own, the SDK has nothing to collect.
        provider.get_meter("tests").create_counter("of.the.sdk").add(1)
        yield instruments, lambda: scrape(f"http://127.0.0.1:{port}/metrics")
