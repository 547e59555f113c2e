"""A company's own words in the policy: read exactly, and every mistake named with its line."""

from decimal import Decimal
from pathlib import Path

import pytest

from bot.domain.coding import Coding, Detail, answer_field, dimension_field
from bot.domain.errors import InvalidInput
from bot.domain.words import NOT_LISTED, Dimension, ListedPerson, OwnCategory, Words
from bot.policy.file.loader import load_policy, read_policy
from bot.policy.file.source import PolicyError
from bot.policy.rules import Rulebook
from tests.support.claims import claim

HEAD = 'base_currency = "EUR"\n'
CENTERS = "value,name\n4711,Marketing\n4712,\n"
DIMENSION = '[dimensions.cost_center]\nfile = "centers.csv"\n'
LISTED = '[people]\nfile = "people.csv"\n'
STAGE = '[[rules.stages]]\nask = ["U0FIONA"]\n'


def load(folder: Path, text: str, **files: str) -> Rulebook:
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content)
    (folder / "policy.toml").write_text(HEAD + text)
    return load_policy(folder / "policy.toml")


def mistakes(folder: Path, text: str, **files: str) -> list[str]:
    """The mistakes in a policy and its files, without the folder."""
    with pytest.raises(PolicyError) as error:
        load(folder, text, **files)
    return [line.replace(f"{folder}/", "") for line in error.value.mistakes]


def test_everything_is_read(tmp_path: Path) -> None:
    book = load(
        tmp_path,
        """
[categories.taxi]
account = "6673"
receipt_over = 12.50

[categories.client_meal]
label = "Client meal"
asks = ["attendees"]

[dimensions.cost_center]
label = "Cost center"
file = "centers.csv"
required = true

[dimensions.project]
values = ["Apollo", "Zeus"]

[people]
file = "people.csv"

[[rules]]
categories = ["taxi"]
"""
        + STAGE,
        centers="\ufeffvalue;name\n4711;Marketing\n\n4712;\n",
        people='person,manager,employee_number,cost_center\nU0ADA,Mina@X.example,"17",4711\n',
    )
    centers = Dimension(
        label="Cost center", values={"4711": "Marketing", "4712": ""}, is_required=True
    )
    assert book.words == Words(
        categories={
            "taxi": OwnCategory(label="Taxi", account="6673", receipt_over=Decimal("12.50")),
            "client_meal": OwnCategory(label="Client meal", asks=("attendees",)),
        },
        dimensions={
            "cost_center": centers,
            "project": Dimension(label="Project", values={"Apollo": "", "Zeus": ""}),
        },
        people={
            "U0ADA": ListedPerson(
                manager="mina@x.example", employee_number="17", dimensions={"cost_center": "4711"}
            )
        },
    )
    assert book.rules[0].categories == {"taxi"}
    assert [Path(name).name for name, _ in book.sources] == [
        *("policy.toml", "centers.csv", "people.csv"),
    ]


def test_without_any_of_it_a_policy_has_no_words(tmp_path: Path) -> None:
    assert load(tmp_path, f'[[rules]]\ncategories = ["meals"]\n{STAGE}').words == Words()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[categories.taxi]\nlabl = 1", "3: categories.taxi.labl: unknown key 'labl'; did you me"),
        ('[categories."a b"]', "2: categories.a b: write a name of at most 40 letters, digits"),
        ("[categories.taxi]\naccount = 6673", "3: categories.taxi.account: write the account in"),
        ("[categories.taxi]\nreceipt_over = 1.000", "3: categories.taxi.receipt_over: write 1000 "),
        ("[categories.taxi]\nasks = []", '3: categories.taxi.asks: name at least one, such as ["a'),
        ('[categories.taxi]\nasks = ["a", "a"]', "3: categories.taxi.asks[2]: take it out; it is"),
        ("categories = 3", "2: categories: write its name in brackets on a line of its own, and "),
        ("[categories]\ntaxi = 3", "3: categories.taxi: write a table with keys and values"),
        (
            '[categories.taxi]\n[categories.cab]\nlabel = "TAXI"',
            "3: categories.cab: write another label; taxi is called 'TAXI', too",
        ),
        (
            f'[categories.taxi]\n[[rules]]\ncategories = ["taxi", "meals"]\n{STAGE}',
            "4: rules[1].categories[2]: write one of taxi",
        ),
        (
            f'[categories]\n[[rules]]\ncategories = ["lunch"]\n{STAGE}',
            "4: rules[1].categories[1]: write one of meals, travel",
        ),
        ("[dimensions.team]", '2: dimensions.team: write either values = ["4711"] or file = "cost'),
        ('[dimensions.team]\nvalues = ["a", "a"]', "3: dimensions.team.values[2]: take it out; it"),
        ("[dimensions.team]\nvalues = [4711]", "3: dimensions.team.values[1]: write the value in "),
        ('[dimensions.team]\nfile = "x.csv"', "3: dimensions.team.file: x.csv: there is no such f"),
        ('[dimensions.manager]\nvalues = ["a"]', "2: dimensions.manager: write another name; mana"),
        (
            "".join(f'[dimensions.d{n}]\nvalues = ["a"]\n' for n in range(6)),
            "2: dimensions: write at most 5; a form takes no more",
        ),
        ("[people]", '2: people.file: missing; write the name of a file, such as "people.csv"'),
        ('[people]\nfil = ""', "3: people.fil: unknown key 'fil'; did you mean 'file'?"),
    ],
)
def test_every_mistake_is_named_with_its_line(tmp_path: Path, text: str, found: str) -> None:
    named = mistakes(tmp_path, text)
    assert any(line.startswith(f"policy.toml:{found}") for line in named), named


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("", "1: write a first line that names the columns: value, name"),
        ("vale,name\n1,2\n", "1: write a first line that names the columns: value, name"),
        ("value,nam\n1,2\n", "1: unknown column 'nam'; did you mean 'name'?"),
        ("value,value\n1,2\n", "1: write the column value once"),
        ("value,name\n", "1: write at least one value below the first line"),
        ("value,name\n1\n", "2: write 2 values, as the first line does; here are 1"),
        ("value,name\n1,a\n,b\n", "3: write a value, or take the line out"),
        ("value\n4711\n\n4711\n", "4: take it out; line 2 has this value, too"),
        (f"value\n{'x' * 61}\n", "2: write at most 60 characters instead of 'xxx"),
        ("value\na\tb\n", "2: take out what nobody sees of "),
        ('value\n"a\n', "3: not CSV: "),
    ],
)
def test_every_mistake_of_a_dimensions_file_is_named(
    tmp_path: Path, content: str, found: str
) -> None:
    [named] = mistakes(tmp_path, DIMENSION, centers=content)
    assert named.startswith(f"centers.csv:{found}")


