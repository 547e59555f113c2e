"""Checks of a policy file that need several of its values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.approval_plan import USUAL_REMINDERS, Stage
from bot.domain.expense import Category
from bot.domain.people.role import Role
from bot.domain.people.slack_ids import is_group
from bot.policy.enough import are_enough
from bot.policy.file.schema import PolicyTable, RuleTable, StageTable
from bot.policy.file.schema_types import MAX_STAGES
from bot.policy.file.toml_positions import Place
from bot.policy.rules import MANAGER, Rule, Rulebook

Mistake = tuple[Place, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names of a policy file, and the Slack ids that they mean."""

    groups: Mapping[str, Sequence[str]]  # lists of Slack ids by their names under [groups]
    unreadable: frozenset[str] = frozenset()  # names under [groups] whose lists have mistakes
    has_managers: bool = False  # whether the file has `managers`
    categories: Sequence[str] | None = tuple(Category)  # None if they have mistakes

    def ids(self, written: Sequence[str]) -> tuple[str, ...]:
        """Return the Slack ids that ids and @names mean, each once."""
        found: list[str] = []
        for word in written:
            found += self.groups.get(word[1:], ()) if word.startswith("@") else [word]
        return tuple(dict.fromkeys(found))

    def people(self, written: Sequence[str]) -> frozenset[str] | None:
        """Return the users that ids and @names mean; None if only Slack knows them all."""
        ids = self.ids(written)
        is_open = any(word[1:] in self.unreadable for word in written)
        return None if is_open or any(map(is_group, ids)) else frozenset(ids)

    def unknown(self, place: Place, written: Sequence[str] | None) -> Iterator[Mistake]:
        """Return a mistake for each @name that is not under [groups]."""
        known = {*self.groups, *self.unreadable}
        for number, word in enumerate(written or ()):
            if word.startswith("@") and word[1:] not in known:
                yield (*place, number), f"write {word[1:]} = [...] with ids under [groups], too"


def check_policy(policy: PolicyTable, names: Names) -> Iterator[Mistake]:
    """Return the mistakes above the rules."""
    yield from names.unknown(("managers",), policy.managers)
    for role in Role:
        yield from names.unknown(("roles", role), getattr(policy.roles, role))
    if policy.working_days and not policy.working_hours:
        yield ("working_days",), 'write working_hours, too, such as "09:00-17:00"'
    for code in policy.rates:
        if code == policy.base_currency:
            yield ("rates", code), "leave it out; it is the base currency"


def check_rule(rule: RuleTable, names: Names) -> Iterator[Mistake]:
    """Return the mistakes in one rule, with places relative to it."""
    for key, most in (("up_to", rule.up_to), ("monthly_ceiling", rule.monthly_ceiling)):
        if rule.over is not None and most is not None and most <= rule.over:
            yield (key,), f"write more than {rule.over:f}, which is over"
    yield from names.unknown(("requesters",), rule.requesters)
    for number, category in enumerate(rule.categories or ()):
        if names.categories is not None and category not in names.categories:
            yield ("categories", number), f"write one of {', '.join(names.categories)}"
    if rule.approve and rule.stages:
        yield ("approve",), "leave it out, or all [[rules.stages]]; nobody is asked with it"
    if not rule.approve and not rule.stages:
        yield (), 'write approve = "automatically", or [[rules.stages]] with who is asked'
    if rule.monthly_ceiling is not None and not rule.approve:
        yield ("monthly_ceiling",), 'write approve = "automatically", too, or leave it out'
    if len(rule.stages) > MAX_STAGES:
        yield ("stages", MAX_STAGES), f"write at most {MAX_STAGES} stages"
        return
    found: list[Mistake] = [
        (("stages", number, *place), words)
        for number, stage in enumerate(rule.stages)
        for place, words in _check_stage(stage, rule.window, names)
    ]
    yield from found
    if not found:
        yield from _check_people(rule.stages, names)


