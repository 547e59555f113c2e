"""A policy that changes while the bot runs."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.health.findings import Level
from bot.policy.approvers import Policy
from bot.policy.file.loader import read_policy
from bot.policy.reload import Reload

HEAD = 'base_currency = "EUR"\n'
RULE = '[[rules]]\nname = "{}"\n[[rules.stages]]\nask = ["U0FIONA"]\n'
CENTERS = '[dimensions.cost_center]\nfile = "centers.csv"\n'
DAY = timedelta(days=1)


class Office:
    """A policy in force, its file, and what the operators were told."""

    def __init__(self, folder: Path, text: str) -> None:
        self.file, self.centers = folder / "policy.toml", folder / "centers.csv"
        self.centers.write_text("value\n4711\n")
        self.file.write_text(text)
        self.told: list[str] = []
        self.policy = Policy((), None, None, read_policy(str(self.file)))
        self.reload = Reload(self.policy, DAY, timedelta(0), self._tell)

    async def _tell(self, text: str) -> None:
        self.told.append(text)

    async def settle(self) -> None:
        """Look as often as a change needs that stands still."""
        await self.reload.look()
        await self.reload.look()

    @property
    def rules(self) -> list[str]:
        return [rule.name for rule in self.policy.rulebook.rules]

    @property
    def values(self) -> list[str]:
        return [*self.policy.rulebook.words.dimensions["cost_center"].values]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path, HEAD + CENTERS + RULE.format("first"))


async def test_what_has_not_changed_is_not_read_again(office: Office) -> None:
    before = office.policy.rulebook
    os.utime(office.file)
    await office.settle()
    assert office.policy.rulebook is before
    [finding] = await office.reload.findings()
    assert finding.level is Level.OK


async def test_a_change_counts_once_it_stands_still(office: Office) -> None:
    office.file.write_text(HEAD)  # as somebody's editor writes it, half of it first
    await office.reload.look()
    office.file.write_text(HEAD + CENTERS + RULE.format("second"))
    await office.reload.look()
    assert office.rules == ["first"]
    await office.reload.look()
    assert office.rules == ["second"]
    assert office.told == []


async def test_the_files_that_it_names_count_too(office: Office) -> None:
    office.centers.write_text("value\n4711\n4712\n")
    await office.settle()
    assert office.values == ["4711", "4712"]


@pytest.mark.parametrize(
    ("mistaken", "named"),
    [
        (lambda o: o.file.write_text("base_currency = EUR"), "policy.toml:1: not TOML"),
        (lambda o: o.file.write_text(HEAD), "it has no rules any more; restart the bot"),
        (lambda o: o.file.unlink(), "policy.toml: there is no such file"),
        (lambda o: o.centers.unlink(), "centers.csv: there is no such file"),
        (lambda o: o.centers.write_text("value\n1\n1\n"), "centers.csv:3: take it out; line 2 "),
        (
            lambda o: o.file.write_text(
                f"{HEAD}{RULE.format('late')}remind_after = '2d'\n".replace("'", '"')
            ),
            "EXPENSE_POLICY: rules[1].stages[1].remind_after: write less than EXPENSE_DECISION_W",
        ),
    ],
)
async def test_one_with_a_mistake_never_replaces_a_good_one(
    office: Office, caplog: pytest.LogCaptureFixture, mistaken: object, named: str
) -> None:
    good, lists = office.file.read_text(), office.centers.read_text()
    mistaken(office)
    for _ in range(4):
        await office.reload.look()
    assert (office.rules, office.values) == (["first"], ["4711"])
    # It is named once in the log and to the operators, and for as long as it lasts in findings.
    [line] = [record.message for record in caplog.records if record.levelname == "ERROR"]
    [told] = office.told
    [finding] = await office.reload.findings()
    assert finding.level is Level.ERROR
    assert all(named in text for text in (line, told, finding.what))
    assert "policy check" in finding.do

    office.file.write_text(good)
    office.centers.write_text(lists)
    await office.settle()
    [finding] = await office.reload.findings()
    assert finding.level is Level.OK


async def test_a_file_that_was_missing_is_read_when_it_is_there(office: Office) -> None:
    office.file.write_text(office.file.read_text().replace("centers.csv", "later.csv"))
    await office.settle()
    assert office.values == ["4711"]
    (office.file.parent / "later.csv").write_text("value\n4713\n")
    await office.settle()
    assert office.values == ["4713"]


async def test_a_policy_in_the_setting_follows_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    office = Office(tmp_path, HEAD)
    office.policy.rulebook = read_policy(HEAD + CENTERS + RULE.format("first"))
    office.reload = Reload(office.policy, DAY, timedelta(0), office._tell)
    office.centers.write_text("value\n1\n")
    await office.settle()
    assert office.values == ["1"]


async def test_without_a_policy_there_is_nothing_to_look_at() -> None:
    reload = Reload(Policy((), None, None), DAY, timedelta(0), lambda _: None)
    await reload.run()
    assert await reload.findings() == []
