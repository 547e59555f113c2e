"""The policy file: read exactly, and every mistake named with its line."""

import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.approval_plan import Stage
from bot.domain.expense import Category
from bot.domain.flags.judging import FlagRules
from bot.domain.people.role import Role
from bot.domain.working_hours import WorkingHours
from bot.policy.file.loader import MAX_MISTAKES, load_policy
from bot.policy.file.schema import PolicyTable, RuleTable, StageTable
from bot.policy.file.source import MAX_BYTES, PolicyError
from bot.policy.file.toml_positions import Place, line_numbers, line_of
from bot.policy.rules import Rule, Rulebook
from sandbox import demo
from sandbox.slack.config import WorkspaceConfig

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "policy.example.toml"
HEAD = 'base_currency = "EUR"\nmanagers = ["U0MANAGER"]\n'
SHARE = 'write a share above 0, such as "5%", and at most "100%"'
STAGE = '[[rules.stages]]\nask = ["manager"]\n'


def load(folder: Path, text: str) -> Rulebook:
    file = folder / "policy.toml"
    file.write_text(text)
    return load_policy(file)


def mistakes(folder: Path, text: str) -> list[str]:
    """The mistakes in a text, without the folder."""
    with pytest.raises(PolicyError) as error:
        load(folder, text)
    found = [line.removeprefix(f"{folder}/") for line in error.value.mistakes]
    assert all(line.startswith("policy.toml:") and line.isprintable() for line in found)
    return found


def only(folder: Path, text: str) -> str:
    [mistake] = mistakes(folder, text)
    return mistake


def test_the_example_is_read() -> None:
    book = load_policy(EXAMPLE)
    assert book.base_currency == "EUR"
    assert book.rates == {"USD": Decimal("0.92"), "GBP": Decimal("1.17")}
    assert book.managers == ("S0LEADS", "U0MANAGER")
    assert book.roles == {
        Role.ADMIN: ("U0OLGA",),
        Role.FINANCE: ("S0FINANCE", "U0FIONA"),
        Role.AUDITOR: ("U0ARVID",),
    }
    assert [rule.name for rule in book.rules] == ["small lunches", "over 500 EUR", "by interns"]
    assert book.rules[0] == Rule(
        name="small lunches",
        up_to=Decimal(50),
        categories=frozenset({Category.MEALS}),
        monthly_ceiling=Decimal(200),
    )
    manager, finance = book.rules[1].stages
    assert manager == Stage(
        asked=("manager",),
        remind_after=timedelta(hours=24),
        remind_every=timedelta(hours=24),
        working_hours=WorkingHours(),
        escalate_after=timedelta(hours=72),
        escalate_to=("S0LEADS",),
    )
    assert finance == Stage(asked=("S0FINANCE", "U0FIONA"), needed=2, channel="C0FINANCE")
    assert book.rules[1].window == timedelta(days=14)
    assert book.rules[1].receipt_over == Decimal(25)
    assert book.rules[2].requesters == ("S0INTERNS",)


def test_the_example_fits_on_one_screen() -> None:
    lines = EXAMPLE.read_text().splitlines()
    assert len(lines) <= 50
    assert max(map(len, lines)) <= 100


def test_without_rules_a_policy_asks_for_nothing(tmp_path: Path) -> None:
    assert load(tmp_path, 'base_currency = "USD"') == Rulebook(base_currency="USD")
    assert not load(tmp_path, 'base_currency = "USD"')


@pytest.mark.parametrize(
    ("written", "amount"),
    [("500", "500"), ("0.10", "0.10"), ('"12.50"', "12.50"), ("1_000", "1000"), ("5e2", "5E+2")],
)
def test_amounts_are_exact(tmp_path: Path, written: str, amount: str) -> None:
    book = load(tmp_path, f"{HEAD}[[rules]]\nup_to = {written}\n{STAGE}")
    assert str(book.rules[0].up_to) == amount


@pytest.mark.parametrize(
    "written",
    [
        *("-1", "0", "true", "nan", "-nan", "inf", '"1,50"', '"1e3"', '"٣"', '""', "[1]", "{}"),
        *("100000000000", "1e99", "1e99999999999999999999", "1e-30", "1.0000000001", "2026-01-01"),
    ],
)
def test_what_is_no_amount_is_refused(tmp_path: Path, written: str) -> None:
    mistake = only(tmp_path, f"{HEAD}[[rules]]\nup_to = {written}\n{STAGE}")
    assert mistake.startswith("policy.toml:4: rules[1].up_to: write a number ")


