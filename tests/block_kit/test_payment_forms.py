"""The forms of payments by hand, checked as strictly as Slack checks them."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

from slack_sdk.models.views import View

from bot.block_kit.forms.payment_forms import confirm_modal, marked, paid_modal
from bot.domain.expense import State
from bot.domain.payment_runs import MOST_MARKED
from bot.domain.payments.payment import PaidOn, Payment, Problem
from bot.domain.people.locale import ANYBODY
from sandbox.slack.block_kit import check_view
from tests.block_kit.test_home_tab import run
from tests.support.claims import foreign, largest

LOCALE, TODAY = ANYBODY.locale, date(2026, 12, 4)
REFERENCES = [replace(largest(State.COMPLETED), id=f"{n:X<12}") for n in range(MOST_MARKED)]


def checked(view: View) -> dict[str, Any]:
    sent: dict[str, Any] = json.loads(json.dumps(view.to_dict()))
    assert check_view(sent, "modal")
    return sent


def test_slack_takes_the_form_with_a_hundred_expenses() -> None:
    form = checked(paid_modal(REFERENCES, TODAY, LOCALE))
    assert len(form["blocks"][1]["element"]["options"]) == MOST_MARKED
    assert "All 100 expenses in this list" in str(form)


def test_what_slack_has_no_room_for_is_left_to_the_command_line() -> None:
    assert "callback_id" not in checked(paid_modal([foreign()], TODAY, LOCALE))


def test_slack_takes_what_is_to_be_confirmed() -> None:
    payment = Payment(is_by_hand=True, marked_by="U0MARY", paid_on=TODAY, reference="<" * 140)
    said = str(
        checked(
            confirm_modal(run("V1"), [replace(one, payment=payment) for one in REFERENCES], LOCALE)
        )
    )
    assert all(one.id in said for one in REFERENCES)
    count = run("V1").tally.count
    assert f"and {count - MOST_MARKED:,} more expenses" in said


def test_what_was_not_marked_is_named_with_why() -> None:
    said = marked(1, {"A1": Problem.MARKED, "A2": Problem.OWN}, PaidOn(TODAY, "TX 1"))
    assert said.startswith(":pencil2: 1 expense is marked as paid on 4 December 2026.")
    assert "Expense A1 is not marked: it has been marked as paid before" in said
    assert "Expense A2 is not marked: it is your own" in said
