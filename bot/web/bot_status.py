"""Shows the operator how the bot and all that it needs are, as JSON."""

import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import asdict

from bot import __version__
from bot.domain.errors import TryAgain
from bot.domain.health.backlog import Backlog
from bot.domain.health.findings import Finding, worst


async def describe_bot(
    look: Callable[[], Awaitable[Sequence[Finding]]], count: Callable[[], Awaitable[Backlog]]
) -> str:
    """Return the document that docs/http-api.md describes."""
    findings, counts = await look(), None
    with suppress(TryAgain):  # the finding about the database says why
        counts = asdict(await count())
    status = {
        "version": __version__,
        "level": worst(findings).name.lower(),
        "expenses": counts,
        "findings": [
            {
                "part": finding.part,
                "level": finding.level.name.lower(),
                "what": finding.what,
                "do": finding.do or None,
            }
            for finding in findings
        ],
    }
    return json.dumps(status, ensure_ascii=False, indent=2)