@pytest.mark.parametrize(
    ("written", "ways"),
    [("1.000", "1000 or 1"), ('"12.500"', "12500 or 12.5"), ("1.125", "1125 or 1.1250")],
)
def test_an_amount_that_looks_like_thousands_is_asked_about(
    tmp_path: Path, written: str, ways: str
) -> None:
    for key in ("over", "up_to"):
        mistake = only(tmp_path, f"{HEAD}[[rules]]\n{key} = {written}\n{STAGE}")
        words = f"write {ways}; a point separates decimals, not thousands"
        assert mistake == f"policy.toml:4: rules[1].{key}: {words}"
    for way in (*ways.split(" or "), "0.125"):
        load(tmp_path, f"{HEAD}[[rules]]\nup_to = {way}\n{STAGE}")


@pytest.mark.parametrize(
    ("conditions", "name"),
    [
        ('over = 500\ncategories = ["travel"]', "over 500 EUR in travel"),
        ('up_to = 50\ncategories = ["meals", "other"]', "up to 50 EUR in meals or other"),
        ("over = 5\nup_to = 12.50", "over 5 up to 12.50 EUR"),
        ('requesters = ["@interns"]', "by interns"),
        ('requesters = ["U0ADA", "@interns"]', "by certain people"),
        ("", "any expense"),
        ('name = " mine "', "mine"),
    ],
)
def test_a_rule_without_a_name_is_called_by_its_conditions(
    tmp_path: Path, conditions: str, name: str
) -> None:
    head = f'{HEAD}[groups]\ninterns = ["S0INTERNS"]\n'
    assert load(tmp_path, f"{head}[[rules]]\n{conditions}\n{STAGE}").rules[0].name == name


def test_names_of_groups_stand_for_their_ids_everywhere(tmp_path: Path) -> None:
    text = """
        base_currency = "EUR"
        managers = ["@leads"]
        groups.leads = ["U0ONE", "U0TWO"]
        [[rules]]
        requesters = ["U0ONE", "@leads"]
        [[rules.stages]]
        ask = ["@leads", "manager", "U0ONE"]
        escalate_after = "1h"
        escalate_to = ["@leads", "U0THREE"]
    """
    book = load(tmp_path, text)
    assert book.managers == book.rules[0].requesters == ("U0ONE", "U0TWO")
    assert book.rules[0].stages[0].asked == ("U0ONE", "U0TWO", "manager")
    assert book.rules[0].stages[0].escalate_to == ("U0ONE", "U0TWO", "U0THREE")


def test_delegates_can_have_to_be_approvers(tmp_path: Path) -> None:
    text = f'{HEAD}[[rules]]\n{STAGE}escalate_after = "1h"\nescalate_to = ["S0X"]'
    assert not load(tmp_path, text).delegates_approve
    book = load(tmp_path, f'delegates = "approvers"\n{text}')
    assert book.delegates_approve
    assert book.asked == {"U0MANAGER", "S0X"}


def test_flags_are_raised_where_a_policy_has_them(tmp_path: Path) -> None:
    assert load(tmp_path, HEAD).flags == FlagRules()
    fences = re.findall("```ini\n(.*?)```", (ROOT / "docs/policy.md").read_text(), re.DOTALL)
    [documented] = [fence for fence in fences if "[flags]" in fence]
    week = 'working_hours = "09:00-17:00"\nworking_days = ["sun", "mon"]\n'
    every = FlagRules(
        duplicate=True,
        receipt=True,
        split_within=timedelta(days=7),
        older_than=timedelta(days=60),
        days_off=(5, 6),
    )
    assert load(tmp_path, f"{HEAD}[flags]\n").flags == every
    assert load(tmp_path, HEAD + documented).flags == replace(every, spot_check=Decimal("0.05"))
    friday = replace(every, days_off=(1, 2, 3, 4, 5))
    assert load(tmp_path, f"{HEAD}{week}[flags]\n").flags == friday
    less = "receipt = false\nduplicate = false\nsplit = false\nold = false\nweekend = false\n"
    text = f'{HEAD}spot_check = "2.5%"\n[flags]\n{less}'
    assert load(tmp_path, text).flags == FlagRules(spot_check=Decimal("0.025"))
    other = load(tmp_path, f'{HEAD}[flags]\nsplit = "3d"\nold = "30d"\n').flags
    assert (other.split_within, other.older_than) == (timedelta(days=3), timedelta(days=30))


