"""Block Kit messages, checked as strictly as Slack checks them."""

import json
from dataclasses import replace
from typing import Any

import pytest
from babel import Locale
from slack_sdk.models.blocks import Block

from bot.block_kit import message_blocks, mrkdwn, receipts, thread_replies
from bot.block_kit.components import Step, section
from bot.domain import audit_events
from bot.domain.approval_plan import Progress
from bot.domain.audit_events import AuditEntry
from bot.domain.expense import Expense, Receipt, State
from bot.domain.handover import Handover
from bot.domain.people.audience import REQUESTER, approvers
from bot.domain.people.locale import make_reader
from sandbox.slack.block_kit import check_blocks
from tests.support.claims import HOSTILE, NOW, TEXTS, claim, expense, foreign, largest

EN = Locale.parse("en_GB")


def rendered(built: list[Block]) -> list[dict[str, Any]]:
    """Blocks as Slack gets them, if Slack would take them."""
    return check_blocks(json.loads(json.dumps([block.to_dict() for block in built])))


def all_blocks(item: Expense) -> list[list[dict[str, Any]]]:
    """Everything that is built from an expense."""
    return [
        rendered(message_blocks.approval_blocks(item, EN, is_live=True)),
        rendered(message_blocks.record_blocks(item, EN)),
        rendered(message_blocks.requester_blocks(item, EN)),
        rendered([section(thread_replies.news_for_decider(item))]),
        rendered(Step("Somebody rejected it. The reason:", item.reason).body),
        rendered(message_blocks.list_blocks(item, EN) * 20),
    ]


def texts(built: list[dict[str, Any]], kind: str) -> list[str]:
    """List the texts of one kind: plain_text or mrkdwn."""
    found: list[str] = []

    def walk(item: Any) -> None:
        if isinstance(item, dict):
            if item.get("type") == kind:
                found.append(item["text"])
            for value in item.values():
                walk(value)
        elif isinstance(item, list):
            for value in item:
                walk(value)

    walk(built)
    return found


def buttons(built: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        element for block in built for element in block.get("elements", []) if "value" in element
    ]


@pytest.mark.parametrize("state", State)
def test_slack_takes_every_message_at_its_longest(state: State) -> None:
    for item in (largest(state), foreign(state), foreign(state, "👩‍💻" * 60), expense(state)):
        assert all(all_blocks(item))


@pytest.mark.parametrize("typed", TEXTS)
@pytest.mark.parametrize("state", [State.CREATED, State.REJECTED])
def test_what_people_typed_stands_in_plain_text_only(state: State, typed: str) -> None:
    mine = expense(state, claim=claim(typed), reason=typed)
    for built in [*all_blocks(mine), *all_blocks(foreign(state, typed))]:
        assert not any(typed in text for text in texts(built, "mrkdwn"))
    assert typed in texts(
        rendered(message_blocks.approval_blocks(mine, EN, is_live=True)), "plain_text"
    )
    assert f"Expense {typed}" in texts(
        rendered(message_blocks.approval_blocks(foreign(state, typed), EN, is_live=True)),
        "plain_text",
    )


def test_mrkdwn_is_left_as_it_is_and_typed_colons_are_no_emoji() -> None:
    for built in all_blocks(expense(State.REJECTED, claim=claim(":tada:"), reason=":tada:")):
        for block in built:
            for text in [block.get("text"), *block.get("elements", [])]:
                if text and text["type"] == "mrkdwn":
                    assert text["verbatim"] is True
                elif text and text["type"] == "plain_text" and ":tada:" in text["text"]:
                    assert text["emoji"] is False


def test_an_open_request_has_buttons_that_differ_not_only_in_colour() -> None:
    approve, reject, ask, forward = buttons(
        rendered(message_blocks.approval_blocks(expense(), EN, is_live=True))
    )
    assert (approve["action_id"], reject["action_id"]) == ("approve_expense", "reject_expense")
    assert (approve["text"]["text"], reject["text"]["text"]) == ("Approve", "Reject")
    assert (approve["style"], reject["style"]) == ("primary", "danger")
    assert (ask["action_id"], ask["text"]["text"]) == ("ask_about_expense", "Ask")
    assert "style" not in ask
    assert approve["value"] == reject["value"] == ask["value"] == "ABCDEFGHIJKL"
    assert approve["accessibility_label"] == "Approve expense ABCDEFGHIJKL"
    assert ask["accessibility_label"] == "Ask about expense ABCDEFGHIJKL"
    assert (forward["text"]["text"], forward["value"]) == ("Forward", "ABCDEFGHIJKL")


