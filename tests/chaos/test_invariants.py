"""Each invariant finds what breaks it, and nothing in a run that lost nothing."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from chaos.facts import Facts, Heal, Workflow
from chaos.invariants import CHECKS, violations
from chaos.logbook import AUTOMATIC, TWO_PEOPLE, WORKFLOW_RESET, Act, PaymentRequest, Start
from tests.chaos.clean_run import ADA, CHANNEL, MINA, NOW, SAM, buttons, clean_run

Spoil = Callable[[Facts], object]

SUBMISSIONS = "Every acknowledged submission is recorded, once"
CORRECTIONS = "A corrected form is one expense, and its person knows which"
DECISIONS = "One decision each, by somebody who may and did"
POLICY = "Two people where the policy wants two, and no more than it gives away"
CLICKS = "Every acknowledged click counted, or its person was told"
TRUTH = "Nobody was told that nothing was changed when it was"
HANDOVERS = "Nobody decided what they had handed over"
COLLEAGUES = "A colleague who has it now can decide it while it waits, and nobody who gave it away"
PAYMENTS = "Every approved expense is paid once, and nothing else"
PROSPECTS = "Somebody can decide each open expense, or it is told as stuck"
WORKFLOWS = "Every workflow ended as its expense did, or waits as it should"
MESSAGES = "No message that is remembered has buttons or old news"
TWINS = "A click heals every message that was posted twice"
REQUESTERS = "The requester was told how it ended"
AHEAD = "The requester read nothing that was not so"
VAIN = "People who decided in vain were told"
OUTBOX = "Nothing is left in the outbox"
AUDIT = "The audit trail tells the whole story"
NUMBERS = "The numbers of expenses have no gap, and none comes twice"
EXPORT = "An export adds up to the record, and to what the payment system paid"
TRAIL = "The audit trail is sealed, and as it was sealed"
RECEIPTS = "Every receipt is kept once, and shown once where it was asked about"
RESTORED = "The operator was told what a restored database lost"
SECRETS = "No secret is in any output"
UNFORESEEN = "No request failed in a way that nobody foresaw (HTTP 500)"


def act(what: str, who: str, expense_id: str, *told: str, acknowledged: bool = True) -> Spoil:
    made = Act(
        who=who,
        what=what,  # type: ignore[arg-type]
        expense_id=expense_id,
        is_acknowledged=acknowledged,
        told=[*told],
    )
    return lambda facts: facts.logbook.acts.append(made)


def row(expense_id: str, **columns: object) -> Spoil:
    return lambda facts: facts.expenses[expense_id].update(columns)


def approved(expense_id: str, *people: str, **columns: object) -> Spoil:
    """Have it approved by the rule that wants two people."""
    progress = json.dumps({"approvals": [{"person": person} for person in people]})
    return row(expense_id, plan=f'{{"rule": "{TWO_PEOPLE}"}}', progress=progress, **columns)


def given_away(*amounts: str) -> Spoil:
    """Have expenses approved automatically for one person."""

    def spoil(facts: Facts) -> None:
        for amount, expense_id in zip(amounts, facts.expenses, strict=False):
            plan = f'{{"rule": "{AUTOMATIC}"}}'
            facts.expenses[expense_id].update(plan=plan, amount=amount)

    return spoil


def receipt(expense_id: str, *, state: str = "KEPT", told: int = 1, shown: int = 1) -> Spoil:
    """Give it a receipt, which is so often copied by its history, and so often shown."""

    def spoil(facts: Facts) -> None:
        facts.expenses[expense_id]["receipts"] = '[{"id": "F1"}]'
        facts.receipts[expense_id] = [{"file_id": "F1", "state": state}]
        entry = facts.audit[expense_id][-1] | {"event": "keep_receipt"}
        facts.audit[expense_id] += [entry] * told
        place = facts.shown[expense_id, "approvers"]
        for number in range(shown):
            reply = {"text": "", "thread_ts": place["ts"], "files": [{"id": f"F2{number}"}]}
            facts.messages[place["channel"], f"{place['ts']}{number}"] = reply

    return spoil


def paid(expense_id: str, key: str = "", **body: object) -> Spoil:
    request = PaymentRequest(
        key=key or expense_id, body={"expense_id": expense_id, **body}, answer="paid"
    )
    return lambda facts: facts.logbook.payment_requests.append(request)


def message(expense_id: str, audience: str, **fields: object) -> Spoil:
    def spoil(facts: Facts) -> None:
        shown = facts.shown[expense_id, audience]
        facts.messages[shown["channel"], shown["ts"]].update(fields)

    return spoil


def workflow(expense_id: str, status: str, result: str) -> Spoil:
    ended = Workflow(f"expense_{expense_id}", expense_id, status, result)
    return lambda facts: facts.workflows.update({ended.id: ended})


def forwarded(expense_id: str, of: str, to: str, has_buttons: bool | None = None) -> Spoil:
    """Have an expense forwarded before it is decided, and its colleague asked."""

    def spoil(facts: Facts) -> None:
        known = facts.expenses[expense_id]
        line = {"event": "forward", "actor": of, "state": "CREATED", "detail": f"{of} {to} Yours"}
        facts.audit[expense_id].insert(3, line)
        known["version"] += 1
        known["progress"] = json.dumps({"handovers": [{"by": of, "of": of, "to": to}]})
        facts.shown[expense_id, f"approvers 0 {to}"] = {"channel": f"D{to}", "ts": "1.1"}
        asks = known["state"] == "CREATED" if has_buttons is None else has_buttons
        blocks = [buttons(expense_id)] if asks else []
        facts.messages[f"D{to}", "1.1"] = {"ts": "1.1", "text": "", "blocks": blocks}
        act("name_colleague", of, expense_id)(facts)

    return spoil


def heal(**fields: object) -> Spoil:
    values = {
        "expense_id": "COMPLETED",
        "is_acknowledged": True,
        "has_buttons": False,
        "state_before": "COMPLETED",
        "state_after": "COMPLETED",
    } | fields
    return lambda facts: facts.heals.append(Heal(**values))  # type: ignore[arg-type]


def tell(expense_id: str, text: str) -> Spoil:
    """Tell the requester something in their thread."""

    def spoil(facts: Facts) -> None:
        shown = facts.shown[expense_id, "requester"]
        reply = {"text": text, "thread_ts": shown["ts"]}
        facts.messages[shown["channel"], f"{shown['ts']}99"] = reply

    return spoil


def never_asked(expense_id: str) -> Spoil:
    """Tell the requester that the approvers have it, and never ask them."""

    def spoil(facts: Facts) -> None:
        tell(expense_id, "Your expense is with the approvers now.")(facts)
        del facts.shown[expense_id, "approvers"]

    return spoil


def corrected(*told: str, is_recorded: bool = False, amount: str = "30") -> Spoil:
    """Have a form sent, and corrected because its first answer was late."""

    def spoil(facts: Facts) -> None:
        first, second = (
            Act(who=ADA, what="submit", expense_id=text, amount=amount, form="V1")
            for text in ("Errand 0", "Errand 99")
        )
        second.is_acknowledged, second.told = True, [*told]
        facts.logbook.acts += [first, second]
        if is_recorded:
            facts.expenses["REJECTED"]["description"] = "Errand 99"

    return spoil


def stuck(expense_id: str, *told: str, is_logged: bool = True) -> Spoil:
    """Have nobody left who can decide it, and tell some of those who have to know."""

    def spoil(facts: Facts) -> None:
        facts.living = frozenset()
        row(expense_id, obstacle="nobody 0 0 1")(facts)
        for text in told:
            tell(expense_id, text)(facts)
        facts.stuck = frozenset({expense_id} if is_logged else ())

    return spoil


def lose(expense_id: str, *, is_named: bool = True) -> Spoil:
    """Have a database restored that is older than an expense."""

    def spoil(facts: Facts) -> None:
        facts.logbook.forgotten[expense_id] = [facts.expenses.pop(expense_id)]
        facts.export = [line for line in facts.export if line["id"] != expense_id]
        for number, left in enumerate(facts.expenses.values(), start=1):
            left["number"] = number  # its number is given once more
        for audience in ("approvers", "requester", "approver"):
            facts.shown.pop((expense_id, audience), None)
        if is_named:
            facts.logbook.named.add(f"expense_{expense_id}")

    return spoil


def stop(expense_id: str) -> Spoil:
    """Have an operator terminate its workflow."""

    def spoil(facts: Facts) -> None:
        facts.logbook.stopped.add(expense_id)
        workflow(expense_id, "TERMINATED", "")(facts)

    return spoil


def forget(thread_text: str) -> Spoil:
    def spoil(facts: Facts) -> None:
        for place, one in [*facts.messages.items()]:
            if thread_text in one["text"]:
                del facts.messages[place]

    return spoil


SPOILT: list[tuple[str, Spoil]] = [
    (SUBMISSIONS, act("submit", ADA, "Errand 99", "Submitted: …")),
    (SUBMISSIONS, act("submit", ADA, "Errand 0", "and nothing was changed")),
    (SUBMISSIONS, row("REJECTED", description="Errand 0")),
    (SUBMISSIONS, row("REJECTED", description="Nobody's")),
    (CORRECTIONS, corrected("Not submitted: too few people")),
    (CORRECTIONS, corrected("You had submitted this already, and that counts: Errand 7")),
    (CORRECTIONS, corrected(is_recorded=True)),
    (CORRECTIONS, corrected(amount="31")),
    (DECISIONS, lambda f: f.audit["COMPLETED"].append(f.audit["COMPLETED"][3])),
    (DECISIONS, row("COMPLETED", decided_by=SAM)),
    (DECISIONS, row("COMPLETED", requester=MINA)),
    (DECISIONS, lambda f: f.logbook.acts.clear()),
    (DECISIONS, lambda f: f.audit["REJECTED"].pop()),
    (DECISIONS, lambda f: f.audit["COMPLETED"][3].update(actor="policy")),
    (DECISIONS, lambda f: f.audit["WITHDRAWN"][-1].update(actor=MINA)),
    (POLICY, approved("COMPLETED", MINA)),
    (POLICY, approved("COMPLETED", MINA, ADA)),
    (POLICY, approved("COMPLETED", MINA, SAM)),
    (POLICY, given_away("30", "30", "0.01")),
    (HANDOVERS, forwarded("COMPLETED", MINA, SAM)),
    (HANDOVERS, lambda f: (forwarded("CREATED", MINA, SAM)(f), f.logbook.acts.pop())),
    (COLLEAGUES, forwarded("CREATED", MINA, SAM, has_buttons=False)),
    (COLLEAGUES, forwarded("REJECTED", SAM, MINA, has_buttons=True)),
    (CLICKS, act("name_colleague", SAM, "CREATED")),
    (CLICKS, act("approve", SAM, "COMPLETED")),
    (CLICKS, act("reject", SAM, "CREATED")),
    (CLICKS, act("submit", ADA, "")),
    (TRUTH, lambda f: [d.told.append("nothing was changed") for d in f.logbook.acts]),
    (PAYMENTS, paid("REJECTED")),
    (PAYMENTS, paid("UNHEARD-OF")),
    (PAYMENTS, paid("COMPLETED", key="another")),
    (PAYMENTS, paid("COMPLETED", amount="1")),
    (PAYMENTS, lambda f: f.logbook.payment_requests.clear()),
    (PAYMENTS, row("COMPLETED", decision="REJECTED")),
    (PAYMENTS, lambda f: [lose("REJECTED")(f), paid("REJECTED")(f)]),
    (PROSPECTS, lambda f: setattr(f, "living", frozenset())),
    (PROSPECTS, lambda f: [approved("CREATED")(f), setattr(f, "living", frozenset({SAM}))]),
    (PROSPECTS, message("CREATED", "approvers", blocks=[])),
    (PROSPECTS, stuck("CREATED")),
    (PROSPECTS, stuck("CREATED", "Nobody can decide this just now", is_logged=False)),
    (WORKFLOWS, workflow("COMPLETED", "RUNNING", "")),
    (WORKFLOWS, workflow("COMPLETED", "COMPLETED", "")),
    (WORKFLOWS, workflow("REJECTED", "COMPLETED", "COMPLETED")),
    (WORKFLOWS, workflow("UNHEARD-OF", "RUNNING", "")),
    (WORKFLOWS, lambda f: f.workflows.pop("expense_REJECTED")),
    (WORKFLOWS, workflow("CREATED", "TERMINATED", "")),
    (WORKFLOWS, lambda f: [f.workflows.clear(), f.logbook.unworked.add("CREATED")]),
    (WORKFLOWS, row("CREATED", decide_by=NOW - timedelta(seconds=1))),
    (
        WORKFLOWS,
        lambda f: f.logbook.starts.update(
            x=Start(expense_id="x", workflow_id="x", is_started=True),
        ),
    ),
    (MESSAGES, message("COMPLETED", "approvers", blocks=[buttons("COMPLETED")])),
    (MESSAGES, message("COMPLETED", "approvers", text="*Approved*")),
    (MESSAGES, message("CREATED", "approvers", blocks=[])),
    (MESSAGES, lambda f: f.messages.pop((CHANNEL, "0.1"))),
    (MESSAGES, lambda f: f.shown.pop(("COMPLETED", "approvers"))),
    (TWINS, heal(has_buttons=True)),
    (TWINS, heal(is_acknowledged=False)),
    (TWINS, heal(state_after="REJECTED")),
    (TWINS, lambda f: f.messages.update({(CHANNEL, "9"): {"text": "", "blocks": [buttons("?")]}})),
    (REQUESTERS, message("COMPLETED", "requester", text="*Approved*")),
    (REQUESTERS, lambda f: f.shown.pop(("COMPLETED", "requester"))),
    (REQUESTERS, forget("It is paid")),
    (REQUESTERS, forget("approved it")),
    (AHEAD, tell("COMPLETED", "the payment was refused")),
    (AHEAD, tell("COMPLETED", "so it will not be paid")),
    (AHEAD, tell("REJECTED", "It is paid.")),
    (AHEAD, never_asked("CREATED")),
    (VAIN, lambda f: f.shown.pop(("EXPIRED", "approver"))),
    (VAIN, lambda f: f.messages.pop(("D0MINA", "1.3"))),
    (NUMBERS, row("COMPLETED", number=None)),
    (NUMBERS, row("COMPLETED", number=99)),
    (NUMBERS, row("COMPLETED", number=2)),
    (EXPORT, lambda f: f.export.pop()),
    (EXPORT, lambda f: f.export[0].update(amount="30.01")),
    (EXPORT, lambda f: f.export[0].update(state="REJECTED")),
    (EXPORT, lambda f: f.export[-1].update(payment="paid")),
    (OUTBOX, row("COMPLETED", due_at=NOW)),
    (OUTBOX, row("CREATED", leased_until=NOW + timedelta(seconds=5))),
    (OUTBOX, row("CREATED", due_at=NOW - timedelta(minutes=1))),
    (OUTBOX, row("REJECTED", delivered_at=None)),
    (RECEIPTS, receipt("CREATED", state="AWAITED", told=0)),
    (RECEIPTS, receipt("CREATED", told=2)),
    (RECEIPTS, receipt("CREATED", shown=0)),
    (RECEIPTS, receipt("COMPLETED", shown=2)),
    (AUDIT, lambda f: f.audit["COMPLETED"].pop()),
    (AUDIT, lambda f: f.audit["COMPLETED"].pop(2)),
    (AUDIT, row("COMPLETED", version=99)),
    (TRAIL, lambda f: f.tampering.append("expense COMPLETED, line 2, was changed")),
    (RESTORED, lose("COMPLETED", is_named=False)),
    (RESTORED, lambda f: f.logbook.doubted.add("CREATED")),
    (SECRETS, lambda f: f.leaks.append("web1.log: abc…")),
    (UNFORESEEN, lambda f: f.logbook.answers.update([500])),
]


def test_a_clean_run_violates_nothing() -> None:
    assert not any(violations(clean_run()).values())


@pytest.mark.parametrize(("invariant", "spoil"), SPOILT)
def test_a_spoilt_run_violates_what_it_spoils(invariant: str, spoil: Spoil) -> None:
    facts = clean_run()
    spoil(facts)
    assert violations(facts)[invariant]


def test_a_receipt_that_is_kept_and_shown_once_is_right() -> None:
    facts = clean_run()
    receipt("CREATED")(facts)
    receipt("REJECTED", shown=0)(facts)  # it was decided before
    assert not any(violations(facts).values())


def test_two_approvals_of_two_people_are_right() -> None:
    facts = clean_run()
    approved("COMPLETED", MINA, SAM)(facts)
    act("approve", SAM, "COMPLETED")(facts)
    given_away("30", "30")(facts)
    facts.expenses["COMPLETED"]["plan"] = None
    assert not any(violations(facts).values())


def test_a_workflow_that_is_set_back_and_comes_too_late_is_right() -> None:
    facts = clean_run()
    workflow("EXPIRED", "FAILED", "ApplicationError: ERROR:INVALID_STATE")(facts)
    assert violations(facts)[WORKFLOWS]
    facts.logbook.misfortunes[WORKFLOW_RESET] += 1
    assert not any(violations(facts).values())


@pytest.mark.parametrize("expense_id", ["COMPLETED", "REJECTED"])
def test_a_workflow_that_is_set_back_when_its_time_is_over_is_right(expense_id: str) -> None:
    facts = clean_run()
    workflow(expense_id, "FAILED", "TimeoutError: activity StartToClose timeout")(facts)
    decided_at = facts.now - timedelta(minutes=2)
    facts.expenses[expense_id]["decided_at"] = decided_at
    facts.expenses[expense_id]["decide_by"] = decided_at + timedelta(seconds=40)
    facts.logbook.set_back_at.append(decided_at + timedelta(seconds=30))
    assert violations(facts)[WORKFLOWS]
    facts.logbook.set_back_at.append(decided_at + timedelta(seconds=50))
    assert not any(violations(facts).values())


def test_a_workflow_that_temporal_lost_after_its_end_is_right() -> None:
    facts = clean_run()
    del facts.workflows["expense_REJECTED"]
    facts.logbook.unworked.add("REJECTED")
    assert not any(violations(facts).values())


@pytest.mark.parametrize("expense_id", ["CREATED", "REJECTED"])
def test_what_is_forwarded_by_somebody_who_does_not_decide_it_is_right(expense_id: str) -> None:
    facts = clean_run()
    forwarded(expense_id, SAM, "U0KIM")(facts)
    assert not any(violations(facts).values())


def test_a_workflow_that_an_operator_stopped_is_right() -> None:
    facts = clean_run()
    stop("CREATED")(facts)
    assert not any(violations(facts).values())


@pytest.mark.parametrize("expense_id", ["COMPLETED", "REJECTED", "CREATED"])
def test_what_a_restored_database_lost_and_the_operator_knows_is_right(expense_id: str) -> None:
    facts = clean_run()
    lose(expense_id)(facts)
    assert not any(violations(facts).values())


def test_a_decision_that_a_restored_database_lost_is_right() -> None:
    facts = clean_run()
    approved("COMPLETED", MINA, SAM)(facts)
    act("approve", SAM, "COMPLETED")(facts)
    facts.logbook.forgotten["COMPLETED"] = [{**facts.expenses["COMPLETED"]}]
    approved("COMPLETED")(facts)
    facts.audit["COMPLETED"][-1]["event"] = "settle"
    del facts.audit["COMPLETED"][3:5]
    row("COMPLETED", version=4)(facts)
    assert not any(violations(facts).values())


def test_a_withdrawal_that_came_when_the_time_was_over_is_right() -> None:
    facts = clean_run()
    workflow("WITHDRAWN", "FAILED", "TimeoutError: activity StartToClose timeout")(facts)
    assert not any(violations(facts).values())
    workflow("REJECTED", "FAILED", "TimeoutError: activity StartToClose timeout")(facts)
    assert violations(facts)[WORKFLOWS]


def test_a_restored_database_may_have_forgotten_whom_it_had_asked() -> None:
    facts = clean_run()
    never_asked("COMPLETED")(facts)
    assert violations(facts)[AHEAD]
    facts.logbook.forgotten["COMPLETED"] = [{**facts.expenses["COMPLETED"]}]
    assert not any(violations(facts).values())


def test_news_that_an_archived_channel_did_not_take_are_right() -> None:
    facts = clean_run()
    message("COMPLETED", "approvers", text="*Approved* by Mina")(facts)
    shown = facts.shown["COMPLETED", "approvers"]
    assert violations(facts)[MESSAGES]
    facts.archived.add((shown["channel"], shown["ts"]))
    assert not any(violations(facts).values())


def test_what_was_paid_before_a_restored_database_had_asked_about_it_is_right() -> None:
    facts = clean_run()
    del facts.shown["COMPLETED", "approvers"]
    assert violations(facts)[MESSAGES]
    facts.logbook.forgotten["COMPLETED"] = [{**facts.expenses["COMPLETED"]}]
    assert not any(violations(facts).values())


def test_what_is_told_as_stuck_is_right() -> None:
    facts = clean_run()
    stuck("CREATED", "Nobody can decide this just now")(facts)
    assert not any(violations(facts).values())


def test_a_corrected_form_whose_person_knows_what_counts_is_right() -> None:
    facts = clean_run()
    corrected("You had submitted this already, and that counts: “Errand 0”")(facts)
    assert not any(violations(facts).values())


def test_every_invariant_is_tried() -> None:
    assert {invariant for invariant, _ in SPOILT} == set(CHECKS)


def test_a_click_that_was_not_acknowledged_promises_nothing() -> None:
    facts = clean_run()
    act("approve", SAM, "COMPLETED", acknowledged=False)(facts)
    act("submit", ADA, "Errand 99", acknowledged=False)(facts)
    assert not any(violations(facts).values())
