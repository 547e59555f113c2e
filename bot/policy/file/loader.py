"""Reads a policy from TOML, and names every mistake with its line."""

import os
from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from bot.domain.approval_plan import Stage
from bot.domain.people.role import Role
from bot.domain.working_hours import WorkingHours
from bot.policy.file.checks import Mistake, Names, check_order, check_policy, check_rule
from bot.policy.file.flags_schema import FlagsTable, flag_rules
from bot.policy.file.schema import (
    CategoryTable,
    DimensionTable,
    PeopleTable,
    PolicyTable,
    RolesTable,
    RuleTable,
    StageTable,
)
from bot.policy.file.schema_types import MAX_NAME
from bot.policy.file.source import PolicyError, decode, one_line, parse, read_file
from bot.policy.file.toml_positions import Place, line_numbers, line_of
from bot.policy.file.words_loader import WordsLoader, categories_of
from bot.policy.rules import Rule, Rulebook

SETTING = "EXPENSE_POLICY"  # stands for the file where there is none
MAX_MISTAKES = 100  # with more, the file is probably no policy
_MISSING = {
    "ask": 'missing; write who is asked, such as ["manager"]',
    "base_currency": 'missing; write the currency of all amounts, such as "EUR"',
    "file": 'missing; write the name of a file, such as "people.csv"',
}
# For pydantic's own types of errors; all others have their words in the schema.
_INSTEAD = {
    "model_type": "write a table with keys and values",
    "string_type": "write it in quotes",
    "time_delta_type": 'write a whole number and s, m, h or d in quotes, such as "72h"',
    "too_long": f"write at most {MAX_NAME} characters",
}


def load_policy(path: Path) -> Rulebook:
    """Read a policy file.

    Raises:
        PolicyError: the file cannot be read, or has mistakes.
    """
    return _load(one_line(path), read_file(path), path.parent)


def read_policy(value: str) -> Rulebook:
    """Read what EXPENSE_POLICY says: the name of a file, or the lines of a policy.

    Raises:
        PolicyError: the file cannot be read, or the policy has mistakes.
    """
    if is_text(value):
        book = _load(SETTING, os.fsencode(value), Path())
    elif "[[" in value:
        raise PolicyError([f"{SETTING}: its line breaks are missing; keep them, or name a file"])
    else:
        book = load_policy(Path(value.strip()))
    return replace(book, written=value)


def is_text(value: str) -> bool:
    """Return whether EXPENSE_POLICY has the lines of a policy, and not the name of a file."""
    return "\n" in value.strip()


def _load(name: str, content: bytes, folder: Path) -> Rulebook:
    text = decode(name, content)
    words = WordsLoader(folder)
    policy, mistakes = _policy(parse(name, text), words)
    lines = line_numbers(text) if mistakes else {}
    placed = sorted((line_of(lines, place), _named(place), said) for place, said in mistakes)
    found = [f"{name}:{line}: {key}{said}" for line, key, said in placed]
    found += [mistake for file in words.files for mistake in file.mistakes]
    if found:
        raise PolicyError(found[:MAX_MISTAKES])
    sources = ((name, content), *((file.name, file.content) for file in words.files))
    return replace(policy, sources=sources)


def _policy(document: dict[str, Any], words: WordsLoader) -> tuple[Rulebook, list[Mistake]]:
    mistakes: list[Mistake] = []
    table = _top(document, mistakes)
    raw = document.get("groups")
    broken = frozenset(raw if isinstance(raw, dict) else ()) - table.groups.keys()
    has_all_categories = bool(table.categories) or not document.get("categories")
    names = Names(
        groups=table.groups,
        unreadable=broken,
        has_managers="managers" in document,
        categories=categories_of(table) if has_all_categories else None,
    )
    own = words.load(table)
    mistakes += words.mistakes
    mistakes += check_policy(table, names)
    hours = table.working_hours
    if hours and table.working_days:
        hours = replace(hours, days=tuple(sorted(set(table.working_days))))
    rules: list[tuple[int, Rule]] = []
    for number, written in enumerate(table.rules):
        place: Place = ("rules", number)
        try:
            rule = RuleTable.model_validate(written)
        except ValidationError as error:
            mistakes += _mistakes(error, place)
            continue
        found = [((*place, *below), words) for below, words in check_rule(rule, names)]
        mistakes += found
        if not found:
            rules.append((number, _rule(rule, table.base_currency, names, hours)))
    if not broken:
        mistakes += check_order(rules)
    rulebook = Rulebook(
        base_currency=table.base_currency,
        rates=table.rates,
        managers=names.ids(table.managers or ()),
        rules=tuple(rule for _, rule in rules),
        roles={role: names.ids(ids) for role in Role if (ids := getattr(table.roles, role))},
        delegates_approve=table.delegates is not None,
        flags=flag_rules(table.flags, table.spot_check, table.working_days),
        words=own,
    )
    return rulebook, mistakes