def test_a_button_carries_a_foreign_id_whole() -> None:
    approve, *_ = buttons(rendered(message_blocks.approval_blocks(foreign(), EN, is_live=True)))
    assert approve["value"] == "&" * 200


def test_nobody_can_ask_a_workflow() -> None:
    shown = buttons(rendered(message_blocks.approval_blocks(foreign(), EN, is_live=True)))
    assert [button["text"]["text"] for button in shown] == ["Approve", "Reject", "Forward"]


@pytest.mark.parametrize("state", [state for state in State if state is not State.CREATED])
def test_a_decided_message_has_no_buttons(state: State) -> None:
    assert not buttons(rendered(message_blocks.approval_blocks(expense(state), EN, is_live=True)))


def handed(of: str, to: str, by: str | None = None) -> Handover:
    return Handover(stage=0, of=of, to=to, by=by or of, at=NOW, is_forwarded=True)


def test_who_handed_it_over_reads_who_has_it_and_has_no_buttons() -> None:
    mina, sam, kim, delegate = "U0MINA", "U0SAM", "U0KIM", "U0DEL"
    progress = Progress(since=NOW, handovers=(handed(mina, sam, by=delegate), handed(sam, kim)))
    item = expense(progress=progress)
    for person, successor in ((mina, kim), (delegate, kim), (sam, kim), (kim, None), (None, None)):
        text, body = message_blocks.approval_message(item, EN, approvers(0, person))
        shown = rendered(body)
        assert bool(buttons(shown)) == (successor is None)
        assert f"Forwarded to <@{kim}> by <@{sam}>." in str(shown)
        said = f"You need not do anything: <@{successor}> has this now."
        assert (said in texts(shown, "mrkdwn")) == (successor is not None)
        assert ("Please approve or reject it" in text) == (successor is None)
    # Later it says how it ended, as everywhere.
    ended = replace(expense(State.APPROVED), progress=progress)
    text, body = message_blocks.approval_message(ended, EN, approvers(0, mina))
    assert "has this now" not in str(rendered(body))
    assert text.startswith(":white_check_mark: *Approved*")


@pytest.mark.parametrize("state", State)
def test_nobody_else_gets_buttons(state: State) -> None:
    _, *others = all_blocks(expense(state))
    mine = {"withdraw_expense", "nudge_approvers", "ask_again", "resubmit_expense"}
    for built in others:
        assert not [button for button in buttons(built) if button["action_id"] not in mine]


@pytest.mark.parametrize("state", State)
def test_a_requester_withdraws_what_is_open_and_resubmits_what_was_not_paid(state: State) -> None:
    shown = buttons(rendered(message_blocks.requester_blocks(expense(state), EN)))
    labels = [button["text"]["text"] for button in shown]
    if state in (State.SUBMITTED, State.CREATED):
        assert labels == ["Withdraw", *(["Remind approvers"] if state is State.CREATED else [])]
        assert shown[0]["confirm"]["title"]["text"] == "Withdraw this expense?"
    elif state in (State.EXPIRED, State.CANCELLED):
        assert labels == ["Ask again", "Edit and resubmit"]
    elif state in (State.REJECTED, State.WITHDRAWN, State.PAYMENT_FAILED):
        assert labels == ["Edit and resubmit"]
    else:
        assert labels == []
    assert {button["value"] for button in shown} <= {"ABCDEFGHIJKL"}


def test_a_question_in_an_open_expense_has_a_button_to_answer() -> None:
    asked, answered = (
        AuditEntry(number=1, at=NOW, event=event, actor="U0M", state=State.CREATED)
        for event in (audit_events.Asked("Why?"), audit_events.Answered("So."))
    )
    told = thread_replies.reply(asked, expense(), REQUESTER)
    assert told
    [answer] = buttons(rendered(told.body))
    assert (answer["action_id"], answer["value"]) == ("answer_question", "1 ABCDEFGHIJKL")
    for line, item in ((asked, expense(State.APPROVED)), (answered, expense())):
        told = thread_replies.reply(line, item, REQUESTER)
        assert told
        assert told.buttons in ((), [])


# Receipts

HOSTILE_NAMES = (*HOSTILE, "a|b>c.png", "*bold*")


def receipt(number: int = 1, **changes: Any) -> Receipt:
    known = {"id": f"F0{number}", "name": f"{number}.png", "permalink": f"https://x/{number}.png"}
    return Receipt(**known | {"is_picture": True} | changes)


def with_receipts(*receipts: Receipt) -> Expense:
    return expense(claim=claim(receipts=receipts))