def test_every_mistake_of_the_list_of_people_is_named(tmp_path: Path) -> None:
    people = (
        "person,manager,employee_number,cost_center\n"
        "Ada,U0MINA,1,4711\n"
        "ada@x.example,mina,2,4711\n"
        "U0MINA,U0MINA,3,\n"
        "u0sam@x.example,U0MINA,4,9999\n"
        "U0SAM@x.example,,5,\n"
    )
    address = "write a Slack user id, such as U0123456789, or an e-mail address"
    assert mistakes(tmp_path, DIMENSION + LISTED, centers=CENTERS, people=people) == [
        "people.csv:6: take it out; line 5 has this person, too",
        f"people.csv:2: person: {address}",
        f"people.csv:3: manager: {address}",
        "people.csv:4: manager: write somebody else; nobody decides their own expenses",
        "people.csv:5: cost_center: '9999' is no value of this dimension",
    ]


def test_a_file_that_is_no_utf_8_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "centers.csv").write_bytes(b"value\n4711\nM\xfcnchen\n")
    [named] = mistakes(tmp_path, DIMENSION)
    assert named == (
        "policy.toml:3: dimensions.cost_center.file: centers.csv:3: not UTF-8; "
        "save the file as UTF-8"
    )


def test_files_are_beside_the_policy_or_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "centers.csv").write_text(CENTERS)
    monkeypatch.chdir(tmp_path)
    assert read_policy(HEAD + DIMENSION).words.dimensions["cost_center"].values == {
        "4711": "Marketing",
        "4712": "",
    }


WORDS = Words(
    categories={"taxi": OwnCategory(label="Taxi", account="6673", asks=("attendees",))},
    dimensions={
        "center": Dimension(label="Center", values={"1": "One", "2": ""}, is_required=True),
        "project": Dimension(label="Project", values={"Apollo": ""}),
    },
)
LINE = ListedPerson(employee_number="17", dimensions={"center": "1", "project": "Apollo"})
ANSWER = Detail(key="attendees", value="Ada")


def test_a_claim_gets_the_companys_words() -> None:
    asked = claim(category="taxi", coding=Coding(answers=(ANSWER, Detail(key="old", value="x"))))
    assert WORDS.coded(asked, LINE, "U0MINA").coding == Coding(
        label="Taxi",
        account="6673",
        dimensions=(
            Detail(key="center", value="1", label="Center", name="One"),
            Detail(key="project", value="Apollo", label="Project"),
        ),
        answers=(Detail(key="attendees", value="Ada", label="Attendees"),),
        employee_number="17",
        manager="U0MINA",
    )


def test_what_somebody_chose_or_emptied_counts_more_than_what_is_theirs() -> None:
    chosen = (Detail(key="center", value="2"), Detail(key="project", value=""))
    asked = claim(category="taxi", coding=Coding(dimensions=chosen, answers=(ANSWER,)))
    assert WORDS.coded(asked, LINE, None).dimensions == {"center": "2"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"category": "meals"}, "category"),
        ({"coding": Coding(answers=(ANSWER,))}, dimension_field("center")),
        ({"coding": Coding(dimensions=(Detail(key="center", value="3"),))}, dimension_field("cen")),
        ({"coding": Coding(dimensions=(Detail(key="center", value="1"),))}, answer_field("attend")),
    ],
)
def test_what_is_unknown_or_missing_is_refused_at_its_field(
    changes: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        WORDS.coded(claim(**{"category": "taxi"} | changes), NOT_LISTED, None)
    assert refused.value.field.startswith(field)


def test_without_own_categories_the_usual_ones_are_taken_and_no_others() -> None:
    usual = claim()
    assert Words().coded(usual, NOT_LISTED, None) == usual
    with pytest.raises(InvalidInput):
        Words().coded(claim(category="taxi"), NOT_LISTED, None)
