"""The external system: HTTP API, Slack app and expense records."""

import tomllib
from pathlib import Path

_PROJECT = Path(__file__).parents[1] / "pyproject.toml"
__version__: str = tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]["version"]
USER_AGENT = f"expense-approvals/{__version__}"
