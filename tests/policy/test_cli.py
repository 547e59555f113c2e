"""`python -m bot policy`: the command line in this process, and thrice as operators run it."""

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from bot.__main__ import main

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "policy.example.toml"
USUAL = (
    "  They are reminded after one working day, then daily, 5 times at most, "
    "in their working hours."
)
EXPENSE = ("--amount", "1200", "--currency", "EUR", "--category", "travel", "--requester", "U0ADA")


SETTINGS = ("SLACK_", "EXPENSE_", "DATABASE_URL")
Ran = subprocess.CompletedProcess[str]


def policy(*arguments: str, command: str = "policy", **variables: str) -> Ran:
    """Run the command without any setting but these."""
    out, err = io.StringIO(), io.StringIO()
    before = dict(os.environ)
    for name in before:
        if name.startswith(SETTINGS):
            del os.environ[name]
    os.environ.update(variables)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = main([command, *arguments])
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:
        os.environ.clear()
        os.environ.update(before)
    return Ran(arguments, code, out.getvalue(), err.getvalue())


def program(*arguments: str, **variables: str) -> Ran:
    """Run the command as a process without any setting but these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}
    return subprocess.run(
        [sys.executable, "-m", "bot", "policy", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=kept | variables,
        check=False,
    )


def explained(*arguments: str) -> list[str]:
    """What is said of an expense; later arguments count."""
    ran = policy("explain", "--file", str(EXAMPLE), *EXPENSE, *arguments)
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout.splitlines()


def refused(*arguments: str, **variables: str) -> str:
    """The one line that says what is wrong with the arguments."""
    ran = policy(*arguments, **variables)
    assert (ran.returncode, ran.stdout) == (2, "")
    [line] = ran.stderr.splitlines()
    return line


def test_a_right_policy_is_fine() -> None:
    ran = policy("check", str(EXAMPLE))
    fine = f"{EXAMPLE} is fine: 3 rules, 1 dimension.\nAn expense takes 4 actions in "
    assert ran.stdout.startswith(fine)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_policy_that_is_set_is_checked_without_a_file() -> None:
    ran = policy("check", EXPENSE_POLICY=EXAMPLE.read_text())
    assert ran.stdout.startswith("EXPENSE_POLICY is fine: 3 rules, 1 dimension.\n")
    assert policy("check", EXPENSE_POLICY=str(EXAMPLE)).stdout == ran.stdout
    wrong = policy("check", EXPENSE_POLICY="base_currency = 1\na = 1")
    assert [line[:17] for line in wrong.stderr.splitlines()] == [
        "EXPENSE_POLICY:1:",
        "EXPENSE_POLICY:2:",
    ]
    assert refused("check").startswith("python -m bot policy check: FILE is missing: ")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("check", str(EXAMPLE)), 0),
        (("explain", *EXPENSE), 1),
        (("explain", "--amount", "1"), 2),
    ],
)
def test_the_process_says_and_returns_the_same(arguments: tuple[str, ...], code: int) -> None:
    variables = {"EXPENSE_POLICY": "nowhere.toml"}
    ran, here = program(*arguments, **variables), policy(*arguments, **variables)
    assert ran.returncode == here.returncode == code
    assert (ran.stdout, ran.stderr) == (here.stdout, here.stderr)
    assert ran.stdout or ran.stderr


def test_every_mistake_of_a_wrong_one_is_on_a_line(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text('base_currency = "EUR"\na = 1\nb = 1\n')
    for ran in (
        policy("check", str(file)),
        policy("explain", *EXPENSE, EXPENSE_POLICY=str(file)),
    ):
        assert (ran.returncode, ran.stdout) == (1, "")
        first, second = ran.stderr.splitlines()
        assert first.startswith(f"{file}:2: a: unknown key 'a'; ")
        assert second.startswith(f"{file}:3: b: unknown key 'b'; ")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    ran = policy("check", str(tmp_path / "nowhere.toml"))
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == f"{tmp_path}/nowhere.toml: there is no such file\n"


def test_stages_are_explained_with_everything_that_belongs_to_them() -> None:
    assert explained() == [
        "1200.00 EUR in travel by U0ADA:",
        "Rule 1, 'small lunches', does not match: 1200 EUR is over 50 EUR.",
        "Rule 2, 'over 500 EUR', matches.",
        "  A receipt is needed, as always over 25 EUR.",
        "  Stage 1 of 2: the manager chosen in the form (of S0LEADS, U0MANAGER) has to agree, "
        "asked in direct messages.",
        "    Reminded after 24h, then every 24h, 3 times at most; on mon, tue, wed, thu, fri "
        "from 09:00 to 17:00, in their time zone.",
        "    After 72h S0LEADS may decide, too.",
        "  Stage 2 of 2: 2 of S0FINANCE, U0FIONA have to agree, asked in C0FINANCE.",
        "  The decision window is 14d; whoever rejects ends it.",
    ]


def test_a_manager_stands_in_their_place() -> None:
    said = "\n".join(explained("--manager", "U0MANAGER"))
    assert "  Stage 1 of 2: U0MANAGER has to agree, asked in direct messages.\n" in said
    said = "\n".join(explained("--manager", "U0LEE", "--member-of", "S0LEADS"))
    assert "  Stage 1 of 2: U0LEE has to agree, asked in direct messages.\n" in said


def test_nobody_decides_their_own_expense() -> None:
    said = explained("--requester", "U0FIONA")
    assert "    U0FIONA does not count, as it is their own expense." in said


def test_automatic_approval_is_explained_with_what_follows_above_it() -> None:
    lunch = ("--amount", "20", "--category", "meals")
    assert explained(*lunch, "--currency", "USD", "--member-of", "S0INTERNS") == [
        "20.00 USD in meals by U0ADA:",
        "It counts as 18.4 EUR.",
        "Rule 1, 'small lunches', matches.",
        "  It is approved automatically, while U0ADA stays within 200 EUR this month.",
        "  Above that, the rules go on:",
        "Rule 2, 'over 500 EUR', does not match: 18.4 EUR is not over 500 EUR.",
        "Rule 3, 'by interns', matches.",
        "  Stage 1 of 1: the manager chosen in the form (of S0LEADS, U0MANAGER) has to agree, "
        "asked in direct messages.",
        "  The decision window is EXPENSE_DECISION_WINDOW; whoever rejects ends it.",
    ]
    assert explained(*lunch)[-3:] == [
        "Rule 3, 'by interns', does not match: U0ADA is none of S0INTERNS.",
        "No further rule matches, so the approvers of EXPENSE_APPROVERS are asked.",
        USUAL,
    ]


def test_an_expense_above_the_ceiling_by_itself_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    rule = '[[rules]]\napprove = "automatically"\n'
    file.write_text(f'base_currency = "EUR"\n{rule}monthly_ceiling = 1000\n{rule}')
    ran = policy("explain", *EXPENSE, EXPENSE_POLICY=f" {file} ")
    assert ran.stdout.splitlines()[1:] == [
        "Rule 1, 'any expense', matches.",
        "  It is approved automatically, while U0ADA stays within 1000 EUR this month.",
        "  This expense alone is above that, so the rules go on:",
        "Rule 2, 'any expense', matches.",
        "  It is approved automatically.",
    ]


def test_a_single_reminder_at_any_time_is_explained(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    stage = '[[rules.stages]]\nask = ["U0MINA"]\nremind_after = "90s"\n'
    file.write_text(f'base_currency = "EUR"\n[[rules]]\nwindow = "90m"\n{stage}')
    ran = policy("explain", "--file", str(file), *EXPENSE)
    assert ran.stdout.splitlines()[2:] == [
        "  Stage 1 of 1: U0MINA has to agree, asked in direct messages.",
        "    Reminded after 90s.",
        "  The decision window is 90m; whoever rejects ends it.",
    ]


def test_where_no_rule_matches_the_approvers_of_the_settings_are_asked(tmp_path: Path) -> None:
    end = "No rule matches, so the approvers of EXPENSE_APPROVERS are asked."
    assert explained("--amount", "100")[-2:] == [end, USUAL]
    file = tmp_path / "policy.toml"
    file.write_text('base_currency = "EUR"')
    ran = policy("explain", "--file", str(file), *EXPENSE, "--currency", "JPY")
    assert ran.stdout.splitlines() == ["1200 JPY in travel by U0ADA:", end, USUAL]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--amount", "1.000"), "--amount: “1.000” can be read in two ways. Please write 1.00"),
        (("--amount", "-1"), "--amount: Please write the amount as a positive number"),
        (("--currency", "EURO"), "--currency: Please give a currency by its three letters"),
        (("--currency", "JPY"), "--currency: Your company does not reimburse JPY; please use EUR"),
        (("--category", "lunch"), "Invalid value for '--category': 'lunch' is not one of"),
        (("--requester", "ada"), "Invalid value for '--requester': write the id of a user, such"),
        (("--requester", "U0A U0B"), "'--requester': write the id of a user, such as U0123"),
        (("--manager", "S0LEADS"), "'--manager': write the id of a user, such as U0123"),
        (("--manager", "U0BOB"), "--manager: Please choose one of the managers in the list;"),
        (("--member-of", "U0ADA"), "'--member-of': write the id of a group, such as S0"),
        (("--unknown", "1"), "No such option '--unknown'"),
    ],
)
def test_wrong_arguments_are_refused_in_one_sentence(
    arguments: tuple[str, ...], words: str
) -> None:
    line = refused("explain", "--file", str(EXAMPLE), *EXPENSE, *arguments)
    assert line.startswith("python -m bot")
    assert words in line


def test_missing_arguments_are_named() -> None:
    assert "Missing option '--amount'" in refused("explain")
    assert "Missing command" in refused()
    assert "FILE" in refused("check")
    for value in ("", "  "):
        line = refused("explain", *EXPENSE, EXPENSE_POLICY=value)
        assert "--file is missing: name a policy file, or set EXPENSE_POLICY" in line


@pytest.mark.parametrize("arguments", [(), ("check",), ("explain",)])
def test_help_is_given(arguments: tuple[str, ...]) -> None:
    ran = policy(*arguments, "--help")
    assert ran.returncode == 0
    assert "Usage: python -m bot policy" in ran.stdout


@pytest.mark.parametrize(
    ("stage", "window", "mistake"),
    [
        ('remind_after = "31d"', "", "remind_after: write less than EXPENSE_DECISION_WINDOW"),
        ('remind_after = "31d"', "60d", ""),
        ('remind_after = "24h"\nremind_every = "24h"', "", ""),
        ('remind_after = "24h"\nremind_every = "30d"', "", "remind_every: write less, or leave"),
        (
            'remind_after = "24h"\nremind_every = "24h"\nremind_at_most = 4',
            "72h",
            "remind_at_most: write at most 2; more would come after EXPENSE_DECISION_WINDOW",
        ),
        ('remind_after = "80h"', "soon", "EXPENSE_DECISION_WINDOW is wrong: write a whole number"),
    ],
)
def test_what_comes_after_the_usual_window_is_a_mistake(
    tmp_path: Path, stage: str, window: str, mistake: str
) -> None:
    file = tmp_path / "policy.toml"
    asked = f'[[rules.stages]]\nask = ["U0MINA"]\n{stage}\n'
    file.write_text(f'base_currency = "EUR"\n[[rules]]\n{asked}')
    ran = policy("check", str(file), EXPENSE_DECISION_WINDOW=window)
    assert ran.returncode == (1 if mistake else 0)
    assert mistake in ran.stderr


PEOPLE = "person,manager,cost_center\nU0ADA,U0MINA,4711\nbruno@x.example,,\n"
WORDS = """base_currency = "EUR"
[categories.taxi]
[dimensions.cost_center]
values = ["4711"]
[people]
file = "people.csv"
[[rules]]
[[rules.stages]]
ask = ["U0FIONA"]
"""


def test_the_words_of_a_policy_are_counted_and_explained(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(PEOPLE)
    (tmp_path / "policy.toml").write_text(WORDS)
    ran = policy("check", str(tmp_path / "policy.toml"))
    assert ran.stdout.splitlines()[0].endswith(
        "policy.toml is fine: 1 rule, 1 category, 1 dimension, 2 people."
    )
    file = ("explain", "--file", str(tmp_path / "policy.toml"), *EXPENSE)
    assert policy(*file, "--category", "taxi").returncode == 0
    assert "'meals' is not one of taxi;" in refused(*file, "--category", "meals")


def test_a_list_of_people_is_checked_with_or_without_its_policy(tmp_path: Path) -> None:
    people, setting = tmp_path / "people.csv", {"EXPENSE_POLICY": str(tmp_path / "policy.toml")}
    (tmp_path / "policy.toml").write_text(WORDS)
    people.write_text(PEOPLE)
    fine = "is fine: 2 people, 1 of them without a manager.\n"
    ran = policy("check", command="people", **setting)
    assert (ran.returncode, ran.stdout) == (0, f"The list of people {fine}")
    assert policy("check", str(people), command="people", **setting).stdout == f"{people} {fine}"
    # Without the policy, nobody knows that there is such a dimension.
    ran = policy("check", str(people), command="people")
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"{people}:1: unknown column 'cost_center'; write person, manag")

    people.write_text(f"{PEOPLE}U0KIM,U0KIM,9\n")
    for arguments in ((), (str(people),)):
        ran = policy("check", *arguments, command="people", **setting)
        assert (ran.returncode, ran.stdout) == (1, "")
        assert [line.removeprefix(f"{people}:") for line in ran.stderr.splitlines()] == [
            "4: manager: write somebody else; nobody decides their own expenses",
            "4: cost_center: '9' is no value of this dimension",
        ]
    assert "FILE is missing" in refused("check", command="people")
    ran = policy("check", command="people", EXPENSE_POLICY='base_currency = "EUR"\n# none\n')
    assert (ran.returncode, "names no list" in ran.stderr) == (1, True)
