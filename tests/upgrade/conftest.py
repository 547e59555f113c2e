"""What the tests of databases share."""

import pytest

from tests.upgrade.before import restore


@pytest.fixture
async def before(empty_database_url: str) -> str:
    """A database as the version before left it, of each kind."""
    await restore(empty_database_url)
    return empty_database_url
