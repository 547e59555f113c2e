"""An expense's history in words."""

from datetime import timedelta
from typing import Any, get_args

import pytest
from babel import Locale
from slack_sdk.models.blocks import Block

from bot.block_kit import mrkdwn, sentences
from bot.block_kit.components import Step
from bot.block_kit.history import history_blocks, history_line, history_text
from bot.block_kit.stuck import why_stuck
from bot.domain.audit_events import AuditEntry, Event, Unknown, read_event
from bot.domain.expense import State
from bot.domain.health.stuck import repair
from bot.domain.obstacle import Kind, Obstacle
from tests.support.claims import HOSTILE, NOW, TEXTS, expense, foreign, largest

EN = Locale.parse("en_GB")
MINA, SAM, ADA = "U0MNA5LRT9W", "U0SAM3RVR8X", "U0ADA4KFR7Q"
WHEN = "<!date^1769860800^{date_short_pretty} {time}|2026-01-31 12:00 UTC> · "


def entry(
    event: str, actor: str, detail: str | None = None, state: State = State.CREATED, number: int = 1
) -> AuditEntry:
    at = NOW + timedelta(minutes=number - 1)
    return AuditEntry(
        number=number, at=at, event=read_event(event, detail), actor=actor, state=state
    )


WORDS: list[tuple[AuditEntry, str, str | None]] = [
    (entry("submit", ADA), f"<@{ADA}> submitted it.", None),
    (
        entry("submit", ADA, "<b> & c"),
        f"<@{ADA}> submitted it under the rule “&lt;b&gt; &amp; c”.",
        None,
    ),
    (
        entry("flag", "policy", "duplicate - ABC"),
        "The policy noticed: The same amount, currency and day as expense ABC.",
        None,
    ),
    (entry("justify", ADA, "Two <of> us"), f"<@{ADA}> said to what is unusual:", "Two <of> us"),
    (entry("create", "worker"), "The app began to process it.", None),
    (entry("register_callback", "worker"), "The app asked for a decision.", None),
    (entry("register_callback", "delivery", "Why."), "The app asked for a decision.", None),
    (entry("register_again", "worker"), "The app asked for the decision again.", None),
    (entry("agree", MINA), f"<@{MINA}> approved it; others have to approve it, too.", None),
    (
        entry("agree", MINA, SAM),
        f"<@{MINA}> for <@{SAM}> approved it; others have to approve it, too.",
        None,
    ),
    (entry("decide", MINA, state=State.APPROVED), f"<@{MINA}> approved it.", None),
    (entry("decide", MINA, state=State.REJECTED), f"<@{MINA}> rejected it.", None),
    (
        entry("decide", MINA, "No", State.REJECTED),
        f"<@{MINA}> rejected it. The reason:",
        "No",
    ),
    (
        entry("decide", "policy", state=State.APPROVED),
        "The policy approved it automatically.",
        None,
    ),
    (entry("explain", MINA, "No"), f"<@{MINA}> gave a reason for the rejection:", "No"),
    (entry("withdraw", ADA), f"<@{ADA}> withdrew it.", None),
    (entry("ask", MINA, "Who?"), f"<@{MINA}> asked:", "Who?"),
    (entry("answer", ADA, "We"), f"<@{ADA}> answered:", "We"),
    (
        entry("remind", "policy", f"{MINA} S0LEADS"),
        f"The policy reminded <@{MINA}> and <!subteam^S0LEADS>.",
        None,
    ),
    (entry("nudge", ADA, MINA), f"<@{ADA}> reminded <@{MINA}>.", None),
    (
        entry("escalate", "policy", SAM),
        f"The policy asked <@{SAM}>, too, because it had not been decided.",
        None,
    ),
    (
        entry("forward", MINA, f"{MINA} {SAM} Yours & mine"),
        f"<@{MINA}> forwarded it to <@{SAM}>. The note:",
        "Yours & mine",
    ),
    (
        entry("forward", SAM, f"{MINA} {ADA}"),
        f"<@{SAM}> forwarded it to <@{ADA}> in place of <@{MINA}>.",
        None,
    ),
    (
        entry("reassign", "operator", f"{MINA} {SAM}"),
        f"The people who run this app reassigned it to <@{SAM}> in place of <@{MINA}>.",
        None,
    ),
    (entry("reassign", ADA, f"- {SAM}"), f"<@{ADA}> reassigned it to <@{SAM}>.", None),
    (
        entry("stuck", "policy", "not_asked 0 0 1 C1 is_archived"),
        "The policy found it stuck. Nobody could be asked: the approvers' channel takes no "
        "messages from this app. It goes on once that is fixed; until then, its requester can "
        "withdraw it.",
        None,
    ),
    (entry("free", "policy"), "The policy found that it can be decided again.", None),
    (
        entry("refuse", SAM, "You may not."),
        f"<@{SAM}> could not do something, and was told:",
        "You may not.",
    ),
    (entry("ask_payment", "worker"), "The app asked for the payment.", None),
    (
        entry("ask_payment", "worker", "pay.example.com"),
        "The app asked for the payment.",
        None,
    ),
    (
        entry("await_payment", "delivery"),
        "The app has had no answer about the payment for an hour.",
        None,
    ),
    (
        entry("refuse_payment", "payment system", "INSUFFICIENT_FUNDS"),
        "The payment system refused the payment: insufficient funds.",
        None,
    ),
    (entry("pay", "payment system"), "The payment system paid it.", None),
    (
        entry("pay", "payment system", "TX-<1>"),
        "The payment system paid it. Reference: TX-&lt;1&gt;.",
        None,
    ),
    (entry("pay", "delivery"), "The app recorded it as paid.", None),
    (entry("leave_to_finance", "delivery"), "The app left the payment to finance.", None),
    (
        entry("mark_paid", "operator", "2026-12-03 TX <1>"),
        "The people who run this app marked it as paid on 3 December 2026. "
        "Reference: TX &lt;1&gt;.",
        None,
    ),
    (
        entry("remove_mark", SAM),
        f"<@{SAM}> said that it is not right that it was marked as paid.",
        None,
    ),
    (
        entry("confirm_payment", SAM, "2026-12-03"),
        f"<@{SAM}> confirmed that it was paid on 3 December 2026.",
        None,
    ),
    (
        entry("expire", "temporal"),
        "The app closed it, because the time to decide had run out.",
        None,
    ),
    (
        entry("close", "operator", "Nobody is left"),
        "The people who run this app closed it, as nobody could decide it. The reason:",
        "Nobody is left",
    ),
    (
        entry("retry", "operator"),
        "The people who run this app had what was waiting tried again.",
        None,
    ),
    (
        entry("resend", "operator"),
        "The people who run this app had it posted to the approvers again.",
        None,
    ),
    (
        entry("erase", "operator", "2.detail"),
        "The people who run this app erased what the company need not keep any more: names, texts, "
        "or both.",
        None,
    ),
    (entry("delay", "delivery"), "The app noticed that it was taking longer than usual.", None),
    (
        entry("start_again", "delivery"),
        "The app started the approval again, because its record had been lost.",
        None,
    ),
    (
        entry("settle", "operator", state=State.COMPLETED),
        "The people who run this app recorded it as paid.",
        None,
    ),
    (
        entry("settle", "operator", state=State.CANCELLED),
        "The people who run this app closed it as not to be paid.",
        None,
    ),
    (
        entry("settle", "temporal", "Kept.", State.COMPLETED),
        "The app recorded it as paid.",
        None,
    ),
    (
        entry("cancel", "temporal", "its workflow ended: terminated"),
        "The app closed it, because it had been stopped outside Slack.",
        None,
    ),
    (
        entry("keep_receipt", "delivery", "ab12 <my> taxi.pdf"),
        "The app kept a copy of the receipt “&lt;my&gt; taxi.pdf” (SHA-256 ab12).",
        None,
    ),
    *(
        (
            entry("flaw_receipt", "delivery", f"{flaw} taxi.pdf"),
            f"The app could not keep a copy of the receipt “taxi.pdf” ({why}).",
            None,
        )
        for flaw, why in (
            ("deleted", "it was deleted in Slack before"),
            ("empty", "there is nothing in it"),
            ("too_large", "it is larger than 10 MB"),
            ("wrong_type", "it is neither a PDF nor a picture"),
        )
    ),
    (
        entry("await_receipts", "delivery"),
        "The app waited with the payment for the copies of the receipts.",
        None,
    ),
]


