"""python -m sandbox: run the stand-in Slack with the payment endpoint beside it."""

import os
import sys

from sandbox.payments.endpoint import webhook
from sandbox.server import Sandbox
from sandbox.slack.__main__ import main

KEY = os.environ.get("EXPENSE_PAYMENT_KEY")


def _share_key(sandbox: Sandbox) -> None:
    sandbox.payments.key = KEY or sandbox.payments.key


if __name__ == "__main__":
    try:
        webhook(KEY or "none")
    except ValueError as error:
        sys.exit(f"EXPENSE_PAYMENT_KEY: {error}.")
    main(Sandbox, "sandbox", _share_key)
