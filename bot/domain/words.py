"""A company's own words: its categories, its dimensions, and its list of people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from bot.catalogue import say
from bot.domain.coding import Coding, Detail, answer_field, dimension_field
from bot.domain.errors import InvalidInput
from bot.domain.expense import Category, Claim

_USUAL = frozenset(Category)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCategory:
    """A category that the policy names."""

    label: str
    account: str = ""  # in the company's books; empty if the policy names none
    receipt_over: Decimal | None = None  # larger amounts, in the base currency, need a receipt
    asks: tuple[str, ...] = ()  # what the form asks for besides, such as attendees


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """A field of the company's own, such as its cost centers, with the values that it takes."""

    label: str
    # What people read beside each value; empty where the value says it.
    values: Mapping[str, str]
    is_required: bool = False

    def shown(self, value: str) -> str:
        """Return what people read of a value."""
        return f"{value} {self.values[value]}".rstrip()

    def matching(self, typed: str) -> list[str]:
        """Return the values in which people read every word that somebody typed.

        Those in which words begin so come first; otherwise they keep their order.
        """
        words = typed.casefold().split()
        shown = {value: self.shown(value).casefold() for value in self.values}
        found = [value for value, text in shown.items() if all(word in text for word in words)]
        return sorted(found, key=lambda value: not _begin(words, shown[value].split()))


def _begin(typed: Sequence[str], words: Sequence[str]) -> bool:
    return all(any(word.startswith(one) for word in words) for one in typed)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPerson:
    """What the company's list of people says of somebody."""

    manager: str = ""  # Slack id or e-mail address
    employee_number: str = ""
    # The values of the dimensions that are theirs, by the dimensions' keys.
    dimensions: Mapping[str, str] = field(default_factory=dict)


NOT_LISTED = ListedPerson()


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a policy says beside its rules; each is empty if it does not say it."""

    categories: Mapping[str, OwnCategory] = field(default_factory=dict)
    dimensions: Mapping[str, Dimension] = field(default_factory=dict)
    # By Slack id, or by e-mail address in small letters.
    people: Mapping[str, ListedPerson] = field(default_factory=dict)

    @property
    def names_by_email(self) -> bool:
        """Whether the list of people has an e-mail address somewhere."""
        lines = self.people.items()
        return any("@" in person or "@" in line.manager for person, line in lines)

    def asks(self, category: str) -> tuple[str, ...]:
        """Return what the form asks for besides, in a category."""
        own = self.categories.get(category)
        return own.asks if own else ()

    def coded(self, claim: Claim, person: ListedPerson, manager: str | None) -> Claim:
        """Return what somebody asks for in the company's words of now.

        Args:
            claim: as they filled it in; what it does not say of a dimension is the person's.
            person: what the list of people says of them.
            manager: Slack user id of the manager whom the list names, and who can be asked.

        Raises:
            InvalidInput: a category or value is unknown, or something is missing.
        """
        own = self.categories.get(claim.category)
        if own is None and (self.categories or claim.category not in _USUAL):
            raise InvalidInput("category", say("expense-form-category.missing"))
        given = {one.key: one.value for one in claim.coding.dimensions}
        values = {**person.dimensions, **given}
        dimensions = [
            _detail(key, dimension, values.get(key, ""))
            for key, dimension in self.dimensions.items()
            if values.get(key) or dimension.is_required
        ]
        answers = [_answer(ask, claim.answers.get(ask, "")) for ask in self.asks(claim.category)]
        coding = Coding(
            label=own.label if own else "",
            account=own.account if own else "",
            dimensions=tuple(dimensions),
            answers=tuple(answers),
            employee_number=person.employee_number,
            manager=manager,
        )
        return replace(claim, coding=coding, manager=manager or claim.manager)


def _detail(key: str, dimension: Dimension, value: str) -> Detail:
    if value not in dimension.values:
        raise InvalidInput(dimension_field(key), say("own-field-missing", label=dimension.label))
    return Detail(key=key, value=value, label=dimension.label, name=dimension.values[value])


def label_of(ask: str) -> str:
    """Return how people read what a category asks."""
    return ask[:1].upper() + ask[1:].replace("_", " ")


def _answer(ask: str, answer: str) -> Detail:
    if not answer:
        raise InvalidInput(answer_field(ask), say("own-field-empty", label=label_of(ask)))
    return Detail(key=ask, value=answer, label=label_of(ask))