def test_nobody_could_be_asked_names_the_person_who_was_to_be() -> None:
    obstacle = Obstacle(kind=Kind.NOT_ASKED, about=("U0MINA", "cannot_dm_bot"))
    assert "Slack takes no messages to <@U0MINA>." in why_stuck(expense(), obstacle)
    assert "channel" not in why_stuck(expense(), obstacle) + repair(expense(), obstacle)
    assert "cannot_dm_bot of messages to U0MINA" in repair(expense(), obstacle)


@pytest.mark.parametrize(("line", "words", "typed"), WORDS)
def test_every_event_has_its_words(line: AuditEntry, words: str, typed: str | None) -> None:
    assert history_line(line, expense()) == Step(WHEN + words, typed)


def test_every_event_has_its_line_here() -> None:
    known = {kind.stored_as for kind in get_args(Event) if kind is not Unknown}
    assert {line.event.stored_as for line, _, _ in WORDS} == known


def test_an_event_of_another_version_is_shown_as_it_is() -> None:
    line = history_line(entry("<new>", "<part>", "detail"), expense())
    assert line == Step(f"{WHEN}&lt;part&gt; did “&lt;new&gt;”.", "detail")


def test_a_decision_in_somebody_s_place_says_in_whose() -> None:
    decided = expense(State.APPROVED, decided_for=SAM)
    line = history_line(entry("decide", MINA, state=State.APPROVED), decided)
    assert line.sentence == f"{WHEN}<@{MINA}> for <@{SAM}> approved it."


