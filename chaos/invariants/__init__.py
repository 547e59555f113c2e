"""What must be true at the end; an invariant's docstring is its name in the report."""

from collections.abc import Callable, Iterator

from chaos.facts import Facts
from chaos.invariants import decisions, messages, outcomes, prospects, records, register

Check = Callable[[Facts], Iterator[str]]

CHECKS: dict[str, Check] = {
    str(check.__doc__).rstrip("."): check
    for check in (
        decisions.submissions,
        decisions.corrections,
        decisions.decisions,
        decisions.policy,
        decisions.handovers,
        decisions.clicks,
        decisions.told_the_truth,
        prospects.prospects,
        outcomes.payments,
        outcomes.workflows,
        messages.approvers_messages,
        messages.colleagues,
        messages.twins,
        messages.requesters,
        messages.never_ahead,
        messages.vain_decisions,
        register.numbers,
        register.export,
        records.outbox,
        records.audit,
        records.trail,
        records.receipts,
        records.restored,
        records.secrets,
        records.unforeseen,
    )
}


def violations(facts: Facts) -> dict[str, list[str]]:
    """Check everything; for each invariant list where it does not hold."""
    return {name: list(check(facts)) for name, check in CHECKS.items()}