def _top(document: dict[str, Any], mistakes: list[Mistake]) -> PolicyTable:
    """Read the values above the rules, leaving out those with mistakes."""
    try:
        return PolicyTable.model_validate(document)
    except ValidationError as error:
        mistakes += _mistakes(error, ())
        wrong = {one["loc"][0] for one in error.errors(include_url=False)}
        rest = {key: value for key, value in document.items() if key not in wrong}
        return PolicyTable.model_validate({"base_currency": "EUR"} | rest)


def _mistakes(error: ValidationError, place: Place) -> Iterator[Mistake]:
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        # pydantic adds "[key]" to the place of a mistake in a key.
        where = (*place, *(part for part in one["loc"] if part != "[key]"))
        match one["type"]:
            case "extra_forbidden":
                words = _unknown_key(where)
            case "missing":
                words = _MISSING[str(where[-1])]
            case kind:
                words = _INSTEAD.get(kind) or one["msg"].removeprefix("Value error, ")
        yield where, words


def _unknown_key(where: Place) -> str:
    own, key = _table_of(where), one_line(where[-1])
    if own is not PolicyTable and key in PolicyTable.model_fields:
        return f"{key!r} belongs above the first line in [brackets]"
    if own is StageTable and key in RuleTable.model_fields:
        return f"{key!r} belongs to the whole rule; write it above [[rules.stages]]"
    if own is RuleTable and key in StageTable.model_fields:
        return f"{key!r} belongs to a stage; write it below [[rules.stages]]"
    if close := get_close_matches(key, own.model_fields, 1):
        return f"unknown key {key!r}; did you mean {close[0]!r}?"
    return f"unknown key {key!r}; write one of {', '.join(own.model_fields)}"


def _table_of(where: Place) -> type[BaseModel]:
    """Return the table that an unknown key stands in."""
    match where:
        case ("roles", _):
            return RolesTable
        case ("people", _):
            return PeopleTable
        case ("flags", _):
            return FlagsTable
        case ("categories", _, _):
            return CategoryTable
        case ("dimensions", _, _):
            return DimensionTable
        case ("rules", _, _):
            return RuleTable
        case ("rules", *_):
            return StageTable
    return PolicyTable


def _rule(rule: RuleTable, currency: str, names: Names, hours: WorkingHours | None) -> Rule:
    return Rule(
        name=rule.name or _made_name(rule, currency),
        categories=frozenset(rule.categories or ()),
        requesters=names.ids(rule.requesters or ()),
        stages=tuple(_stage(stage, names, hours) for stage in rule.stages),
        **rule.model_dump(include={"over", "up_to", "monthly_ceiling", "receipt_over", "window"}),
    )


def _stage(stage: StageTable, names: Names, hours: WorkingHours | None) -> Stage:
    return Stage(
        asked=names.ids(stage.ask),
        escalate_to=names.ids(stage.escalate_to or ()),
        working_hours=hours if stage.remind_after else None,
        **stage.model_dump(exclude={"ask", "escalate_to"}),
    )


def _made_name(rule: RuleTable, currency: str) -> str:
    """Return a name for a rule that has none, such as "over 500 EUR in travel"."""
    words = []
    if rule.over is not None:
        words.append(f"over {rule.over:f}")
    if rule.up_to is not None:
        words.append(f"up to {rule.up_to:f}")
    if words:
        words.append(currency)
    if rule.categories:
        words.append(f"in {' or '.join(dict.fromkeys(rule.categories))}")
    if rule.requesters:
        # Names of [groups] say something to people, Slack ids do not.
        named = all(word.startswith("@") for word in rule.requesters) and len(rule.requesters) < 4
        whom = " or ".join(word[1:] for word in rule.requesters) if named else "certain people"
        words.append(f"by {whom}")
    return " ".join(words) or "any expense"


def _named(place: Place) -> str:
    """Return a place as people count, from 1: `rules[2].stages[1].needed: `."""
    parts = ""
    for part in place:
        parts += f"[{part + 1}]" if isinstance(part, int) else f".{one_line(part)}"
    return f"{parts.removeprefix('.')}: " if parts else ""