def _check_stage(stage: StageTable, window: timedelta | None, names: Names) -> Iterator[Mistake]:
    yield from names.unknown(("ask",), stage.ask)
    yield from names.unknown(("escalate_to",), stage.escalate_to)
    if MANAGER in stage.ask and not names.has_managers:
        yield ("ask", stage.ask.index(MANAGER)), "write managers = [...] at the top, too"
    people = names.people(stage.ask)
    # Without people, an unknown name was the mistake.
    if people is not None and stage.needed > len(people) > 0:
        yield ("needed",), f"write at most {len(people)}; no more people are asked here"
    if stage.remind_after is None:
        for key in ("remind_every", "remind_at_most"):
            if key in stage.model_fields_set:
                yield (key,), 'write remind_after, too, such as "24h", or leave it out'
    elif stage.remind_every is None and "remind_at_most" in stage.model_fields_set:
        yield ("remind_at_most",), 'write remind_every, too, such as "24h", or leave it out'
    if stage.escalate_after is not None and stage.escalate_to is None:
        yield ("escalate_after",), "write escalate_to, too, with who may decide from then on"
    if stage.escalate_to is not None and stage.escalate_after is None:
        yield ("escalate_to",), 'write escalate_after, too, such as "48h"'
    others = set(names.ids(stage.escalate_to or ()))
    if others and others <= set(names.ids(stage.ask)):
        yield ("escalate_to",), "name somebody who is not asked already"
    if window is not None:
        most = stage.remind_at_most if "remind_at_most" in stage.model_fields_set else None
        for key, words in _never_comes(stage, most, window, "the rule's window"):
            yield (key,), words


def _never_comes(
    stage: StageTable | Stage, most: int | None, window: timedelta, name: str
) -> Iterator[tuple[str, str]]:
    """Return what a stage would do only after its decision window, by key, and what to write.

    Args:
        most: the number of reminders that somebody wrote; None for the usual one.
        name: what people call it.
    """
    for key, after in (
        ("remind_after", stage.remind_after),
        ("escalate_after", stage.escalate_after),
    ):
        if after is not None and after >= window:
            yield key, f"write less than {name}; nobody is asked any more by then"
    first, every = stage.remind_after, stage.remind_every
    if first is None or every is None or first >= window:
        return
    count = -((first - window) // every)
    if count < 2:
        yield "remind_every", f"write less, or leave it out; a second reminder comes after {name}"
    elif most is not None and most > count:
        yield "remind_at_most", f"write at most {count}; more would come after {name}"


def check_usual_window(rulebook: Rulebook, window: timedelta) -> Iterator[str]:
    """Return a line for each reminder and escalation that comes after EXPENSE_DECISION_WINDOW."""
    for number, rule in enumerate(rulebook.rules, start=1):
        for stage_number, stage in enumerate(rule.stages if rule.window is None else (), start=1):
            most = stage.remind_at_most if stage.remind_at_most != USUAL_REMINDERS else None
            for key, words in _never_comes(stage, most, window, "EXPENSE_DECISION_WINDOW"):
                yield f"rules[{number}].stages[{stage_number}].{key}: {words}"


def _check_people(stages: Sequence[StageTable], names: Names) -> Iterator[Mistake]:
    """Return the first stage for which too few people are left, as nobody approves twice."""
    known: list[tuple[frozenset[str], int]] = []
    for number, stage in enumerate(stages):
        people = names.people([*stage.ask, *(stage.escalate_to or ())])
        if people is not None:
            known.append((people, stage.needed))
        if not are_enough(known):
            yield (
                ("stages", number, "ask"),
                "name more people; nobody agrees twice, and too few are left here",
            )
            return


def check_order(rules: Sequence[tuple[int, Rule]]) -> Iterator[Mistake]:
    """Return the rules that never match because an earlier rule covers them.

    Args:
        rules: each with its number in the file, from 0.
    """
    for place, (number, later) in enumerate(rules):
        for earlier_number, earlier in rules[:place]:
            is_last = earlier.stages or earlier.monthly_ceiling is None
            if is_last and earlier.covers(later):
                words = f"rules[{earlier_number + 1}], {earlier.name!r}"
                yield (
                    ("rules", number),
                    f"never matches, as {words} comes first; move it up, or leave it out",
                )
                break
