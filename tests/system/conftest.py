"""Browser fixtures for the demo's test."""

from tests.browser import browser as browser
from tests.browser import open_page as open_page