@pytest.mark.parametrize(
    ("written", "mistake"),
    [
        ("[flags]\nold = true", '4: flags.old: write a time, such as "60d", or false'),
        ("[flags]\nold = 60", '4: flags.old: write a time, such as "60d", or false'),
        (
            '[flags]\nsplit = "7"',
            "4: flags.split: write a whole number and s, m, h or d, such as 72h",
        ),
        ('[flags]\nweekend = "no"', "4: flags.weekend: write true or false"),
        (
            "[flags]\nweekends = true",
            "4: flags.weekends: unknown key 'weekends'; did you mean 'weekend'?",
        ),
        ("spot_check = 5", f"3: spot_check: {SHARE}"),
        ('spot_check = "0%"', f"3: spot_check: {SHARE}"),
        ('spot_check = "101%"', f"3: spot_check: {SHARE}"),
        (
            "flags = true",
            "3: flags: write its name in brackets on a line of its own, and its keys below",
        ),
    ],
)
def test_a_mistake_in_flags_is_named(tmp_path: Path, written: str, mistake: str) -> None:
    assert only(tmp_path, f"{HEAD}{written}\n") == f"policy.toml:{mistake}"


def test_working_hours_hold_where_people_are_reminded(tmp_path: Path) -> None:
    hours = 'working_hours = "08:30-12:00"\nworking_days = ["sat", "mon", "mon"]\n'
    text = f'{HEAD}{hours}[[rules]]\n{STAGE}remind_after = "1h"\n[[rules.stages]]\nask = ["U0X"]'
    reminds, does_not = load(tmp_path, text).rules[0].stages
    assert reminds.working_hours == WorkingHours(start=time(8, 30), end=time(12), days=(0, 5))
    assert does_not.working_hours is None


@pytest.mark.parametrize(
    ("head", "mistake"),
    [
        ("", '1: base_currency: missing; write the currency of all amounts, such as "EUR"'),
        ('base_currency = "eur"', "base_currency: write a currency by its three letters, such as"),
        ("base_currency = 1", "1: base_currency: write a currency"),
        ('base_currency = "EUR"\nmangers = 1', "2: mangers: unknown key 'mangers'; did you mean"),
        ('base_currency = "EUR"\n\nxyz = 1', "3: xyz: unknown key 'xyz'; write one of base_cu"),
        ('base_currency = "EUR"\nmanagers = []', "2: managers: name at least one, such as"),
        ('base_currency = "EUR"\nmanagers = "U0A"', "2: managers: write a list, such as"),
        ('base_currency = "EUR"\nmanagers = [\n"U0A",\n"bob"]', "4: managers[2]: write the id of"),
        ('base_currency = "EUR"\nmanagers = ["U0A U0B"]', "2: managers[1]: write the id of"),
        ('base_currency = "EUR"\n[roles]\nboss = ["U0A"]', "3: roles.boss: unknown key 'boss'"),
        ('base_currency = "EUR"\n[roles]\nadmin = "U0A"', "3: roles.admin: write a list, such as"),
        ('base_currency = "EUR"\n[roles]\nadmin = ["@x"]', "roles.admin[1]: write x = [...] with"),
        ('base_currency = "EUR"\n[roles]\nauditor = ["@x"]', "roles.auditor[1]: write x = [..."),
        ('base_currency = "EUR"\n[roles]\nfinanc = ["U0A"]', "unknown key 'financ'; did you mean"),
        ('base_currency = "EUR"\nroles = ["U0A"]', "2: roles: write its name in brackets on a"),
        ('base_currency = "EUR"\nmanagers = ["@x"]', "managers[1]: write x = [...] with ids und"),
        (f'{HEAD}delegates = "all"', '3: delegates: write "approvers", or leave it out, so that'),
        (f"{HEAD}working_hours = 9", "3: working_hours: write from when to when"),
        (f'{HEAD}working_hours = "17:00-09:00"', "3: working_hours: write an end that is later"),
        (f'{HEAD}working_days = ["mon"]', "3: working_days: write working_hours, too"),
        (f'{HEAD}working_days = ["monday"]', "3: working_days[1]: write some of mon, tue"),
        (f"{HEAD}[rates]\nusd = 1", "4: rates.usd: write a currency by its three letters"),
        (f"{HEAD}[rates]\nEUR = 1", "4: rates.EUR: leave it out; it is the base currency"),
        (f"{HEAD}[rates]\nUSD = 0", "4: rates.USD: write a number above 0"),
        (f"{HEAD}[rates]\nrules = 1.0", "4: rates.rules: write it above the first line in"),
        (f"{HEAD}rates = 1", "3: rates: write its name in brackets on a line of its own"),
        (f'{HEAD}[groups]\n"a b" = ["U0A"]', "4: groups.a b: write a name of at most 40"),
        (f'{HEAD}[groups]\na = ["@b"]', "4: groups.a[1]: write the id of a user or a user group"),
        (f"{HEAD}[rules]\nover = 1", "3: rules: write [[rules]] in double brackets above each"),
        (f"{HEAD}rules = [1]", "3: rules[1]: write a table with keys and values"),
    ],
)
def test_a_mistake_above_the_rules_is_named(tmp_path: Path, head: str, mistake: str) -> None:
    assert mistake in only(tmp_path, head)


