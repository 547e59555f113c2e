"""Misfortunes in Slack: people leave, groups and channels change, Slack refuses or is slow."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chaos.system import System
from sandbox.slack.config import APPROVALS

_PASSING_ERRORS = ("internal_error", "fatal_error", "service_unavailable", "request_timeout")
_METHODS = ("chat.postMessage", "chat.update", "views.open", "users.info", "usergroups.users.list")


@asynccontextmanager
async def approver_leaves(system: System, dice: random.Random) -> AsyncIterator[None]:
    """An approver leaves the company; later somebody else with the same id takes the seat."""
    leaver = dice.choice(system.slack.workspace.groups[system.managers].users)
    async with _without(system, leaver):
        system.slack.change_user(leaver, deleted=True)
        yield
        system.slack.change_user(leaver, deleted=False)


@asynccontextmanager
async def _without(system: System, *people: str) -> AsyncIterator[None]:
    """Take people out of the approvers' user group for a while."""

    def members() -> tuple[str, ...]:
        return system.slack.workspace.groups[system.managers].users

    left = [one for one in members() if one not in people]
    system.slack.set_group_members(system.managers, left)
    yield
    system.slack.set_group_members(system.managers, [*dict.fromkeys([*members(), *people])])


@asynccontextmanager
async def requester_leaves(system: System, dice: random.Random) -> AsyncIterator[None]:
    """Somebody leaves whose expenses wait."""
    people = [one for one in system.slack.workspace.users if one.startswith("U0EMP")]
    leaver = dice.choice(people)
    system.slack.change_user(leaver, deleted=True)
    yield
    system.slack.change_user(leaver, deleted=False)


@asynccontextmanager
async def group_shrinks(system: System, dice: random.Random) -> AsyncIterator[None]:
    """All approvers but one are taken out of their user group, so that two cannot agree."""
    _, *others = system.slack.workspace.groups[system.managers].users
    async with _without(system, *others):
        yield


@asynccontextmanager
async def group_disabled(system: System, dice: random.Random) -> AsyncIterator[None]:
    """An administrator disables the approvers' user group."""
    system.slack.disable_group(system.managers)
    yield
    system.slack.disable_group(system.managers, None)


@asynccontextmanager
async def channel_archived(system: System, dice: random.Random) -> AsyncIterator[None]:
    """Somebody archives the approvers' channel, which removes the bot."""
    system.slack.admin.archive(APPROVALS)
    yield
    system.slack.admin.unarchive(APPROVALS)
    system.slack.admin.invite_bot(APPROVALS)


@asynccontextmanager
async def bot_removed(system: System, dice: random.Random) -> AsyncIterator[None]:
    """Somebody removes the bot from the approvers' channel."""
    system.slack.admin.remove_bot(APPROVALS)
    yield
    system.slack.admin.invite_bot(APPROVALS)


@asynccontextmanager
async def posting_restricted(system: System, dice: random.Random) -> AsyncIterator[None]:
    """An administrator says that only some may post in the approvers' channel."""
    system.slack.admin.restrict_posting(APPROVALS)
    yield
    system.slack.admin.restrict_posting(APPROVALS, None)


@asynccontextmanager
async def token_revoked(system: System, dice: random.Random) -> AsyncIterator[None]:
    """Slack refuses the bot's token, until somebody has mended that."""
    system.slack.faults.add("*", "error", error="token_revoked", times=dice.randint(5, 20))
    yield


@asynccontextmanager
async def slack_errors(system: System, dice: random.Random) -> AsyncIterator[None]:
    """Slack answers calls with HTTP 200 and an error that passes."""
    for method in dice.sample(_METHODS, 3):
        error = dice.choice(_PASSING_ERRORS)
        system.slack.faults.add(method, "error", error=error, times=dice.randint(1, 4))
    yield


@asynccontextmanager
async def slow_slack(system: System, dice: random.Random) -> AsyncIterator[None]:
    """Slack takes half a second for every call."""
    system.slack.faults.latency = 0.5
    yield
    system.slack.faults.latency = 0.0
