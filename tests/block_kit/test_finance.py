"""What finance and auditors see, checked as strictly as Slack checks it."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bot.block_kit.components import weight
from bot.block_kit.finance import OLDER_ACTION, found, history_modal
from bot.domain import audit_events
from bot.domain.audit_events import AuditEntry
from bot.domain.expense import Expense, Money, State
from bot.domain.finance import MOST_SUMMED, Desk, Found, Search
from bot.domain.inbox import Tally
from bot.domain.people.locale import ANYBODY
from sandbox.slack.block_kit import check_blocks, check_view
from sandbox.slack.web_api.chat import ALL_TEXTS_LENGTH
from tests.block_kit.test_home_tab import shown, words
from tests.support.claims import NOW, claim, expense, foreign, largest

READER = "U0FIONA"
EMPTY = Desk(is_finance=True, to_pay=Tally(), waiting=(), refused=(), stuck=())


def euros(count: int, amount: str) -> Tally:
    return Tally(count, (Money(Decimal(amount), "EUR"), Money(Decimal(7), "USD")))


def test_finance_reads_what_is_to_be_paid_and_what_has_waited_for_longest() -> None:
    waiting = tuple(
        expense(State.APPROVED, id=f"WAITS{n}", claim=claim("Tea & cake")) for n in "123"
    )
    said = words(shown(desk=replace(EMPTY, to_pay=euros(4, "40.10"), waiting=waiting)))
    assert "*To pay:* 4 expenses (€40.10 and $7.00). These have waited for longest:" in said
    assert "*€999,999,999.00* · <@U0ADA4KFR7Q> · Tea &amp; cake · WAITS1" in said
    said = words(shown(desk=replace(EMPTY, to_pay=euros(3, "40.10"), waiting=waiting)))
    assert "*To pay:* 3 expenses (€40.10 and $7.00).\n" in said
    said = words(shown(desk=replace(EMPTY, to_pay=Tally(MOST_SUMMED + 1), waiting=waiting)))
    assert "*To pay:* more than 10,000 expenses. These have waited" in said


def test_what_went_wrong_is_listed_and_named_once_for_admins_who_are_finance() -> None:
    refused = tuple(expense(State.PAYMENT_FAILED, id=f"REFUSED{number}") for number in range(4))
    desk = replace(EMPTY, refused=refused, stuck=(expense(id="STUCK"),))
    said = words(shown(desk=desk))
    assert "*Nothing is to be paid.*" in said
    assert all(f"· REFUSED{number}" in said for number in range(3))
    assert "REFUSED3" not in said
    assert "More were refused; `/expense find refused` shows all of them." in said
    assert "More are stuck" not in said
    assert "· STUCK" in said
    assert "No payment is refused, and nothing is stuck." in words(shown(desk=EMPTY))
    of_admin = words(shown(desk=desk, stuck=()))
    assert "REFUSED" not in of_admin
    assert "*Nothing is to be paid.*" in of_admin


@pytest.mark.parametrize("state", State)
def test_slack_takes_what_is_found_at_its_fullest(state: State) -> None:
    ids = [f"{number}".ljust(200, "&") for number in range(10)]
    search = Search(requester=READER, month=date(2026, 11, 1), state=state, ids=("&" * 500,))
    known = [replace(largest(state), id=expense_id) for expense_id in ids]
    for expenses in (known, [foreign(state, expense_id) for expense_id in ids]):
        text, blocks = found(search, "x" * 100, Found((*expenses,), is_more=True), ANYBODY.locale)
        body = [block.to_dict() for block in blocks]
        assert check_blocks(json.loads(json.dumps(body)))
        assert weight(blocks) <= ALL_TEXTS_LENGTH
        assert len(text.encode("utf-16-le")) // 2 <= 4000
        assert body[-1]["elements"][0]["action_id"] == OLDER_ACTION
        assert len(body[-1]["elements"][0]["value"]) <= 2000


@pytest.mark.parametrize("state", State)
def test_slack_takes_a_history_at_its_fullest(state: State) -> None:
    one = largest(state)
    view = history_modal(one, [line(one, number) for number in range(300)], ANYBODY.locale)
    assert check_view(json.loads(json.dumps(view.to_dict())), "modal")


def line(one: Expense, number: int) -> AuditEntry:
    event: Any = audit_events.Asked("&" * 1000)
    return AuditEntry(number=number, at=NOW, event=event, actor=READER, state=one.state)