@pytest.mark.parametrize(
    ("rule", "mistake"),
    [
        ("over = 1", '3: rules[1]: write approve = "automatically", or [[rules.stages]] with'),
        ('approve = "yes"', '4: rules[1].approve: write "automatically", or [[rules.stages]]'),
        ('aproved = "automatically"\n' + STAGE, "4: rules[1].aproved: unknown key 'aproved'; did"),
        ('approve = "automatically"\n' + STAGE, "4: rules[1].approve: leave it out, or all [["),
        ("monthly_ceiling = 5\n" + STAGE, "4: rules[1].monthly_ceiling: write approve = "),
        ("over = 5\nup_to = 5\n" + STAGE, "5: rules[1].up_to: write more than 5, which is over"),
        (
            'over = 5\napprove = "automatically"\nmonthly_ceiling = 5',
            "6: rules[1].monthly_ceiling: write more than 5, which is over",
        ),
        ('categories = ["lunch"]\n' + STAGE, "4: rules[1].categories[1]: write one of meals, tr"),
        (f'name = "{"x" * 61}"\n' + STAGE, "4: rules[1].name: write at most 60 characters"),
        (f"requesters = {['U0A'] * 101}\n" + STAGE, "4: rules[1].requesters: name at most 100; a"),
        ("name = 1\n" + STAGE, "4: rules[1].name: write a few words in quotes"),
        ('name = "a\\nb"\n' + STAGE, "4: rules[1].name: write a few words in quotes"),
        ('requesters = ["@interns"]\n' + STAGE, "4: rules[1].requesters[1]: write interns = [..."),
        ('window = "1h30m"\n' + STAGE, "4: rules[1].window: write a whole number and s, m, h or"),
        ("window = 72\n" + STAGE, "4: rules[1].window: write a whole number and s, m, h or d in"),
        ('window = "3651d"\n' + STAGE, "4: rules[1].window: at most 3650d"),
        ('ask = ["manager"]', "4: rules[1].ask: 'ask' belongs to a stage; write it below [["),
        (STAGE + 'window = "1h"', "6: rules[1].stages[1].window: 'window' belongs to the whole"),
        (STAGE + "rates = 1", "6: rules[1].stages[1].rates: 'rates' belongs above the first"),
        (STAGE + "neded = 1", "6: rules[1].stages[1].neded: unknown key 'neded'; did you mean"),
        (STAGE + "needed = 0", "6: rules[1].stages[1].needed: write a whole number from 1, such"),
        (STAGE + "needed = true", "6: rules[1].stages[1].needed: write a whole number from 1"),
        (STAGE + "needed = 2", "6: rules[1].stages[1].needed: write at most 1; no more people"),
        (STAGE + 'channel = "#x"', "6: rules[1].stages[1].channel: give the channel's id, such"),
        (STAGE + "channel = 1", "6: rules[1].stages[1].channel: write it in quotes"),
        (STAGE + 'remind_every = "1h"', "6: rules[1].stages[1].remind_every: write remind_after"),
        (
            STAGE + 'remind_after = "1h"\nremind_at_most = 2',
            "7: rules[1].stages[1].remind_at_most: write remind_every, too",
        ),
        (STAGE + 'escalate_after = "1h"', "6: rules[1].stages[1].escalate_after: write escalate_"),
        (STAGE + 'escalate_to = ["U0A"]', "6: rules[1].stages[1].escalate_to: write escalate_aft"),
        (
            f'window = "1h"\n{STAGE}escalate_to = ["U0A"]\nescalate_after = "1h"',
            "8: rules[1].stages[1].escalate_after: write less than the rule's window",
        ),
        (
            '[[rules.stages]]\nask = ["U0A", "U0B"]\nescalate_after = "1h"\nescalate_to = ["U0B"]',
            "7: rules[1].stages[1].escalate_to: name somebody who is not asked already",
        ),
        (
            f'window = "1h"\n{STAGE}remind_after = "2h"',
            "7: rules[1].stages[1].remind_after: write less than the rule's window",
        ),
        (
            f'window = "3h"\n{STAGE}remind_after = "1h"\nremind_every = "2h"',
            "8: rules[1].stages[1].remind_every: write less, or leave it out; a second reminder",
        ),
        (
            f'window = "3h"\n{STAGE}remind_after = "1h"\nremind_every = "1h"\nremind_at_most = 3',
            "9: rules[1].stages[1].remind_at_most: write at most 2; more would come after the rule",
        ),
        ("[[rules.stages]]\nneeded = 1", "4: rules[1].stages[1].ask: missing; write who is asked"),
        ("[[rules.stages]]\nask = []", "5: rules[1].stages[1].ask: name at least one"),
        ('[[rules.stages]]\nask = ["bob"]', "[1].ask[1]: write the id of a user or a user group"),
        ("[rules.stages]\nask = 1", "4: rules[1].stages: write [[rules.stages]] in double brack"),
        (STAGE * 11, "24: rules[1].stages[11]: write at most 10 stages"),
        (STAGE * 2, "7: rules[1].stages[2].ask: name more people; nobody agrees twice"),
    ],
)
def test_a_mistake_in_a_rule_is_named(tmp_path: Path, rule: str, mistake: str) -> None:
    assert mistake in only(tmp_path, f"{HEAD}[[rules]]\n{rule}")


