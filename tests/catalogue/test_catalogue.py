"""The catalogue has every sentence that the code says, whole, and no other."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor

from bot.catalogue import say

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "bot/catalogue/en").glob("*.ftl"))
CODE = {path: ast.parse(path.read_text()) for path in sorted((ROOT / "bot").rglob("*.py"))}
CONSTANTS = {
    node.value
    for tree in CODE.values()
    for node in ast.walk(tree)
    if isinstance(node, ast.Constant) and isinstance(node.value, str)
}
# What runs the app is nothing to people who submit and approve expenses.
MACHINERY = re.compile(
    r"\b(workflows?|activit(y|ies)|workers?|windows?|tasks?|tokens?|callbacks?|temporal|"
    r"database|outbox|leases?|stages?|delivery|the bot|EXPENSE_\w+)\b",
    re.IGNORECASE,
)


@dataclass
class Sentence(Visitor):
    """A message of a file, or one of its attributes."""

    texts: list[str] = field(default_factory=list)
    placeholders: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)  # the messages that it includes

    def visit_TextElement(self, node: ftl.TextElement) -> None:
        self.texts.append(node.value)

    def visit_VariableReference(self, node: ftl.VariableReference) -> None:
        self.placeholders.add(node.id.name)

    def visit_MessageReference(self, node: ftl.MessageReference) -> None:
        self.others.add(node.id.name)


def entries() -> Iterator[ftl.EntryType]:
    for file in FILES:
        yield from FluentParser(with_spans=False).parse(file.read_text()).body


def catalogue() -> dict[str, Sentence]:
    found: dict[str, Sentence] = {}
    for entry in entries():
        if isinstance(entry, ftl.Message):
            name = entry.id.name
            patterns = {f"{name}.{one.id.name}": one.value for one in entry.attributes}
            for key, pattern in {name: entry.value, **patterns}.items():
                if pattern:
                    assert key not in found, f"{key} is there twice"
                    found[key] = Sentence()
                    found[key].visit(pattern)
    return found


SENTENCES = catalogue()


def placeholders(name: str) -> set[str]:
    sentence = SENTENCES[name]
    return sentence.placeholders.union(*map(placeholders, sentence.others))


def said() -> Iterator[tuple[str, str, set[str]]]:
    """Each call of `say`: where, which sentence, and what is given to it."""
    for path, tree in CODE.items():
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for call in calls(function):
                    where = f"{path.relative_to(ROOT)}:{call.lineno}"
                    for name in names(call.args[0], function):
                        yield where, name, {keyword.arg or "**" for keyword in call.keywords}


def calls(function: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say":
            yield node


def names(node: ast.expr, function: ast.AST) -> Iterator[str]:
    """The names that an argument can stand for: written there, or given to a variable before."""
    match node:
        case ast.IfExp(body=body, orelse=orelse):
            yield from names(body, function)
            yield from names(orelse, function)
        case ast.Constant(value=str(name)):
            yield name
        case ast.JoinedStr(values=[ast.FormattedValue(), ast.Constant(value=str(tail)), *rest]):
            for name in SENTENCES:
                base, _, attribute = name.partition(".")
                is_meant = attribute.startswith(tail[1:]) if rest else attribute == tail[1:]
                if is_meant and base in CONSTANTS:
                    yield name
        case ast.Name(id=variable):
            for other in ast.walk(function):
                match other:
                    case ast.Assign(targets=[ast.Name(id=target)], value=value):
                        if target == variable:
                            yield from names(value, function)


def test_the_files_are_fluent_s() -> None:
    assert [entry.annotations for entry in entries() if isinstance(entry, ftl.Junk)] == []


def test_what_is_said_is_there_and_gets_its_placeholders() -> None:
    calls = [*said()]
    assert [where for where, name, _ in calls if name not in SENTENCES] == []
    wrong = {(where, name) for where, name, given in calls if given != placeholders(name)}
    assert wrong == set()


def test_every_sentence_is_said() -> None:
    included = {name for sentence in SENTENCES.values() for name in sentence.others}
    literal = {name for _, name, _ in said()}
    assert SENTENCES.keys() - CONSTANTS - literal - included == set()
    # What is named elsewhere than where it is said is said as it is.
    named = SENTENCES.keys() & CONSTANTS - literal
    assert {name for name in named if placeholders(name)} == set()


def test_block_kit_has_no_sentences_of_its_own() -> None:
    for path, tree in CODE.items():
        if "block_kit" in path.parts:
            inside = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
            texts = {str(one.value) for one in inside} - {*described(tree), "payment system"}
            assert [text for text in texts if re.search(r"[a-z]{2} [a-z]{2}", text)] == [], path


def described(tree: ast.AST) -> Iterator[str]:
    """The docstrings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node, clean=False) or ""


@pytest.mark.parametrize("name", SENTENCES)
def test_a_sentence_has_no_word_of_machinery_and_no_glued_plural(name: str) -> None:
    for text in SENTENCES[name].texts:
        assert not MACHINERY.search(text)
        assert "(s)" not in text
        assert text == text.replace("  ", " ")


def test_a_placeholder_that_is_missing_is_never_shown_to_anybody() -> None:
    with pytest.raises(ValueError, match="who"):
        say("reply-approved")
    with pytest.raises(LookupError):
        say("reply-nothing")
