"""Block Kit, with Slack's limits: https://docs.slack.dev/reference/block-kit."""

from sandbox.slack.block_kit.checks import check_blocks, check_view, elements_of, weight
from sandbox.slack.block_kit.composition import units

__all__ = ["check_blocks", "check_view", "elements_of", "units", "weight"]