def test_the_manager_needs_managers(tmp_path: Path) -> None:
    mistake = only(tmp_path, f'base_currency = "EUR"\n[[rules]]\n{STAGE}')
    assert mistake == (
        "policy.toml:4: rules[1].stages[1].ask[1]: write managers = [...] at the top, too"
    )


@pytest.mark.parametrize("value", ["[[1]]", "[{}]", "{ a = [] }", "1.5", "07:00:00", "-0", "''"])
def test_a_value_of_any_other_kind_is_refused_at_every_key(tmp_path: Path, value: str) -> None:
    for header, keys in {
        "": set(PolicyTable.model_fields) - {"rules", "rates", "groups"},
        "[rates]\n": {"USD"} if value != "1.5" else set(),
        "[groups]\n": {"finance"},
        "[[rules]]\n": set(RuleTable.model_fields)
        - (
            {"over", "up_to", "monthly_ceiling", "receipt_over"}
            if value in ("1.5", "-0")
            else set()
        ),
        "[[rules]]\n[[rules.stages]]\n": set(StageTable.model_fields),
    }.items():
        for key in keys:
            head = "" if key == "base_currency" else 'base_currency = "EUR"\n'
            line = f"{head}{header}".count("\n") + 1
            found = mistakes(tmp_path, f"{head}{header}{key} = {value}\n")
            assert any(words.startswith(f"policy.toml:{line}: ") for words in found), (key, found)


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    text = f'base_currency = "eur"\nmangers = 1\n[[rules]]\nover = -1\n[[rules]]\n{STAGE}x = 1\n'
    assert [line.split(":")[1] for line in mistakes(tmp_path, text)] == ["1", "2", "4", "8"]
    many = "".join(f"key{number} = 1\n" for number in range(500))
    assert len(mistakes(tmp_path, many)) == MAX_MISTAKES


def stages(*asked: str, **more: str) -> str:
    return "".join(
        f"[[rules.stages]]\nask = [{ids}]\n{more.get(f'more{number}', '')}\n"
        for number, ids in enumerate(asked)
    )


