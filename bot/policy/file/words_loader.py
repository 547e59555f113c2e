"""Reads a company's own words from the tables of a policy and the files that they name."""

from collections.abc import Iterator
from pathlib import Path

from bot.domain.expense import Category
from bot.domain.words import Dimension, OwnCategory, Words, label_of
from bot.policy.file.csv_files import (
    COLUMNS,
    CsvFile,
    columns_of_people,
    dimension_of,
    people_of,
    read_csv,
)
from bot.policy.file.schema import MAX_CATEGORIES, MAX_DIMENSIONS, DimensionTable, PolicyTable
from bot.policy.file.source import PolicyError
from bot.policy.file.toml_positions import Place

_Mistake = tuple[Place, str]


class WordsLoader:
    """Reads the words of one policy.

    Args:
        folder: to which the names of its files are relative.

    Attributes:
        mistakes: in the policy itself.
        files: that were read, with their own mistakes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.mistakes: list[_Mistake] = []
        self.files: list[CsvFile] = []

    def load(self, table: PolicyTable) -> Words:
        """Read everything, leaving out what has mistakes."""
        categories = {
            key: OwnCategory(
                label=own.label or label_of(key),
                account=own.account or "",
                receipt_over=own.receipt_over,
                asks=tuple(own.asks or ()),
            )
            for key, own in table.categories.items()
        }
        self.mistakes += _check_categories(categories)
        if len(table.dimensions) > MAX_DIMENSIONS:
            words = f"write at most {MAX_DIMENSIONS}; a form takes no more"
            self.mistakes.append((("dimensions",), words))
        dimensions = {key: self._dimension(key, own) for key, own in table.dimensions.items()}
        people = {}
        if table.people:
            known = columns_of_people(dimensions)
            if file := self._read(("people", "file"), table.people.file, "person", known):
                people = dict(people_of(file, dimensions))
        return Words(categories=categories, dimensions=dimensions, people=people)

    def _dimension(self, key: str, table: DimensionTable) -> Dimension:
        place: Place = ("dimensions", key)
        label = table.label or label_of(key)
        if (table.values is None) == (table.file is None):
            words = 'write either values = ["4711"] or file = "cost_centers.csv"'
            self.mistakes.append((place, words))
        if key in COLUMNS:
            words = f"write another name; {key} is a column of the list of people"
            self.mistakes.append((place, words))
        values = table.values or []
        for number, value in enumerate(values):
            if value in values[:number]:
                words = "take it out; it stands there twice"
                self.mistakes.append(((*place, "values", number), words))
        if table.file:
            file = self._read((*place, "file"), table.file, "value", ("value", "name"))
            if file:
                return dimension_of(file, label, is_required=table.required)
        return Dimension(label=label, values=dict.fromkeys(values, ""), is_required=table.required)

    def _read(self, place: Place, name: str, needed: str, known: tuple[str, ...]) -> CsvFile | None:
        try:
            file = read_csv(self._folder / name, needed, known)
        except PolicyError as error:
            self.mistakes += [(place, mistake) for mistake in error.mistakes]
            return None
        self.files.append(file)
        return file


def _check_categories(categories: dict[str, OwnCategory]) -> Iterator[_Mistake]:
    if len(categories) > MAX_CATEGORIES:
        yield ("categories",), f"write at most {MAX_CATEGORIES}; a form takes no more"
    labels: dict[str, str] = {}
    for key, own in categories.items():
        other = labels.setdefault(own.label.casefold(), key)
        if other != key:
            yield ("categories", key), f"write another label; {other} is called {own.label!r}, too"
        for number, ask in enumerate(own.asks):
            if ask in own.asks[:number]:
                yield ("categories", key, "asks", number), "take it out; it is asked for twice"


def categories_of(table: PolicyTable) -> tuple[str, ...]:
    """Return the categories that a policy's rules can name."""
    return tuple(table.categories) or tuple(Category)
