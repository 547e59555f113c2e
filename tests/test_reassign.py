"""`python -m bot expenses reassign`: for somebody who has left."""

import asyncio
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.domain.approval_plan import Stage
from sandbox import Sandbox
from sandbox.slack.config import KIM, LEE
from tests.support.databases import make_sqlite
from tests.support.house import MINA, SAM, environment, slack_settings
from tests.support.plans import planned
from tests.support.rooms import rooms


async def test_the_operator_replaces_somebody_who_has_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'expenses.db'}"
    await make_sqlite(str(tmp_path / "expenses.db"))

    async with Sandbox.start() as slack, rooms(url) as here:
        every = slack_settings(slack) | {"DATABASE_URL": url, "EXPENSE_APPROVERS": KIM.id}
        used = ("DATABASE_URL", "SLACK_BOT_TOKEN", "SLACK_API_URL", "EXPENSE_APPROVERS")
        variables = {name: every[name] for name in used}

        async def reassign(*arguments: str) -> tuple[int, str]:
            capsys.readouterr()
            with environment(variables):
                command = ["expenses", "reassign", "--from", KIM.id, *arguments]
                code = await asyncio.to_thread(main, command)
            return code, "".join(capsys.readouterr())

        left, other = [await planned(here, Stage(asked=(who.id,))) for who in (KIM, SAM)]
        code, said = await reassign("--to", MINA.id, "--dry-run")
        assert (code, f"expense {left.id}: would be reassigned" in said) == (0, True)
        assert other.id not in said
        assert await here.expenses.get(left.id) == left
        # A guest could not decide it.
        code, said = await reassign("--to", LEE.id)
        assert (code, f"expense {left.id}: is not reassigned: Guests" in said) == (1, True)
        code, said = await reassign("--to", MINA.id)
        assert (code, f"expense {left.id}: reassigned to {MINA.id}" in said) == (0, True)
        assert f"EXPENSE_APPROVERS or EXPENSE_POLICY still names {KIM.id}" in said
        after = await here.expenses.get(left.id)
        assert after.progress.may_decide(here.policy.plan_of(after)) == (MINA.id,)
        history = await here.expenses.history(left.id)
        assert (history[-1].event.stored_as, history[-1].actor) == ("reassign", "operator")
        assert await here.expenses.get(other.id) == other
        assert (await reassign("--to", "mina"))[0] == 2
