"""Figures, their floors and their targets."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass
class Figure:
    """One measured figure, one value for each round.

    Attributes:
        measure: which measure it belongs to.
        title: what was measured.
        unit: of the values.
        values: one for each round.
        floor: the name of what it is compared with.
        floors: its values, measured in the same rounds.
        target: what the ratio must be, such as "<= 2"; empty if nothing is asked.
        promise: the target in words.
    """

    measure: str
    title: str
    unit: str
    values: list[float] = field(default_factory=list)
    floor: str = ""
    floors: list[float] = field(default_factory=list)
    target: str = ""
    promise: str = ""

    def add(self, value: float, floor: float | None = None) -> None:
        """Add the value and the floor of one round."""
        self.values.append(value)
        if floor is not None:
            self.floors.append(floor)

    @property
    def ratios(self) -> list[float]:
        """The value of each round divided by its own floor."""
        return [v / f for v, f in zip(self.values, self.floors, strict=False) if f]

    @property
    def compared(self) -> float:
        """The median that the target is about: of the ratios, or of the values without a floor."""
        return statistics.median(self.ratios or self.values)

    @property
    def verdict(self) -> str:
        """`reached` or `MISSED`; empty without a target."""
        if not self.target:
            return ""
        sign, limit = self.target.split()
        is_met = self.compared <= float(limit) if sign == "<=" else self.compared >= float(limit)
        return "reached" if is_met else "MISSED"


class Results:
    """Collects figures by title, in the order in which they first came."""

    def __init__(self) -> None:
        self.figures: dict[tuple[str, str], Figure] = {}

    def add(
        self,
        measure: str,
        title: str,
        unit: str,
        value: float,
        floor: tuple[str, float] | None = None,
        target: str = "",
        promise: str = "",
    ) -> None:
        """Add one value of one round; see `Figure` for the arguments."""
        figure = self.figures.setdefault(
            (measure, title),
            Figure(measure, title, unit, [], floor[0] if floor else "", [], target, promise),
        )
        figure.add(value, floor[1] if floor else None)

    def table(self) -> str:
        """Return all figures as a Markdown table."""
        lines = [
            "| measure | figure | median (spread) | floor, same rounds | ratio | target | |",
            "| --- | --- | ---: | --- | ---: | --- | --- |",
        ]
        for figure in self.figures.values():
            floor = (
                f"{figure.floor}: {_number(statistics.median(figure.floors))}"
                if figure.floors
                else ""
            )
            ratio = f"{figure.compared:.2f}×" if figure.floors else ""
            lines.append(
                f"| {figure.measure} | {figure.title} | {_spread(figure.values)} {figure.unit} | "
                f"{floor} | {ratio} | {figure.promise} | {figure.verdict} |"
            )
        return "\n".join(lines)

    def to_json(self, about: dict[str, object]) -> str:
        """Return all values of all rounds as JSON.

        Args:
            about: what is known of the run, such as its date and machine.
        """
        figures = [asdict(figure) for figure in self.figures.values()]
        return json.dumps({"about": about, "figures": figures}, indent=1)


def _spread(values: list[float]) -> str:
    middle = _number(statistics.median(values))
    return (
        f"{middle} ({_number(min(values))}–{_number(max(values))})" if len(values) > 1 else middle
    )


def _number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
