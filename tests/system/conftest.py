"""Browser fixtures for the demo's test."""

from tests.support.browser import browser as browser
from tests.support.browser import open_page as open_page
