"""Runs the operator's commands in this process, and reads what they print."""

import asyncio

import pytest

from bot.__main__ import main
from tests.support.house import environment


class Run:
    """Runs `python -m bot`, each time with some more arguments.

    Args:
        command: the arguments that come first, such as "expenses".
        variables: the environment's.
    """

    def __init__(self, capsys: pytest.CaptureFixture[str], *command: str, **variables: str) -> None:
        self._capsys = capsys
        self._command = command
        self._variables = variables

    async def __call__(self, *arguments: str, **variables: str) -> tuple[int, str]:
        """Return the exit code, and what was printed to either stream."""
        self._capsys.readouterr()
        with environment(self._variables | variables):
            code = await asyncio.to_thread(main, [*self._command, *arguments])
        return code, "".join(self._capsys.readouterr())
