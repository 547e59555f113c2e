"""Everything that is shown fits into Slack, under every policy that can be loaded."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from babel import Locale
from hypothesis import example, given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.block_kit import (
    bulk_approval,
    command_answers,
    history,
    message_blocks,
    modals,
    sentences,
    thread_replies,
)
from bot.block_kit.components import paragraphs, plain, section, weight
from bot.block_kit.flags import why_modal
from bot.block_kit.forms import expense_modal, handover_modal
from bot.block_kit.home_tab import Home, home_view
from bot.block_kit.mrkdwn import clip, escape, quote, units
from bot.domain import audit_events as events
from bot.domain.approval_plan import Approval, Plan, Progress, Stage
from bot.domain.audit_events import AuditEntry, Event
from bot.domain.errors import AlreadyAgreed
from bot.domain.expense import Expense, Receipt, State
from bot.domain.flags.flag import Flag
from bot.domain.flags.flag import Kind as FlagKind
from bot.domain.flags.judging import MOST_NAMED
from bot.domain.handover import HandedOver, Handover
from bot.domain.inbox import Asked, Month, Page, Stuck, Tally
from bot.domain.obstacle import Kind, Obstacle
from bot.domain.payments.payment import PaidOn
from bot.domain.people.audience import REQUESTER, approvers
from bot.domain.people.locale import make_reader
from bot.domain.recorded import Recorded
from bot.domain.text import length, pieces, shorten
from bot.policy.file.loader import load_policy
from bot.policy.rules import Rule
from bot.slack.listeners.interactions import explain
from sandbox.slack.block_kit import check_blocks, check_view
from sandbox.slack.block_kit import units as slack_units
from sandbox.slack.block_kit import weight as slack_weight
from sandbox.slack.web_api.chat import ALL_TEXTS_LENGTH, TEXT_LENGTH
from tests.support.claims import NOW, claim, expense, foreign

READER = make_reader("fr-FR", "Europe/Paris")
ODD = st.text(st.sampled_from("a&<>é👍🏽漢"), min_size=1, max_size=60).filter(str.strip)
ODDEST = ("a" * 60, "&" * 60, "<" * 60, "👍" * 60)


def person(number: int) -> str:
    return f"U{number:030}"


def group(number: int) -> str:
    return f"S{number:030}"


def text_of(policy: dict[str, Any]) -> str:
    """Write a policy as its file."""
    rules = policy.pop("rules")
    groups = policy.pop("groups")

    def lines(table: dict[str, Any]) -> Iterator[str]:
        for key, value in table.items():
            yield f"{key} = {json.dumps(value, ensure_ascii=False)}"

    parts = [*lines(policy), "[groups]", *lines(groups)]
    for rule in rules:
        stages = rule.pop("stages")
        parts += ["[[rules]]", *lines(rule)]
        for stage in stages:
            parts += ["[[rules.stages]]", *lines(stage)]
    return "\n".join(parts)


def policy(name: str | None, stages: int, asked: int, needed: int, escalated: int) -> str:
    """Write a policy that names as many as it may, under names that are as long as they may be."""
    crowd = "c" * 40
    whom = [*map(person, range(asked - 2)), f"@{crowd}", group(1)]
    stage: dict[str, Any] = {"ask": whom, "needed": needed}
    if escalated:
        stage |= {
            "escalate_after": "1h",
            "escalate_to": [*map(person, range(200, 200 + escalated))],
        }
    rule: dict[str, Any] = {"over": 10, "up_to": 999999999, "stages": [stage] * stages}
    rule["categories"] = ["meals", "travel", "lodging", "equipment", "software"]
    if name:
        rule["name"] = name
    return text_of(
        {
            "base_currency": "EUR",
            "groups": {crowd: [*map(person, range(100, 200))]},
            "rules": [dict(rule, stages=[dict(one) for one in rule["stages"]])],
        }
    )


OTHERS = tuple(f"ABCDEFGHIJ{n:02}" for n in range(MOST_NAMED))
LINKS = {id: f"https://a-company.slack.com/archives/C0{id}/p1769860800123456" for id in OTHERS}


def loaded(text: str) -> Rule:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "policy.toml")
        file.write_text(text)
        [rule] = load_policy(file).rules
    return rule


def with_approvals(plan: Plan) -> Progress:
    """A plan at whose last stage one approval is missing, everybody standing in for another."""
    given = [
        Approval(person=person(stage * 100 + n), on_behalf_of=person(5000 + n), stage=stage, at=NOW)
        for stage, one in enumerate(plan.stages)
        for n in range(one.needed)
    ]
    last = len(plan.stages) - 1
    handover = Handover(stage=last, of=person(1), to=person(2), by=person(3), at=NOW)
    return Progress(
        stage=last,
        since=NOW,
        approvals=tuple(given[:-1]),
        escalated=True,
        handovers=(handover,),
    )


def checked(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    """Blocks as Slack gets them, if Slack would take them in a message."""
    found = check_blocks(json.loads(json.dumps([block.to_dict() for block in blocks])))
    assert slack_weight(found) == weight(blocks) <= ALL_TEXTS_LENGTH
    return found


def checked_view(view: View, kind: Any = "modal") -> None:
    check_view(json.loads(json.dumps(view.to_dict())), kind)


def all_events(words: str, people: tuple[str, ...]) -> list[Event]:
    found: list[Event] = [events.Unknown(words, words)]
    for kind in Recorded.kinds.values():
        value: Any = words
        if kind in (events.Reminded, events.Nudged, events.Escalated):
            value = people
        if kind in (events.Forwarded, events.Reassigned):
            value = str(HandedOver(person(1), person(2), words))
        if kind in (events.MarkedPaid, events.PaymentConfirmed):
            value = str(PaidOn(date(2026, 12, 3), words[:140]))
        found.append(kind(value) if kind.__dataclass_fields__ else kind())
    return found


def check_messages(item: Expense, locale: Locale) -> None:
    present = approvers(item.progress.stage)
    for body in (
        message_blocks.approval_blocks(item, locale, is_live=True, links=LINKS),
        message_blocks.approval_blocks(item, locale, is_live=False, successor=person(1)),
        message_blocks.requester_blocks(item, locale),
        [
            section(thread_replies.news_for_decider(item)),
            *message_blocks.record_blocks(item, locale),
        ],
        message_blocks.list_blocks(item, locale),
    ):
        checked(body)
    for text in (
        message_blocks.approval_message(item, locale, present, links=LINKS)[0],
        sentences.record(item, locale),
        sentences.acknowledgement(item, locale),
        command_answers.submitted(item, locale),
        command_answers.withdrawn(item, locale),
        sentences.overview([item] * 20, locale),
        sentences.too_late(item, person(1)),
        sentences.already_agreed(item, person(1)),
    ):
        assert 0 < slack_units(text) <= TEXT_LENGTH


def check_threads(item: Expense, words: str, people: tuple[str, ...], locale: Locale) -> None:
    entries = [
        AuditEntry(number=n, at=NOW, event=event, actor=person(n), state=item.state)
        for n, event in enumerate(all_events(words, people))
    ]
    for entry in entries:
        for audience in (REQUESTER, approvers(item.progress.stage)):
            if step := thread_replies.reply(entry, item, audience):
                checked(step.body)
                assert slack_units(step.text) <= TEXT_LENGTH
    checked(history.history_blocks(item, entries * 3))
    assert slack_units(history.history_text(item, entries * 3, locale)) <= TEXT_LENGTH


def check_views(item: Expense, words: str) -> None:
    much = Month(Tally(9), Tally(9), Tally(9))
    obstacle = Obstacle(kind=Kind.TOO_FEW, stage=item.progress.stage, left=19, needed=20)
    items = [replace(item, id=f"{n}{item.id[1:]}") for n in range(10)]
    waiting = Page(items=tuple(Asked(one, person(3)) for one in items), number=9, total=1000)
    mine = Page(items=tuple(items), number=9, total=1000)
    stuck = [Stuck(replace(one, obstacle=obstacle), (person(1),)) for one in items * 2]
    home = Home(person=person(1), mine=mine, asked=much, waiting=waiting, decided=much, stuck=stuck)
    checked_view(home_view(home, READER), "home")
    choices = [bulk_approval.Choice(one.id, "*€42.50*", "x" * 75) for one in items]
    told = explain(AlreadyAgreed("Others have to agree.", item), person(1))
    outcomes = [bulk_approval.Outcome(choice, told) for choice in choices]
    checked_view(bulk_approval.results_modal(outcomes))
    assert slack_units(bulk_approval.results_text(outcomes)) <= TEXT_LENGTH
    checked_view(modals.notice_modal("Expenses", told))
    checked_view(modals.REJECT.build(item.id))
    if asked := why_modal(replace(item, flag_answer=None)):
        checked_view(asked)
    checked_view(handover_modal.REASSIGN.build(item.id))
    checked_view(modals.ANSWER.build(f"7 {item.id}", above=paragraphs(words)))
    names = {person(n): f"{n} {words}" for n in range(100)}
    previous = item if item.claim else None
    checked_view(expense_modal.expense_modal(READER, names, previous, are_all_known=False))


@settings(max_examples=3)
@given(
    ODD | st.none(),
    st.sampled_from([1, 2, 10]),
    st.sampled_from([3, 10, 100]),
    st.integers(1, 20),
    st.sampled_from([0, 1, 100]),
    st.text(st.sampled_from("a &<👍"), min_size=1, max_size=1000).filter(str.strip),
)
@example("👍" * 60, 10, 100, 20, 100, "&" * 1000)
@example(None, 10, 100, 20, 100, "👍<" * 500)
def test_every_message_of_every_policy_can_be_shown(
    name: str | None, stages: int, asked: int, needed: int, escalated: int, words: str
) -> None:
    rule = loaded(policy(name, stages, asked, needed, escalated))
    plan = Plan(rule=rule.name, stages=rule.stages)
    people = (*rule.stages[0].asked, *rule.stages[0].escalate_to)
    receipts = tuple(
        Receipt(
            id=f"F{n}",
            name=words[:100].strip() or "a",
            permalink=f"https://a.slack.com/{'x' * 2400}" if n % 2 else f"https://a/{'&' * 400}",
            is_picture=True,
        )
        for n in range(5)
    )
    description = words[:500].strip() or "a"
    for state in (State.CREATED, State.REJECTED):
        planned = {
            "plan": plan,
            "progress": with_approvals(plan),
            "reason": words if state is State.REJECTED else None,
            "flags": tuple(Flag(kind=kind, limit="50 EUR", others=OTHERS) for kind in FlagKind),
            "flag_answer": words,
        }
        mine = expense(state, claim=claim(description, receipts=receipts), **planned)
        theirs = replace(foreign(state, words[:200]), **planned)
        obstacle = Obstacle(kind=Kind.TOO_FEW, about=people, left=99, needed=99)
        stuck = replace(theirs, obstacle=obstacle)
        for item in (replace(mine, previous_id="ABCDEFGHIJKL"), theirs, stuck):
            check_messages(item, READER.locale)
        check_threads(theirs, words, people, READER.locale)
    check_views(mine, words)
    check_views(theirs, words)


def test_a_plan_of_fifty_stages_can_be_shown_too() -> None:
    stage = Stage(asked=tuple(map(person, range(100))), needed=20)
    plan = Plan(rule="&" * 60, stages=(stage,) * 50)
    item = expense(plan=plan, progress=with_approvals(plan))
    check_messages(item, READER.locale)
    assert "then 38 more steps" in sentences.why_asked(item)


def test_a_small_policy_is_shown_in_full() -> None:
    stages = [Stage(asked=tuple(person(10 * n + m) for m in range(5)), needed=2) for n in range(5)]
    item = expense(plan=Plan(rule="five of five", stages=tuple(stages)))
    for stage in stages:
        assert all(f"<@{one}>" in sentences.why_asked(item) for one in stage.asked)
    assert "more" not in sentences.why_asked(item)


@pytest.mark.parametrize("typed", ["&" * 1000, "👍" * 1000, "word " * 200, "<" * 999])
def test_a_long_reason_is_shown_to_the_end(typed: str) -> None:
    typed = typed.strip()
    item = expense(State.REJECTED, reason=typed)
    body = checked(message_blocks.approval_blocks(item, READER.locale, is_live=False))
    shown = [block["text"]["text"] for block in body if block["type"] == "section"]
    assert f"Reason: {typed}" in "".join(shown)


@given(st.text(st.sampled_from("a &<>é👍")), st.integers(1, 50))
def test_a_text_is_as_long_as_slack_counts_it_at_worst(typed: str, limit: int) -> None:
    assert length(typed) == slack_units(escape(typed)) >= len(typed)
    for short in (shorten(typed, limit), plain(typed or "a", limit).text):
        assert length(short) <= limit
    if length(typed) <= limit:
        assert shorten(typed, limit) == typed
    assert units(quote(typed, limit)) <= limit
    assert "".join(pieces(typed, max(limit, 5))) == typed
    assert all(length(piece) <= max(limit, 5) for piece in pieces(typed, max(limit, 5)))


@given(
    st.lists(st.sampled_from(["<@U0ADA4KFR7Q>", "&amp;", "<!date^1^{date}|x>", "a", "👍"])),
    st.integers(1, 60),
)
def test_a_sentence_is_never_cut_inside_what_comes_alive(parts: list[str], limit: int) -> None:
    cut = clip("".join(parts), limit)
    assert units(cut) <= limit
    kept = cut.removesuffix("…")
    assert "".join(parts).startswith(kept)
    assert kept.count("<") == kept.count(">")
    assert kept.count("&") == kept.count("&amp;")