def test_a_payment_after_a_refusal_says_that_it_comes_after_all() -> None:
    paid = expense(State.COMPLETED, payment_refusal="INSUFFICIENT_FUNDS")
    line = history_line(entry("pay", "payment system", state=State.COMPLETED), paid)
    assert line.sentence == f"{WHEN}The payment system paid it after all."


def dicts(built: list[Block]) -> list[dict[str, Any]]:
    return [block.to_dict() for block in built]


@pytest.mark.parametrize("typed", [*HOSTILE, *TEXTS])
def test_what_people_typed_stays_text(typed: str) -> None:
    history = [entry(event, MINA, typed, State.REJECTED) for event in ("decide", "ask", "explain")]
    text = history_text(foreign(expense_id=typed), history, EN)
    tags = [part.split(">")[0] for part in text.split("<")[1:]]
    assert {tag for tag in tags if not tag.startswith("!date^1769")} == {f"@{MINA}"}
    title, *shown = dicts(history_blocks(foreign(expense_id=typed), history))
    assert mrkdwn.escape(typed) in title["text"]["text"]
    plain = {"type": "plain_text", "text": typed, "emoji": False}
    assert [block["text"] for block in shown[1::2]] == [plain] * 3
    assert all(block["text"]["verbatim"] is True for block in shown[::2])


@pytest.mark.parametrize("count", [0, 1, 10, 48, 49, 500])
@pytest.mark.parametrize("typed", [None, "Why?", "&" * 5000])
@pytest.mark.parametrize("item", [expense(), largest(State.REJECTED), foreign()])
def test_a_history_fits_and_says_what_is_missing(item: Any, count: int, typed: str | None) -> None:
    history = [entry("ask", MINA, typed, number=n) for n in range(1, count + 1)]
    text, built = history_text(item, history, EN), history_blocks(item, history)
    assert len(text) <= sentences.MAX_TEXT
    title, *lines = text.split("\n")
    assert sentences.subject(item, EN) in title
    assert_honest(lines, history)
    assert len(built) <= 50
    shown = [block["text"]["text"] for block in dicts(built)]
    assert all(len(text) <= 3000 for text in shown)
    assert_honest([text for text in shown[1:] if " · " in text or "older" in text], history)


def assert_honest(lines: list[str], history: list[AuditEntry]) -> None:
    """What is shown are the newest lines, and the first says how many there were before."""
    left_out = 0
    if lines and lines[0].startswith("… and "):
        left_out = int(lines.pop(0).split()[2])
        assert left_out > 0
    assert left_out + len(lines) == len(history)
    for line, told in zip(lines, history[left_out:], strict=True):
        assert line.startswith(mrkdwn.moment(told.at))


def test_one_line_is_a_line() -> None:
    history = [entry("withdraw", MINA, number=n) for n in range(1, 50)]
    [older] = [
        block["text"]["text"]
        for block in dicts(history_blocks(expense(), history))
        if "older" in block["text"]["text"]
    ]
    assert older == "… and 1 older line"


def test_a_crowd_is_not_named_one_by_one() -> None:
    everybody = " ".join(f"U0CROWD{number:04}" for number in range(1000))
    sentence = history_line(entry("remind", "policy", everybody), expense()).sentence
    assert sentence.endswith("<@U0CROWD0049>, and 950 more.")
    assert len(sentence) < 3000
