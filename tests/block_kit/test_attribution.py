"""Who did what: with stages, delegates and late ends, nobody is said to do another's deed."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot.block_kit import sentences, thread_replies
from bot.domain.approval_plan import Approval, Plan, Progress, Stage
from bot.domain.audit_events import AuditEntry, read_event
from bot.domain.expense import Decision, Expense, State
from bot.domain.payments.payment import Payment
from bot.domain.people.audience import DECIDER, REQUESTER, approvers
from tests.support.claims import NOW, expense

ADA, MINA, SAM, LEA = "U0ADA4KFR7Q", "U0MNA5LRT9W", "U0SAM3RVR8X", "U0LEA7KPT2V"
AT = "<!date^1769860800^{date_short_pretty} {time}|2026-01-31 12:00 UTC>"
TWO_STAGES = Plan(rule="two", stages=(Stage(asked=(MINA, LEA)), Stage(asked=(SAM, LEA))))
AUTOMATIC = Plan(rule="small")
APPROVED, REJECTED = Decision.APPROVED, Decision.REJECTED
BY_HAND = Payment(
    is_by_hand=True,
    marked_by=SAM,
    paid_on=date(2026, 12, 3),
    reference="<TX 1>",
    confirmed_by=LEA,
)
NOBODY: dict[str, Any] = {"decision": None, "decided_by": None, "decided_at": None}


def in_two_stages(state: State, *, mina_for: str = MINA, **changes: Any) -> Expense:
    """Mina has approved, perhaps for somebody; Sam decided, if anybody did."""
    agreed = Approval(person=MINA, on_behalf_of=mina_for, stage=0, at=NOW)
    progress = Progress(stage=1, since=NOW, approvals=(agreed,))
    values: dict[str, Any] = {"plan": TWO_STAGES, "progress": progress, "decided_by": SAM}
    return expense(state, **(values | changes))


def automatic(state: State, **changes: Any) -> Expense:
    return expense(state, **({"plan": AUTOMATIC, "decided_by": None} | changes))


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (
            in_two_stages(State.REJECTED),
            f"*Rejected* by <@{SAM}>, {AT}. <@{MINA}> had approved it.",
        ),
        (
            in_two_stages(State.REJECTED, decided_for=LEA, mina_for=LEA),
            f"*Rejected* by <@{SAM}> for <@{LEA}>, {AT}. <@{MINA}> for <@{LEA}> had approved it.",
        ),
        (
            in_two_stages(State.APPROVED, decided_for=LEA),
            f"*Approved* by <@{MINA}> and <@{SAM}> for <@{LEA}>, {AT}. Payment",
        ),
        (
            in_two_stages(State.CREATED, **NOBODY),
            f". Approved by <@{MINA}> so far.",
        ),
        (
            in_two_stages(State.WITHDRAWN, decision=Decision.CANCELLED, decided_by=None),
            f"*Withdrawn* by the requester, {AT}. <@{MINA}> had approved it.",
        ),
        (
            in_two_stages(State.EXPIRED, **NOBODY),
            f"*Expired.* It was not decided in time. <@{MINA}> had approved it.",
        ),
        (
            in_two_stages(State.EXPIRED, decision=REJECTED),
            f"It was rejected by <@{SAM}>, {AT}, but too late. <@{MINA}> had approved it.",
        ),
        (
            in_two_stages(State.EXPIRED, decision=APPROVED),
            f"It was approved by <@{MINA}> and <@{SAM}>, {AT}, but too late.",
        ),
        (
            in_two_stages(State.CANCELLED, decision=APPROVED, delivered_at=NOW),
            f"stopped outside Slack. It had been approved by <@{MINA}> and <@{SAM}>, {AT}.",
        ),
        (
            in_two_stages(State.CANCELLED, **NOBODY),
            f"It was stopped outside Slack. <@{MINA}> had approved it.",
        ),
        (
            in_two_stages(State.CANCELLED, **NOBODY | {"decided_at": NOW}),
            f"*Cancelled* by the people who run this app, {AT}. <@{MINA}> had approved it.",
        ),
        (
            in_two_stages(
                State.CANCELLED, decision=APPROVED, delivered_at=NOW, payment_asked_at=NOW
            ),
            "*Cancelled* by the people who run this app. It had been approved by "
            f"<@{MINA}> and <@{SAM}>, {AT}.",
        ),
        (in_two_stages(State.PAYMENT_FAILED), f"Approved by <@{MINA}> and <@{SAM}>, {AT}. The"),
        (
            automatic(State.EXPIRED),
            f"*Expired.* It was approved automatically, {AT}, but too late.",
        ),
        (automatic(State.COMPLETED, payment_asked_at=NOW), "*Paid.* Approved automatically"),
        (automatic(State.COMPLETED), "*Recorded as paid.* Approved automatically"),
        (
            automatic(State.COMPLETED, payment=Payment(is_by_hand=True, marked_by=SAM)),
            "*Approved; finance pays it.* Approved automatically",
        ),
        (
            automatic(State.COMPLETED, payment=BY_HAND),
            f"*Paid on 3 December 2026.* Approved automatically, {AT}. Reference: &lt;TX 1&gt;.",
        ),
        (
            automatic(State.COMPLETED, payment=replace(BY_HAND, is_by_hand=False)),
            f"*Paid.* Approved automatically, {AT}. Reference: &lt;TX 1&gt;.",
        ),
        (
            automatic(State.CANCELLED, delivered_at=NOW),
            f"It had been approved automatically, {AT}.",
        ),
        (expense(State.EXPIRED, **NOBODY), "*Expired.* Nobody decided in time."),
        (expense(State.CANCELLED, **NOBODY), "*Cancelled.* It was stopped outside Slack."),
    ],
)
def test_a_headline_names_who_did_what(item: Expense, words: str) -> None:
    headline = sentences.headline(item)
    assert words in headline
    assert headline.endswith(words) or item.state in (
        *(State.APPROVED, State.COMPLETED, State.PAYMENT_FAILED),
    )


@pytest.mark.parametrize(
    ("item", "reader", "words"),
    [
        (in_two_stages(State.REJECTED), MINA, f"has already been rejected by <@{SAM}>, {AT};"),
        (in_two_stages(State.REJECTED), SAM, "has already been rejected by you, "),
        (
            in_two_stages(State.APPROVED, decided_for=LEA),
            LEA,
            f"has already been approved by <@{SAM}> for you, ",
        ),
        (
            in_two_stages(State.APPROVED, decided_for=LEA),
            SAM,
            f"has already been approved by you for <@{LEA}>, ",
        ),
        (automatic(State.CREATED, decision=None, decided_at=None), SAM, "is approved automaticall"),
        (expense(State.SUBMITTED), SAM, "Nobody can decide this expense yet"),
    ],
)
def test_who_comes_too_late_reads_who_was_first(item: Expense, reader: str, words: str) -> None:
    said = sentences.too_late(item, reader)
    assert said.startswith(words) or words in said
    assert "run out" not in said


def test_who_approves_twice_reads_who_approved() -> None:
    own, for_lea = (in_two_stages(State.CREATED, mina_for=whose, **NOBODY) for whose in (MINA, LEA))
    missing = f"It still needs one more approval by <@{SAM}>"
    assert sentences.already_agreed(own, MINA) == (
        f"You have approved this already, thank you. {missing} or <@{LEA}>."
    )
    # Mina's approval for Lea is Lea's, who is not asked for another.
    assert sentences.already_agreed(for_lea, MINA).startswith("You have approved this already")
    assert sentences.already_agreed(for_lea, LEA) == (
        f"<@{MINA}> has approved this for you already. {missing}."
    )


def told(event: str, actor: str, item: Expense, detail: str | None = None) -> str:
    step = thread_replies.reply(line(event, actor, item, detail), item, REQUESTER)
    assert step
    return step.sentence


def line(event: str, actor: str, item: Expense, detail: str | None = None) -> AuditEntry:
    at = NOW + timedelta(minutes=1)
    return AuditEntry(
        number=1, at=at, event=read_event(event, detail), actor=actor, state=item.state
    )


@pytest.mark.parametrize(
    ("event", "actor", "item", "words"),
    [
        (
            "agree",
            MINA,
            in_two_stages(State.CREATED),
            f"<@{MINA}> for <@{LEA}> approved it. Others",
        ),
        (
            "decide",
            SAM,
            in_two_stages(State.APPROVED, decided_for=LEA),
            f"<@{SAM}> for <@{LEA}> approved it.",
        ),
        (
            "decide",
            SAM,
            in_two_stages(State.REJECTED, decided_for=LEA),
            f"<@{SAM}> for <@{LEA}> rejected it. *Edit and resubmit*",
        ),
        ("escalate", "policy", in_two_stages(State.CREATED), "It has not been decided yet, so"),
        (
            "expire",
            "temporal",
            in_two_stages(State.EXPIRED),
            f"It was approved by <@{MINA}> and <@{SAM}>, {AT}, but too late. *Ask again*",
        ),
        (
            "expire",
            "temporal",
            in_two_stages(State.EXPIRED, **NOBODY),
            "The time to decide ran out, so it will not be paid.",
        ),
        (
            "pay",
            "payment system",
            expense(State.COMPLETED, payment_refusal="LIMIT"),
            "It is paid after all.",
        ),
        (
            "refuse_payment",
            "payment system",
            expense(State.COMPLETED, payment_refusal="LIMIT"),
            "It was approved, but the payment was refused: limit.",
        ),
        ("await_payment", "delivery", expense(State.APPROVED), "whether this is paid"),
    ],
)
def test_the_requester_reads_who_did_what(
    event: str, actor: str, item: Expense, words: str
) -> None:
    detail = {"agree": LEA, "escalate": LEA, "refuse_payment": "LIMIT"}.get(event)
    assert words in told(event, actor, item, detail)


def test_who_decided_in_vain_reads_what_happened_to_their_decision() -> None:
    stopped = expense(State.CANCELLED)
    assert thread_replies.news_for_decider(stopped).endswith("so it will not be paid.")
    stopped = replace(stopped, delivered_at=NOW)
    assert thread_replies.news_for_decider(stopped).endswith(
        "stopped outside Slack before it was paid."
    )
    settled = replace(stopped, payment_asked_at=NOW)
    assert thread_replies.news_for_decider(settled).endswith("closed it, because it was not paid.")
    paid = expense(State.COMPLETED, payment_refusal="LIMIT")
    for how in (paid, expense(State.COMPLETED)):  # after a refusal, and after a workflow's end
        assert thread_replies.news_for_decider(how).endswith("It is paid after all.")
    for event in ("pay", "settle"):
        news = thread_replies.reply(line(event, "payment system", paid), paid, DECIDER)
        assert news
        assert "paid after all" in news.sentence
    # Their message says the rest, and the approvers' message says this.
    assert thread_replies.reply(line("refuse_payment", "x", paid), paid, DECIDER) is None
    assert thread_replies.reply(line("pay", "payment system", paid), paid, approvers(0)) is None