def test_receipts_are_shown_as_links_and_what_slack_can_show_as_pictures() -> None:
    item = with_receipts(receipt(1), receipt(2, name="r.pdf", is_picture=False))
    for built in (
        rendered(message_blocks.approval_blocks(item, EN, is_live=True)),
        rendered(message_blocks.requester_blocks(item, EN)),
    ):
        shown = [block for block in built if block["type"] == "image"]
        assert [(one["slack_file"], one["alt_text"]) for one in shown] == [({"id": "F01"}, "1.png")]
        assert "<https://x/1.png|1.png>" in texts(built, "mrkdwn")
        assert "<https://x/2.png|r.pdf>" in texts(built, "mrkdwn")
        assert "Receipts:" in texts(built, "plain_text")
        assert any("2 receipts" in text for text in texts(built, "plain_text"))
        assert any("opens only for its owner" in text for text in texts(built, "plain_text"))
    only_pictures = rendered(message_blocks.requester_blocks(with_receipts(receipt()), EN))
    assert not any("only for its owner" in text for text in texts(only_pictures, "plain_text"))


def test_answers_to_commands_have_links_only() -> None:
    """Nobody could draw them again if Slack refused a picture."""
    built = rendered(message_blocks.record_blocks(with_receipts(receipt()), EN))
    assert not [block for block in built if block["type"] == "image"]
    assert "<https://x/1.png|1.png>" in texts(built, "mrkdwn")


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_name_and_an_address_stay_what_they_are(name: str) -> None:
    item = with_receipts(receipt(name=name, permalink=f"https://x/{name} ü"))
    built = rendered(message_blocks.approval_blocks(item, EN, is_live=True))
    [link] = [text for text in texts(built, "mrkdwn") if text.startswith("<https")]
    address, _, label = link[1:-1].partition("|")
    assert not set("<>| ü") & set(address)
    assert label == mrkdwn.escape(name)
    assert link.endswith(">")


def test_an_address_that_is_too_long_is_left_out() -> None:
    item = with_receipts(receipt(permalink=f"https://x/{'&' * 1000}"))
    built = rendered(message_blocks.approval_blocks(item, EN, is_live=True))
    assert "1.png" in texts(built, "plain_text")


def test_slack_takes_the_longest_message_with_receipts() -> None:
    address = f"https://x/{'&' * 390}"
    many = [receipt(number, name="&" * 100, permalink=address) for number in range(5)]
    item = replace(largest(State.CREATED), claim=claim("&" * 500, receipts=tuple(many)))
    assert all(all_blocks(item))


def test_pictures_can_be_left_out() -> None:
    built = message_blocks.approval_blocks(with_receipts(receipt(1), receipt(2)), EN, is_live=True)
    assert receipts.picture_ids(built) == ["F01", "F02"]
    plain = rendered(receipts.without_pictures(built))
    assert len(plain) == len(built) - 2
    assert "<https://x/1.png|1.png>" in texts(plain, "mrkdwn")


def test_an_expense_says_what_it_was_made_from() -> None:
    built = rendered(
        message_blocks.approval_blocks(expense(previous_id="OLDONE"), EN, is_live=True)
    )
    assert any("made from expense OLDONE" in text for text in texts(built, "plain_text"))


def test_the_request_shows_every_fact() -> None:
    built = rendered(message_blocks.approval_blocks(expense(), EN, is_live=True))
    shown = "\n".join([*texts(built, "mrkdwn"), *texts(built, "plain_text")])
    for fact in ("<@U0ADA4KFR7Q>", "€999,999,999.00", "Team lunch", "Equipment", "31 Jan 2026"):
        assert fact in shown
    assert "Expense ABCDEFGHIJKL" in shown
    assert "<!date^" in shown


def test_a_request_of_a_workflow_says_so() -> None:
    built = rendered(message_blocks.approval_blocks(foreign(), EN, is_live=True))
    assert "Another system asks" in texts(built, "mrkdwn")


def test_a_rejection_shows_its_reason() -> None:
    built = rendered(
        message_blocks.approval_blocks(expense(State.REJECTED, reason="Too dear"), EN, is_live=True)
    )
    assert "Reason: Too dear" in texts(built, "plain_text")


def test_a_list_shortens_long_descriptions() -> None:
    line = texts(rendered(message_blocks.list_blocks(largest(State.CREATED), EN)), "plain_text")[0]
    assert "&…" in line
    assert len(line) < 300
    assert line.endswith("ABCDEFGHIJKL")


def test_a_list_reads_as_the_reader_is_used_to() -> None:
    german = make_reader("de-DE", None)
    line = texts(rendered(message_blocks.list_blocks(expense(), german.locale)), "plain_text")[0]
    assert line == "999.999.999,00\N{NO-BREAK SPACE}€ · Team lunch · 31.01.2026 · ABCDEFGHIJKL"