@pytest.mark.parametrize(
    "rule",
    [
        stages('"U0A"', '"U0A", "U0B"'),
        stages('"U0A", "U0B"', '"U0A"'),
        stages('"U0A", "U0B", "U0C"', '"U0A", "U0B"', more0="needed = 2", more1="needed = 1"),
        stages('"S0A"', '"S0A"', more0="needed = 20"),
        stages('"U0A", "S0A"', '"U0A"', '"manager"', more0="needed = 3"),
        stages('"U0A"', '"U0A"', more1='escalate_after = "1h"\nescalate_to = ["U0B"]'),
    ],
)
def test_enough_people_are_enough(tmp_path: Path, rule: str) -> None:
    assert load(tmp_path, f"{HEAD}[[rules]]\n{rule}")


@pytest.mark.parametrize(
    "rule",
    [
        stages('"U0A"', '"U0A"'),
        stages('"U0A", "U0B"', '"U0B"', '"U0A"'),
        stages('"U0A", "U0B"', '"U0A", "U0B", "U0A"', more0="needed = 2"),
        stages('"S0A"', '"U0A"', '"U0A"'),
    ],
)
def test_nobody_agrees_twice(tmp_path: Path, rule: str) -> None:
    assert "nobody agrees twice" in only(tmp_path, f"{HEAD}[[rules]]\n{rule}")


@pytest.mark.parametrize(
    ("earlier", "later", "is_reached"),
    [
        (STAGE, STAGE, False),
        ('approve = "automatically"', STAGE, False),
        ('approve = "automatically"\nmonthly_ceiling = 1', STAGE, True),
        (f"over = 5\n{STAGE}", STAGE, True),
        (f"over = 0\n{STAGE}", STAGE, False),
        (f"over = 5\n{STAGE}", f"over = 6\n{STAGE}", False),
        (f"over = 5\n{STAGE}", f"over = 4\n{STAGE}", True),
        (f"up_to = 5\n{STAGE}", f"up_to = 5\n{STAGE}", False),
        (f"up_to = 5\n{STAGE}", STAGE, True),
        (f'categories = ["meals", "other"]\n{STAGE}', f'categories = ["meals"]\n{STAGE}', False),
        (f'categories = ["meals"]\n{STAGE}', STAGE, True),
        (f'requesters = ["U0A"]\n{STAGE}', f'requesters = ["U0A"]\n{STAGE}', False),
        (f'requesters = ["U0A"]\n{STAGE}', f'requesters = ["U0B"]\n{STAGE}', True),
    ],
)
def test_a_rule_that_never_matches_is_a_mistake(
    tmp_path: Path, earlier: str, later: str, is_reached: bool
) -> None:
    text = f"{HEAD}[[rules]]\n{earlier}\n[[rules]]\n{later}"
    if is_reached:
        assert len(load(tmp_path, text).rules) == 2
    else:
        assert ": rules[2]: never matches, as rules[1], " in only(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("a = 1\nb = = 2", "policy.toml:2: not TOML: Invalid value"),
        ('a = "', "policy.toml:1: not TOML: "),
        ("a = 1\n[[", "policy.toml:2: not TOML: "),
        ("a = 1\na = 2", "policy.toml:2: not TOML: Cannot overwrite a value"),
        ("a = " + "9" * 5000, "policy.toml: not TOML: Exceeds the limit"),
        ("a = " + "[" * 5000, "policy.toml: lists within lists, too many of them"),
    ],
)
def test_what_is_not_toml_is_refused_with_its_line(tmp_path: Path, text: str, mistake: str) -> None:
    assert mistake in only_of(tmp_path, text)


def only_of(folder: Path, text: str) -> str:
    with pytest.raises(PolicyError) as error:
        load(folder, text)
    [mistake] = error.value.mistakes
    return mistake


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b'a = 1\nb = "\xfc"')
    (tmp_path / "huge").write_bytes(b"#" * (MAX_BYTES + 1))
    for name, words in {
        "nowhere": "nowhere: there is no such file",
        ".": ": that is a folder; name the file in it",
        "latin": "latin:2: not UTF-8; save the file as UTF-8",
        "huge": "huge: it is larger than 1 MB",
        "\x00": "it cannot be read: that is no name of a file",
        "x" * 5000: "it cannot be read: File name too long",
    }.items():
        with pytest.raises(PolicyError) as error:
            load_policy(tmp_path / name)
        assert words in str(error.value)


