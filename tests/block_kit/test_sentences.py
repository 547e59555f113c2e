"""What people read, as sentences."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from bot import catalogue
from bot.block_kit import command_answers, mrkdwn, sentences, thread_replies
from bot.block_kit.components import Step
from bot.domain.approval_plan import Plan, Progress, Stage
from bot.domain.audit_events import AuditEntry, read_event
from bot.domain.coding import Coding, Detail
from bot.domain.expense import RESUBMITTABLE, Category, Decision, Expense, State
from bot.domain.obstacle import Kind, Obstacle
from bot.domain.people.audience import REQUESTER
from tests.support.claims import HOSTILE, NOW, TEXTS, claim, expense, foreign, largest

EN, DE, FR, JA = (Locale.parse(name) for name in ("en_GB", "de_DE", "fr_FR", "ja"))
MINA, SAM = "U0MNA5LRT9W", "U0SAM3RVR8X"


def entry(event: str, state: State, detail: str | None = None) -> AuditEntry:
    return AuditEntry(number=1, at=NOW, event=read_event(event, detail), actor=MINA, state=state)


def all_texts(item: Expense) -> list[str]:
    """Every text that is made of an expense."""
    texts = [
        sentences.request(item, EN),
        sentences.record(item, EN),
        sentences.acknowledgement(item, EN),
        command_answers.submitted(item, EN),
        command_answers.submitted_otherwise(item, item.claim or claim(), EN),
        sentences.headline(item),
        sentences.overview([item] * 20, EN),
        sentences.too_late(item, "U0SAM3RVR8X"),
        f"{thread_replies.news_for_decider(item)} {sentences.record(item, EN)}",
    ]
    for event in ("decide", "explain"):
        step = thread_replies.reply(entry(event, item.state, item.reason), item, REQUESTER)
        texts.append(step.text if step else "-")
    return texts


def live(text: str) -> list[str]:
    """List what would come alive in a text, but for names and dates."""
    tags = [part.split(">")[0] for part in text.split("<")[1:]]
    return [tag for tag in tags if not tag.startswith(("!date^17", "!date^18"))]


@pytest.mark.parametrize("state", State)
def test_every_text_fits_into_slack_at_its_longest(state: State) -> None:
    for text in [*all_texts(largest(state)), *all_texts(foreign(state))]:
        assert 0 < mrkdwn.units(text) <= sentences.MAX_TEXT


@pytest.mark.parametrize("typed", TEXTS)
@pytest.mark.parametrize("state", [State.CREATED, State.REJECTED])
def test_what_people_typed_stays_text(state: State, typed: str) -> None:
    mine = expense(state, claim=claim(typed), reason=typed)
    for text in [*all_texts(mine), *all_texts(foreign(state, typed))]:
        assert set(live(text)) <= {f"@{MINA}", "@U0ADA4KFR7Q"}
    assert mrkdwn.escape(typed) in sentences.record(mine, EN)
    assert mrkdwn.escape(typed) in sentences.record(foreign(state, typed), EN)


@given(st.text(alphabet=st.sampled_from("&<>a👍")), st.integers(10, 200))
def test_a_quotation_is_escaped_and_no_longer_than_allowed(typed: str, limit: int) -> None:
    quoted = mrkdwn.quote(typed, limit)
    assert mrkdwn.units(quoted) <= limit
    assert not {"<", ">"} & set(quoted)
    for kept in quoted.removesuffix("…").split("&")[1:]:
        assert kept.startswith(("amp;", "lt;", "gt;"))
    if mrkdwn.units(mrkdwn.escape(typed)) <= limit:
        assert quoted == mrkdwn.escape(typed)


@pytest.mark.parametrize("typed", HOSTILE)
def test_escaping_is_slack_s(typed: str) -> None:
    escaped = mrkdwn.escape(typed)
    assert escaped == typed.replace("<", "&lt;").replace(">", "&gt;")
    assert mrkdwn.escape(escaped) == escaped.replace("&", "&amp;")


def test_the_request_holds_every_fact() -> None:
    text = sentences.request(expense(), EN)
    for fact in ("<@U0ADA4KFR7Q>", "€999,999,999.00", "Team lunch", "Equipment", "31 Jan 2026"):
        assert fact in text
    assert "ABCDEFGHIJKL" in text
    assert "<!date^" in text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.APPROVED, ["Approved", f"<@{MINA}>", "<!date^"]),
        (State.REJECTED, ["Rejected", f"<@{MINA}>", "Too expensive"]),
        (State.COMPLETED, ["paid", f"<@{MINA}>"]),
        (State.EXPIRED, ["Expired"]),
        (State.CANCELLED, ["Cancelled"]),
        (State.PAYMENT_FAILED, ["Not paid", "insufficient funds"]),
    ],
)
def test_the_record_says_who_what_when_and_why(state: State, words: list[str]) -> None:
    reason = "Too expensive" if state is State.REJECTED else None
    text = sentences.record(expense(state, reason=reason), EN)
    for fact in (*words, "€999,999,999.00", "Team lunch", "ABCDEFGHIJKL", "<@U0ADA4KFR7Q>"):
        assert fact in text


@pytest.mark.parametrize("state", State)
def test_every_state_has_its_own_headline(state: State) -> None:
    others = {sentences.headline(expense(other)) for other in State if other is not state}
    assert sentences.headline(expense(state)) not in others


def test_an_expense_nobody_decided_says_so() -> None:
    nobody = expense(State.EXPIRED, decided_by=None, decided_at=None, decision=None)
    assert "Nobody decided in time" in sentences.headline(nobody)
    assert "but too late" in sentences.headline(expense(State.EXPIRED))
    assert "<!date" not in sentences.headline(expense(decide_by=None))


@pytest.mark.parametrize(
    ("locale", "money", "day"),
    [
        (EN, "€999,999,999.00", "31 Jan 2026"),
        (DE, "999.999.999,00\N{NO-BREAK SPACE}€", "31.01.2026"),
        (FR, "999\N{NARROW NO-BREAK SPACE}999\N{NARROW NO-BREAK SPACE}999,00", "31 janv. 2026"),
        (JA, "999,999,999.00", "2026/01/31"),
    ],
)
def test_amounts_and_days_are_written_as_the_reader_does(
    locale: Locale, money: str, day: str
) -> None:
    text = sentences.subject(expense(), locale)
    assert money in text
    assert day in text
    assert sentences.day(date(2026, 1, 31), locale) == day


def test_a_moment_is_shown_in_each_reader_s_own_time_zone() -> None:
    assert mrkdwn.moment(datetime(2026, 1, 31, 12, 5, tzinfo=UTC)) == (
        "<!date^1769861100^{date_short_pretty} {time}|2026-01-31 12:05 UTC>"
    )


@pytest.mark.parametrize(
    ("event", "state", "detail", "words"),
    [
        ("register_callback", State.CREATED, None, "with the approvers now"),
        ("decide", State.APPROVED, None, "approved it"),
        ("decide", State.REJECTED, "Too expensive", "submit it again. The reason:"),
        ("decide", State.REJECTED, None, "rejected it. *Edit and resubmit*"),
        ("explain", State.REJECTED, "Too expensive", "gave a reason"),
        ("pay", State.COMPLETED, None, "It is paid"),
        ("pay", State.COMPLETED, "TX <1>", "It is paid. Reference: TX &lt;1&gt;."),
        ("leave_to_finance", State.COMPLETED, None, "Approved; finance pays it."),
        ("confirm_payment", State.COMPLETED, "2026-12-03", "Paid on 3 December 2026."),
        ("refuse_payment", State.PAYMENT_FAILED, "INSUFFICIENT_FUNDS", "insufficient funds"),
        ("expire", State.EXPIRED, None, "ran out"),
        ("cancel", State.CANCELLED, "why", "will not be paid"),
    ],
)
def test_the_requester_is_told_every_step(
    event: str, state: State, detail: str | None, words: str
) -> None:
    told = thread_replies.reply(entry(event, state, detail), expense(state), REQUESTER)
    assert told
    assert words in told.sentence
    assert told.typed == (detail if detail == "Too expensive" else None)


@pytest.mark.parametrize(
    "event",
    ["submit", "create", "refuse", "register_again", "ask_payment", "mark_paid", "remove_mark"],
)
def test_the_requester_is_not_told_what_is_not_theirs_to_know(event: str) -> None:
    line = replace(entry(event, State.CREATED, "detail"), actor="worker")
    assert thread_replies.reply(line, expense(), REQUESTER) is None


def test_a_request_without_a_known_end_promises_none() -> None:
    told = thread_replies.reply(
        entry("register_callback", State.CREATED), expense(decide_by=None), REQUESTER
    )
    assert told == Step("Your expense is with the approvers now.")
    assert sentences.request(expense(decide_by=None), EN).endswith("approve or reject it.")


def test_who_clicked_too_late_is_told_who_was_first() -> None:
    approved, rejected = expense(State.APPROVED), expense(State.REJECTED)
    assert f"has already been approved by <@{MINA}>" in sentences.too_late(approved, "U0SAM")
    assert f"has already been rejected by <@{MINA}>" in sentences.too_late(rejected, "U0SAM")
    assert "has already been approved by you" in sentences.too_late(approved, MINA)
    assert "run out" in sentences.too_late(expense(), "U0SAM")
    expired = expense(State.EXPIRED, decided_by=None)
    assert "not open any more" in sentences.too_late(expired, "U0SAM")
    assert "Expired" in sentences.too_late(expired, "U0SAM")


@pytest.mark.parametrize(
    ("state", "decision", "words"),
    [
        (State.PAYMENT_FAILED, Decision.APPROVED, "the payment was refused: insufficient funds"),
        (State.EXPIRED, Decision.APPROVED, "You approved this expense, but the time to decide"),
        (State.EXPIRED, Decision.REJECTED, "You rejected this expense, but the time to decide"),
        (State.CANCELLED, Decision.REJECTED, "You rejected this expense, but it was"),
    ],
)
def test_who_decided_is_told_when_it_led_nowhere(
    state: State, decision: Decision, words: str
) -> None:
    assert words in thread_replies.news_for_decider(expense(state, decision=decision))


def test_a_list_is_cut_at_whole_lines() -> None:
    assert "You have not submitted" in sentences.overview([], EN)
    lines = sentences.overview([largest(State.CREATED)] * 25, EN).split("\n")
    assert 0 < len(lines) < 25
    assert len({len(line) for line in lines}) == 1
    assert len(sentences.overview([expense()] * 3, EN).split("\n")) == 3


def test_every_category_has_a_word() -> None:
    words = sentences.categories()
    assert set(words) == set(Category)
    assert len(set(words.values())) == len(Category)  # what the catalogue lacks is "Other"


def test_what_the_company_calls_it_is_shown_as_it_was_submitted() -> None:
    center = Detail(key="cost_center", value="4711", label="Cost <center>", name="Marketing")
    guests = Detail(key="attendees", value="Ada & Ben", label="Attendees")
    words = Coding(label="Taxi & bus", account="6673", dimensions=(center,), answers=(guests,))
    taxi = expense(claim=claim(category="taxi", coding=words))
    assert taxi.claim
    shown = (
        "Taxi & bus, spent on 31 Jan 2026 · Cost <center>: 4711 Marketing · Attendees: Ada & Ben"
    )
    assert sentences.particulars(taxi.claim, EN) == shown
    assert mrkdwn.escape(shown) in sentences.request(taxi, EN)
    assert taxi.claim.dimensions == {"cost_center": "4711"}
    assert taxi.claim.answers == {"attendees": "Ada & Ben"}


def test_the_help_is_five_lines_without_what_buttons_do() -> None:
    assert len(catalogue.say("help").splitlines()) == 5
    for word in ("", " submit 42.50 EUR Team lunch", " list", " history ID", " help"):
        assert f"`/expense{word}`" in catalogue.say("help")
    for word in ("status", "withdraw"):
        assert word not in catalogue.say("help")


STAGES = (
    Stage(asked=("S0LEADS", MINA), needed=2, escalate_after=timedelta(hours=1), escalate_to=(SAM,)),
    Stage(asked=("S0FINANCE",)),
)


@pytest.mark.parametrize(
    ("obstacle", "words"),
    [
        (
            "nobody 0 0 1",
            "none of <!subteam^S0LEADS> or <@U0MNA5LRT9W> may, or they have left",
        ),
        (
            "nobody 0 0 1",
            f"{mrkdwn.moment(NOW + timedelta(hours=1))} on, <@{SAM}> can decide it, too",
        ),
        (
            "too_few 0 1 2",
            "2 of <!subteam^S0LEADS> or <@U0MNA5LRT9W> have to approve it, and only 1 can",
        ),
        ("too_few_later 1 0 1", "A later step needs approval by <!subteam^S0FINANCE>"),
        ("not_asked 0 0 1 C1 not_in_channel", "Nobody could be asked"),
        ("newer 1", "Nobody can decide this right now."),
    ],
)
def test_what_is_stuck_says_why_and_what_to_do(obstacle: str, words: str) -> None:
    plan, progress = Plan(rule="the rule", stages=STAGES), Progress(since=NOW)
    mine = expense(plan=plan, progress=progress, obstacle=Obstacle.read(obstacle))
    for text in (sentences.acknowledgement(mine, EN), sentences.record(mine, EN)):
        assert "*Stuck.*" in text
        assert words in text
        assert "its requester can withdraw it" in text
    told = thread_replies.reply(entry("stuck", State.CREATED, obstacle), mine, REQUESTER)
    assert told
    assert words in told.text
    decided = replace(mine, state=State.APPROVED, decided_by=MINA)
    assert "Stuck" not in sentences.record(decided, EN)


REGISTERED = entry("register_callback", State.CREATED)
STUCK = replace(entry("stuck", State.CREATED, "nobody 0 0 1"), number=2)
FREED = replace(entry("free", State.CREATED), number=3)


@pytest.mark.parametrize(
    ("changes", "is_asked", "told"),
    [
        ({}, True, [1, 2, 3]),
        ({}, False, []),  # it waits, and what came after it, too
        ({"obstacle": Obstacle(kind=Kind.NOBODY)}, False, [2]),
        ({"obstacle": Obstacle(kind=Kind.NOBODY)}, True, [2]),
        ({"state": State.EXPIRED}, False, [2]),
        ({"state": State.EXPIRED}, True, [1, 2, 3]),
        ({"plan": Plan(rule="small")}, False, [1, 2, 3]),
    ],
)
def test_that_approvers_are_asked_is_told_when_one_of_them_is(
    changes: dict[str, Any], is_asked: bool, told: list[int]
) -> None:
    known = thread_replies.known([REGISTERED, STUCK, FREED], expense(**changes), is_asked=is_asked)
    assert [line.number for line in known] == told


@pytest.mark.parametrize("state", [*State])
def test_nobody_reads_that_it_is_asked_again_when_that_one_is_closed(state: State) -> None:
    said = command_answers.asked_again(expense(state))
    assert said.startswith("Asked again,") != (state in RESUBMITTABLE)
