"""Reads a policy anew when its file, or one that it names, has changed."""

import asyncio
import hashlib
import logging
import os
import tomllib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from bot.domain.health.findings import Finding, well, wrong
from bot.policy.approvers import Policy
from bot.policy.file.checks import check_usual_window
from bot.policy.file.loader import SETTING, is_text, read_policy
from bot.policy.file.source import MAX_BYTES, PolicyError
from bot.policy.rules import Rulebook

logger = logging.getLogger(__name__)

PART = "policy"
_ADVICE = "Run python -m bot policy check, and mend the file; nobody has to restart the bot."


class Reload:
    """Puts what a policy says by now in force; one with a mistake never replaces a good one.

    What is submitted already keeps what it was judged by.

    Args:
        policy: whose rulebook is replaced.
        window: the decision window where no rule has one.
        pause: between two looks; a change counts once it has stood there for so long.
        tell: tells the operators in Slack; never raises.
    """

    def __init__(
        self,
        policy: Policy,
        window: timedelta,
        pause: timedelta,
        tell: Callable[[str], Awaitable[None]],
    ) -> None:
        self._policy = policy
        self._window = window
        self._pause = pause.total_seconds()
        self._tell = tell
        self._judged = _digest(content for _, content in policy.rulebook.sources)
        self._seen = self._judged
        self._mistakes: tuple[str, ...] = ()

    async def run(self) -> None:
        """Look until cancelled; without a policy there is nothing to look at."""
        while self._policy.rulebook.written:
            try:
                await self.look()
            except Exception:
                # What nobody foresaw must not end this for good.
                logger.exception("it could not be looked whether the policy has changed")
            await asyncio.sleep(self._pause)

    async def look(self) -> None:
        """Look once."""
        before = self._policy.rulebook
        found = await asyncio.to_thread(_digest_of, before.written)
        # Somebody may still be writing what was seen for the first time.
        is_settled, self._seen = found == self._seen, found
        if found == self._judged or not is_settled:
            return
        self._judged = found
        try:
            self._policy.rulebook = await asyncio.to_thread(self._read, before)
        except PolicyError as error:
            self._mistakes = error.mistakes
            said = f"the policy has changed, and the one of before stays in force: {self._first()}"
            logger.error("%s. %s", said, _ADVICE)
            await self._tell(f":warning: {said[0].upper()}{said[1:]}. {_ADVICE}")
            return
        self._mistakes = ()
        count = len(self._policy.rulebook.rules)
        logger.info("the policy was read anew: %s rules; what is open keeps its own", count)

    def _read(self, before: Rulebook) -> Rulebook:
        book = read_policy(before.written)
        late = [f"{SETTING}: {line}" for line in check_usual_window(book, self._window)]
        if before.rules and not book.rules:
            late.append(f"{SETTING}: it has no rules any more; restart the bot if that is meant")
        if late:
            raise PolicyError(late)
        return book

    def _first(self) -> str:
        left = len(self._mistakes) - 1
        return f"{self._mistakes[0]}" + (f"; and {left} more" if left else "")

    async def findings(self) -> Sequence[Finding]:
        """Say whether the policy in force is the one that is written by now."""
        if self._mistakes:
            what = f"it has changed, and the one of before stays in force: {self._first()}"
            return [wrong(PART, what, _ADVICE)]
        return [well(PART, "what is written is in force")] if self._policy.rulebook.written else []


def _digest(contents: Iterable[bytes]) -> bytes:
    return b"".join(hashlib.sha256(content).digest() for content in contents)


def _digest_of(written: str) -> bytes:
    """Return the digest of a policy and of the files that it names, good ones or not."""
    is_in_setting = is_text(written)
    file = Path(written.strip())
    content = os.fsencode(written) if is_in_setting else _content(file)
    names = _files_in(content)
    folder = Path() if is_in_setting else file.parent
    return _digest((content, *(_content(folder / name) for name in names)))


def _content(file: Path) -> bytes:
    with suppress(OSError, ValueError), file.open("rb") as opened:
        return opened.read(MAX_BYTES + 1)
    return b""


def _files_in(content: bytes) -> Iterator[str]:
    try:
        document = tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return
    dimensions = document.get("dimensions")
    tables = [*dimensions.values()] if isinstance(dimensions, dict) else []
    for table in (*tables, document.get("people")):
        name = table.get("file") if isinstance(table, dict) else None
        if isinstance(name, str):
            yield name.strip()
