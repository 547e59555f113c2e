"""What approvers and requesters read of what is unusual."""

from babel import Locale

from bot.block_kit.flags import flag_line, is_for, why_modal
from bot.block_kit.message_blocks import approval_message, requester_blocks
from bot.domain.audit_events import AuditEntry, Flagged, Submitted
from bot.domain.expense import State
from bot.domain.flags.flag import ASKED_WHY, Flag, Kind
from bot.domain.people.audience import approvers
from tests.support.claims import NOW, expense

EN = Locale.parse("en_GB")
ADA, MINA = "U0ADA4KFR7Q", "U0MNA5LRT9W"
DUPLICATE = Flag(kind=Kind.DUPLICATE, others=("ABC", "DEF"))
FOREIGN = Flag(kind=Kind.OTHERS_RECEIPT, others=("XYZ",))
SPOT_CHECK = Flag(kind=Kind.SPOT_CHECK)
SAME = ":triangular_flag_on_post: The same amount, currency and day as "


def test_every_flag_has_a_sentence_of_its_own() -> None:
    lines = {flag_line(Flag(kind=kind, limit="50 EUR", others=("ABC",))) for kind in Kind}
    assert len(lines) == len(Kind)
    assert all("{" not in line for line in lines)


def test_approvers_read_a_line_for_each_with_a_link_where_there_is_one() -> None:
    flagged = expense(flags=(DUPLICATE, Flag(kind=Kind.WEEKEND)), flag_answer="*Two* of us")
    links = {"ABC": "https://x.slack.com/archives/C0/p1"}
    text, body = approval_message(flagged, EN, approvers(0), links=links)
    named = "<https://x.slack.com/archives/C0/p1|expense ABC> and expense DEF."
    weekend = ":triangular_flag_on_post: Spent on a weekend or another day off."
    assert f"{SAME}{named} {weekend}" in text
    shown = [block.to_dict().get("text", {}) for block in body]
    assert f"{SAME}{named}\n{weekend}" in [one.get("text") for one in shown]
    # What the requester typed stays what it is.
    assert {"type": "plain_text", "text": "*Two* of us", "emoji": False} in shown
    decided = expense(State.APPROVED, flags=(DUPLICATE,))
    assert SAME in str(
        [block.to_dict() for block in approval_message(decided, EN, approvers(0))[1]]
    )


def test_the_requester_is_asked_why_but_not_about_other_people_s_expenses() -> None:
    view = str((why_modal(expense(flags=(DUPLICATE, FOREIGN))) or expense()).to_dict())  # type: ignore[union-attr]
    assert "expense ABC and expense DEF" in view
    assert "XYZ" not in view
    for asks_nothing in (
        expense(),
        expense(flags=(FOREIGN,)),
        expense(flags=(SPOT_CHECK,)),
        expense(flags=(DUPLICATE,), flag_answer="So"),
        expense(State.APPROVED, flags=(DUPLICATE,)),
    ):
        assert why_modal(asks_nothing) is None
    assert Kind.OTHERS_RECEIPT not in ASKED_WHY


def test_the_requester_s_message_and_history_say_nothing_of_other_people_s_expenses() -> None:
    flagged = expense(flags=(FOREIGN,))
    assert "XYZ" not in str([block.to_dict() for block in requester_blocks(flagged, EN)])
    lines = [
        AuditEntry(number=n, at=NOW, event=event, actor="policy", state=State.SUBMITTED)
        for n, event in enumerate(
            (Submitted(), *(Flagged(str(flag)) for flag in (DUPLICATE, FOREIGN, SPOT_CHECK)))
        )
    ]
    # Who read of spot checks would know the other reason why an expense is not approved by itself.
    assert [is_for(line, ADA, flagged) for line in lines] == [True, True, False, False]
    assert all(is_for(line, MINA, flagged) for line in lines)
