"""Keeps what went wrong, with the input that made it so."""

import hashlib
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

# So many findings in one run are most likely the same thing.
MOST = 20


class Findings:
    """Writes each finding into a folder; the same one only once.

    Args:
        folder: made when there is something to write.
        entrance: the name of what the inputs are thrown at.
    """

    def __init__(self, folder: Path, entrance: str) -> None:
        self._folder = folder
        self._entrance = entrance
        self.files: set[Path] = set()
        self.inputs = 0

    async def guard(self, check: Callable[[Any], Awaitable[None]], given: Any) -> None:
        """Throw one input, and write down the error that it causes."""
        self.inputs += 1
        try:
            await check(given)
        except Exception as error:
            # Errors are what fuzzing looks for; the next input follows all the same.
            self._write(error, given)

    @property
    def is_full(self) -> bool:
        """Whether more would only repeat what was found."""
        return len(self.files) >= MOST

    def _write(self, error: Exception, given: Any) -> None:
        frames = traceback.extract_tb(error.__traceback__)
        where = "".join(f"{frame.filename}:{frame.lineno}" for frame in frames)
        name = hashlib.sha256(f"{type(error).__name__} {where}".encode()).hexdigest()[:12]
        file = self._folder / f"{self._entrance.replace(' ', '-')}-{name}.txt"
        if file in self.files:
            return
        self.files.add(file)
        self._folder.mkdir(parents=True, exist_ok=True)
        story = "".join(traceback.format_exception(error))
        words = f"entrance: {self._entrance}\ninput:\n{given!r}\n\n{story}"
        file.write_text(words, errors="backslashreplace")
