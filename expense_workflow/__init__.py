"""The Temporal side: one workflow, its activities, their worker and a starter."""

import tomllib
from datetime import timedelta
from pathlib import Path

_PROJECT = Path(__file__).parents[1] / "pyproject.toml"
__version__: str = tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]["version"]

TASK_QUEUE = "expense"
"""The task queue of worker and starters, unless EXPENSE_TASK_QUEUE names another."""

SERVER_URL = "http://localhost:8099"
"""Where the bot is, unless EXPENSE_SERVER_URL names another address."""

WORKFLOW_ID_PREFIX = "expense_"
"""An expense's workflow id is this and the expense id, so that each expense starts once."""

WAIT_ACTIVITY_ID = "wait_for_decision"
"""The waiting activity's fixed id: the bot completes it by this id if its task token is dead."""

DECISION_WINDOW_MEMO = "decision_window_seconds"
"""The memo key under which a starter asks for a decision window, as a number of seconds."""

DECISION_WINDOW = timedelta(minutes=10)
"""How long people have to decide when the starter asked for nothing else."""

MAX_DECISION_WINDOW = timedelta(days=3650)
"""The longest decision window that is taken; more is a slip of the pen."""

FOLLOW_UP_MEMO = "follow_up_seconds"
"""The memo key by which bots before 1.0 asked for follow-ups: the seconds until the first one."""
