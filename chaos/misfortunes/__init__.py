"""Misfortunes: what people, companies and other parties do to a system in which nothing is broken.

Two more are that the database, or Temporal, comes back from a backup. Each is a context: it lasts
while the body runs, and then it is put right.
"""

import random
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from chaos.logbook import WORKFLOW_RESET
from chaos.misfortunes import in_operation, in_slack, restored
from chaos.system import System

Misfortune = Callable[[System, random.Random], AbstractAsyncContextManager[None]]

MISFORTUNES: dict[str, Misfortune] = {
    "an approver leaves": in_slack.approver_leaves,
    "a requester leaves": in_slack.requester_leaves,
    "the approvers' group shrinks to one": in_slack.group_shrinks,
    "the approvers' group is disabled": in_slack.group_disabled,
    "the approvers' channel is archived": in_slack.channel_archived,
    "the bot is removed from the channel": in_slack.bot_removed,
    "posting in the channel is restricted": in_slack.posting_restricted,
    "the bot's token is revoked": in_slack.token_revoked,
    "Slack answers internal_error": in_slack.slack_errors,
    "Slack takes 0.5 s a call": in_slack.slow_slack,
    "the policy changes": in_operation.policy_changes,
    "a setting changes": in_operation.settings_change,
    "the database has no free connection": in_operation.no_free_connections,
    "payments take long, 409 meanwhile": in_operation.payments_in_progress,
    "payments are not found, 404": in_operation.payments_elsewhere,
    "a workflow is terminated": in_operation.workflow_stopped,
    WORKFLOW_RESET: in_operation.workflow_reset,
    "the database is restored from a backup": restored.database_restored,
    "Temporal is restored from a backup": restored.temporal_restored,
}
