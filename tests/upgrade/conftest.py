"""What the tests of databases share."""

import pytest

from tests.upgrade.before import restore


@pytest.fixture
async def before(database_url: str) -> str:
    """A database as the version before left it, of each kind."""
    await restore(database_url)
    return database_url