def test_what_editors_on_windows_write_is_read(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_bytes(b"\xef\xbb\xbf" + EXAMPLE.read_text().replace("\n", "\r\n").encode())
    assert load_policy(file) == load_policy(EXAMPLE)


def test_lines_are_found_past_everything_that_looks_like_a_header() -> None:
    text = (
        '# [[rules]]\nx = """\n[[rules]]\ny = 1\n"""\n'
        "'a.b' . c = { k = [\n1, # ]\n '[rules]' ], l = 2 }\n"
        "[[rules]]\nt = 1979-05-27 07:32:00\n[[rules.stages]]\nq = '''\n[[rules]]'''\n"
        '[[rules.stages]]\nask = [\n  "x",\n]\n[[rules]]\nlast = """a\\"""b"""""\n'
    )
    tomllib.loads(text)
    lines = line_numbers(text)
    expected: dict[tuple[str | int, ...], int] = {
        ("x",): 2,
        ("a.b", "c"): 6,
        ("a.b", "c", "k", 0): 7,
        ("a.b", "c", "k", 1): 8,
        ("a.b", "c", "l"): 8,
        ("rules", 0): 9,
        ("rules", 0, "stages", 0, "q"): 12,
        ("rules", 0, "stages", 1, "ask", 0): 16,
        ("rules", 0, "stages", 1, "ask", 9): 15,
        ("rules", 1): 18,
        ("rules", 1, "last"): 19,
        ("rules", 1, "missing", "further"): 18,
        ("nowhere",): 1,
    }
    assert {place: line_of(lines, place) for place in expected} == expected


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Every place in a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, below in inner:
        yield (*place, key)
        if isinstance(below, dict | list):
            yield from places(below, (*place, key))


_SNIPPETS = (
    *("[a]", "[[b]]", "[b.c]", "[[b.d]]", "['e.f' . g]", "[ b . c.h ]", "# [x]", "", " \t"),
    *('i = """\n[j]\nk = 1"""', "l = '''\n[[b]]\n'''", r'm = "\" # \\"', r"n = '\'", 'o = "\\\\"'),
    *("p = [1, [2,\n 3], # ]\n]", "q = { r = 1, s = [{ t = '}' }] }", "u.'v w'.x = 1", "y = {}"),
    *("z = 1979-05-27 07:32:00Z", "aa=[ ]", 'bb = """a""\\"""""', "'' = 1", "cc = 1e5 # = [x]"),
    *('"\\u0064d" = true', "ee = '''a'''''", "ff = [\n\n'g',]", "hh = 1979-05-27\t#x"),
)


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(st.sampled_from(_SNIPPETS), max_size=12))
def test_the_lines_of_all_places_are_known_and_of_no_others(pieces: list[str]) -> None:
    text = ""
    for piece in pieces:
        with suppress(tomllib.TOMLDecodeError):
            tomllib.loads(f"{text}{piece}\n")
            text += f"{piece}\n"
    lines = line_numbers(text)
    assert set(lines) == set(places(tomllib.loads(text)))
    assert all(0 < line <= text.count("\n") for line in lines.values())


def refused(file: Path) -> tuple[str, ...] | None:
    """The mistakes in a file, or None if there are none."""
    try:
        load_policy(file)
    except PolicyError as error:
        return error.mistakes
    return None


_LINES = EXAMPLE.read_text().splitlines()
_pieces = st.sampled_from(_LINES) | st.text(max_size=20) | st.text("[]{}\"=.,\n'#@ U0", max_size=12)
_texts = st.lists(_pieces, max_size=30).map("\n".join) | st.text(max_size=100)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=_texts)
def test_any_text_is_a_policy_or_refused_line_by_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "policy.toml"
    file.write_bytes(text.encode(errors="surrogatepass"))
    for line in refused(file) or ():
        assert line.startswith(f"{file}:")
        assert line.isprintable()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(place=st.integers(0, len(_LINES) - 1), data=st.data())
def test_one_wrong_line_of_a_right_policy_is_found(
    tmp_path: Path, place: int, data: st.DataObject
) -> None:
    lines = [*_LINES]
    lines[place] = data.draw(st.text(max_size=20)) if data.draw(st.booleans()) else ""
    file = tmp_path / "policy.toml"
    file.write_text("\n".join(lines), errors="replace", newline="")
    assert refused(file) != ()


def test_the_demo_s_policy_is_right_and_names_people_of_its_workspace() -> None:
    path = Path(demo.__file__).with_name("policy.toml")
    assert load_policy(path)
    config = WorkspaceConfig()
    known = {thing.id for thing in (*config.users, *config.user_groups, *config.channels)}
    assert set(re.findall(r'"([USC]0[A-Z0-9]+)"', path.read_text())) <= known
