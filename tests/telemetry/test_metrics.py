"""What operators see of a running bot in Prometheus' text, in two whole houses."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from temporalio.client import Client

from tests.support.house import ADA, MINA, NOOR, House, house
from tests.support.stopwatch import PATIENCE


class Scrape(dict[tuple[str, frozenset[tuple[str, str]]], float]):
    """What /metrics says, by name and labels."""

    def value(self, name: str, **labels: str) -> float:
        """Add up what has at least these labels."""
        wanted = set(labels.items())
        return sum(value for (own, has), value in self.items() if own == name and wanted <= has)

    def has(self, name: str, **labels: str) -> bool:
        wanted = set(labels.items())
        return any(own == name and wanted <= has for own, has in self)


async def scrape(http: aiohttp.ClientSession, port: int) -> Scrape:
    async with http.get(f"http://127.0.0.1:{port}/metrics") as response:
        assert response.status == 200
        text = await response.text()
    return Scrape(
        {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }
    )


async def test_smoke(
    temporal_client: Client, task_queue: str, tmp_path: Any, closed_port: int
) -> None:
    async with house(
        temporal_client, task_queue, tmp_path, EXPENSE_METRICS_PORT=str(closed_port)
    ) as h:
        expense_id = await h.submit()
        await h.slack.click(MINA, h.message(expense_id), "approve_expense")
        await h.until_status(expense_id, "COMPLETED")
        await asyncio.sleep(1.5)
        async with h.http.get(f"http://127.0.0.1:{closed_port}/metrics") as response:
            print(await response.text())
