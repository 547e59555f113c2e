"""Block Kit, with Slack's limits: https://docs.slack.dev/reference/block-kit."""

from sandbox.slack.block_kit.checks import check_blocks, check_view, elements_of

__all__ = ["check_blocks", "check_view", "elements_of"]
