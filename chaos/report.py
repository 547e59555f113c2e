"""The table at the end, and the lines while it runs."""

from collections import Counter
from collections.abc import Mapping, Sequence

from chaos.facts import Facts
from chaos.schedule import STEPS

_SHOWN = 5


def tables(
    facts: Facts, found: Mapping[str, Sequence[str]], missed: Sequence[str], seconds: float
) -> str:
    """Return the report: what happened, and the violations.

    Args:
        facts: the state at the end.
        found: the violations of each invariant.
        missed: named steps at which nobody could be caught.
        seconds: how long it took.
    """
    logbook = facts.logbook
    states = Counter(row["state"] for row in facts.expenses.values())
    acts = Counter(str(act.what) for act in logbook.acts)
    lost = sum(not act.is_acknowledged for act in logbook.acts)
    corrected = sum(act.is_answer_lost for act in logbook.acts)
    late = Counter(act.error for act in logbook.acts if act.error)
    return "\n".join(
        [
            _table("Expenses", states),
            _table("What people did", acts),
            f"  {lost} of these were not acknowledged, as Slack showed: {dict(late)}",
            "",
            _table("Kills", logbook.kills),
            _table("Kills at named steps", {step: logbook.kills_at[step] for step in STEPS}),
            *([f"  never caught: {', '.join(missed)}", ""] if missed else []),
            _table("Faults", logbook.faults),
            _table("Misfortunes", logbook.misfortunes),
            _table("Answers of the bots", {str(k): v for k, v in logbook.answers.items()}),
            _table("Ended by themselves, and started again", logbook.ends),
            f"Second messages that a click healed: {len(facts.heals)}",
            f"Forms corrected after a late answer: {corrected}",
            f"Receipts that were copied: {sum(map(len, facts.receipts.values()))}",
            f"Expenses of which a restored database knew less: {len(logbook.forgotten)}, and "
            f"nothing: {len(facts.lost)}",
            f"Duration: {seconds:.0f} s",
            "",
            "Invariants and their violations",
            *(line for name, some in found.items() for line in _invariant(name, some)),
            f"  {'all':64}{sum(map(len, found.values())):6}",
        ]
    )


def _invariant(name: str, found: Sequence[str]) -> list[str]:
    more = [f"      … and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    return [f"  {name:64}{len(found):6}", *(f"      {one}" for one in found[:_SHOWN]), *more]


def _table(title: str, figures: Mapping[str, int]) -> str:
    lines = [f"  {name:64}{count:6}" for name, count in sorted(figures.items())]
    return "\n".join([title, *lines, f"  {'together':64}{sum(figures.values()):6}", ""])
