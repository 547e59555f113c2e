"""Shows the operator how the bot and all that it needs are, as JSON."""

import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from bot.domain.backlog import Backlog
from bot.domain.errors import TryAgain
from bot.domain.findings import Finding, worst


class BotStatus:
    """Puts together what was found out and what waits.

    Args:
        findings: looks at every part.
        backlog: counts the open expenses.
    """

    def __init__(
        self,
        findings: Callable[[], Awaitable[Sequence[Finding]]],
        backlog: Callable[[], Awaitable[Backlog]],
    ) -> None:
        self._findings = findings
        self._backlog = backlog

    async def read(self) -> str:
        """Return the document that docs/http-api.md describes."""
        findings = await self._findings()
        counts: dict[str, int] | None = None
        with suppress(TryAgain):  # the finding about the database says why
            counts = (await self._backlog()).counts()
        status = {
            "level": worst(findings).name.lower(),
            "expenses": counts,
            "findings": [_as_json(finding) for finding in findings],
        }
        return json.dumps(status, ensure_ascii=False, indent=2)


def _as_json(finding: Finding) -> dict[str, Any]:
    return {
        "part": finding.part,
        "level": finding.level.name.lower(),
        "what": finding.what,
        "do": finding.do or None,
    }
