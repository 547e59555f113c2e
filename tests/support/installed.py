"""Programs of Debian's that only some tests need."""

import os
import shutil

import pytest


def installed(program: str) -> str:
    """Find an installed program; without it there is nothing to test, except in CI."""
    found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        sentence = f"{program} is not installed."
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    return found
