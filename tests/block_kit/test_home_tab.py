"""The App Home, checked as strictly as Slack checks it."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from slack_sdk.models.views import View

from bot import catalogue
from bot.block_kit import bulk_approval
from bot.block_kit.bulk_approval import Choice, Outcome, Pages
from bot.block_kit.home_tab import Home, home_view
from bot.database.queries.home_queries import Month, Tally
from bot.domain.approval_plan import Plan, Progress, Stage
from bot.domain.expense import Expense, Money, State
from bot.domain.finance import Desk
from bot.domain.handover import Handover
from bot.domain.inbox import Stuck
from bot.domain.obstacle import Kind, Obstacle
from bot.domain.payment_runs import MOST_RUNS, PaymentRun
from bot.domain.people.locale import ANYBODY, Reader, make_reader
from bot.services.inbox import Asked, Page
from sandbox.slack.block_kit import check_view
from sandbox.slack.client.echo import sent_back
from tests.block_kit.test_message_blocks import texts
from tests.support.claims import NOW, TEXTS, claim, expense, foreign, largest

ME, COLLEAGUE = "U0MNA5LRT9W", "U0SAM3RVR8X"
NOTHING = Month(Tally(), Tally(), Tally())
CODES = ("AED", "AUD", "BRL", "CAD", "CHF", "CLF", "CNY", "DKK", "EUR", "GBP", "INR", "JPY", "KWD")
MUCH = Tally(99_999, tuple(Money(Decimal("999999999999.9999"), code) for code in CODES))


def page(*items: Any, number: int = 0, total: int | None = None, is_more: bool = False) -> Any:
    count = len(items) if total is None else total
    return Page(items=items, number=number, total=count, is_more=is_more)


def rendered(view: View, kind: Any = "home") -> dict[str, Any]:
    """The view as Slack gets it, if Slack would take it."""
    return check_view(json.loads(json.dumps(view.to_dict())), kind)


def shown(reader: Reader = ANYBODY, **changes: Any) -> dict[str, Any]:
    plain = Home(person=ME, mine=page(), asked=NOTHING, waiting=page(), decided=NOTHING)
    return rendered(home_view(replace(plain, **changes), reader))


def words(view: dict[str, Any]) -> str:
    return "\n".join([*texts(view["blocks"], "mrkdwn"), *texts(view["blocks"], "plain_text")])


def run(id: str, **changes: Any) -> PaymentRun:
    """What somebody in finance has marked as paid."""
    full = PaymentRun(
        id=id,
        marked_by="U0MARY",
        marked_at=NOW,
        first_day=NOW.date(),
        last_day=NOW.date() + timedelta(days=1),
        reference="&" * 140,
        tally=MUCH,
    )
    return replace(full, **changes)


def desk(*items: Expense, **changes: Any) -> Desk:
    """What finance finds, with these in each of its lists."""
    full = Desk(
        is_finance=True,
        to_pay=MUCH,
        waiting=items[:3],
        refused=items[:4],
        stuck=items[:4],
        can_mark=True,
        unconfirmed=tuple(run(str(number)) for number in range(MOST_RUNS)),
    )
    return replace(full, **changes)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("locale", ["en-US", "de-CH", "ar-EG", "fa-IR"])
def test_slack_takes_a_home_at_its_fullest(state: State, locale: str) -> None:
    items = [
        replace(largest(state), id=f"{number}".ljust(200, "'"), requester="U0123456789AB")
        for number in range(10)
    ]
    foreigners = [foreign(state, f"{number}".ljust(200, '"')) for number in range(10)]
    until = [("U0123456789AB", NOW)] * 50
    for waiting in (items, foreigners):
        view = shown(
            make_reader(locale, None),
            mine=page(*items, number=7, total=1000, is_more=True),
            waiting=page(*(Asked(item, COLLEAGUE) for item in waiting), number=7, total=1000),
            asked=Month(MUCH, MUCH, MUCH),
            decided=Month(MUCH, MUCH, MUCH),
            delegate=until[0],
            delegators=until,
            stuck=[Stuck(item, ("U0123456789AB",)) for item in [*waiting, *items]],
            desk=desk(*items),
        )
        assert len(view["blocks"]) <= 100
        ticked = [option["value"] for option in offered(view)]
        assert [
            choice.expense_id for choice in bulk_approval.read_choices(ticking(view, *ticked))
        ] == [item.id for item in waiting]
        assert bulk_approval.read_pages(view) == Pages(7, 7)
        assert "3 more currencies" in words(view)
        assert "You decide for 40 more colleagues." in words(view)


def test_what_no_checkbox_can_stand_for_is_named_below_them() -> None:
    foreigners = [foreign(State.CREATED, f"{number}".ljust(200, "&")) for number in range(10)]
    view = shown(waiting=page(*(Asked(item, ME) for item in foreigners)))
    ticked = [option["value"] for option in offered(view)]
    chosen = bulk_approval.read_choices(ticking(view, *ticked))
    assert [choice.expense_id for choice in chosen] == [item.id for item in foreigners[:2]]
    for item in foreigners[2:]:
        assert f"Please decide expense {item.id} in its own message." in words(view)


def test_it_names_who_has_it_now_and_not_who_handed_it_over() -> None:
    plan = Plan(rule="", stages=(Stage(asked=(ME,)),))
    to_colleague = Handover(stage=0, of=ME, to=COLLEAGUE, by=ME, at=NOW)
    progress = Progress(handovers=(to_colleague,))
    nobody = Obstacle(kind=Kind.NOBODY, left=0, needed=1)
    one = expense(plan=plan, progress=progress, obstacle=nobody)
    assert f"none of <@{COLLEAGUE}> may" in words(shown(stuck=[Stuck(one, (COLLEAGUE,))]))


def test_admins_read_why_and_reassign_what_is_not_their_own() -> None:
    old = expense(requester=COLLEAGUE)
    lacking = Obstacle(kind=Kind.TOO_FEW, left=1, needed=2)
    plan = Plan(rule="", stages=(Stage(asked=("S0FIN",), needed=2),))
    stuck = expense(id="STUCK", plan=plan, obstacle=lacking)
    unasked, own = expense(State.SUBMITTED, id="UNASKED"), expense(id="OWN", requester=ME)
    listed = [Stuck(item, ("S0FIN",)) for item in (stuck, old, unasked, own)]
    view = shown(stuck=listed)
    assert view["blocks"][0]["text"]["text"] == "Stuck"
    said = words(view)
    assert ":warning: 2 of <!subteam^S0FIN> have to approve it, and only 1 can." in said
    assert f", by <!subteam^S0FIN>. Asked for by <@{COLLEAGUE}>." in said
    assert ":hourglass: Nobody has been asked since" in said
    offered = [
        element["value"]
        for block in view["blocks"]
        for element in block.get("elements", [])
        if element.get("action_id") == "reassign_expense"
    ]
    assert offered == ["STUCK", old.id]
    assert "Nothing is stuck" in words(shown(stuck=()))
    assert "Stuck" not in words(shown())


def offered(view: dict[str, Any]) -> list[dict[str, Any]]:
    [found] = [
        element["options"]
        for block in view["blocks"]
        for element in block.get("elements", [])
        if element["type"] == "checkboxes"
    ]
    return list(found)


def ticking(view: dict[str, Any], *values: str) -> dict[str, Any]:
    chosen = [{"value": value} for value in values]
    ticked = {bulk_approval.CHOOSE_ACTION: {"type": "checkboxes", "selected_options": chosen}}
    return {**view, "state": {"values": {"waiting": ticked}}}


@pytest.mark.parametrize("typed", TEXTS)
def test_what_people_typed_stands_in_plain_text_only(typed: str) -> None:
    for item in (expense(claim=claim(typed)), foreign(State.CREATED, typed)):
        view = shown(waiting=page(Asked(item, ME)), mine=page(item), stuck=[Stuck(item, (ME,))])
        assert not any(typed in text for text in texts(view["blocks"], "mrkdwn"))
        ticked = sent_back(ticking(view, offered(view)[0]["value"]))
        [choice] = bulk_approval.read_choices(ticked)
        modal = rendered(bulk_approval.results_modal([Outcome(choice, "Why not.")]), "modal")
        assert not any(typed in text for text in texts(modal["blocks"], "mrkdwn"))
        assert any(typed[:20] in text for text in texts(modal["blocks"], "plain_text"))
    forged = bulk_approval.read_choices(ticking(view, typed))
    if not forged[0].is_offered:
        modal = rendered(bulk_approval.results_modal([Outcome(forged[0], "No.")]), "modal")
        assert "<!" not in str(texts(modal["blocks"], "mrkdwn"))


def test_who_asks_how_much_and_in_whose_place_is_in_the_checkbox() -> None:
    now = expense(claim=claim(money=Money(Decimal("42.50"), "EUR")))
    view = shown(waiting=page(Asked(now, ME), Asked(replace(now, id="OTHER"), COLLEAGUE)))
    own, other = [option["text"]["text"] for option in offered(view)]
    assert own == "*€42.50* · <@U0ADA4KFR7Q>"
    assert other == f"*€42.50* · <@U0ADA4KFR7Q> for <@{COLLEAGUE}>"


@pytest.mark.parametrize(
    ("waited", "said"),
    [
        (timedelta(seconds=-5), "less than a minute"),
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(seconds=60), "1 minute"),
        (timedelta(minutes=59), "59 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=23, minutes=59), "23 hours"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=3, hours=23), "3 days"),
        (timedelta(days=1500), "1,500 days"),
    ],
)
def test_how_long_it_waits_is_said_in_its_largest_unit(waited: timedelta, said: str) -> None:
    assert bulk_approval.waiting(waited) == f"waiting {said}"


@pytest.mark.parametrize(
    ("number", "count", "total", "is_more", "said"),
    [
        (0, 1, 1, False, "*1 expense*"),
        (0, 10, 10, False, "*10 expenses*"),
        (0, 10, 132, False, "*1–10 of 132*"),
        (13, 2, 132, False, "*131–132 of 132*"),
        (99, 10, 1000, True, "*991–1,000 of more than 1,000*"),
    ],
)
def test_which_of_how_many_are_shown_is_said(
    number: int, count: int, total: int, is_more: bool, said: str
) -> None:
    items = [replace(expense(), id=f"E{n}") for n in range(count)]
    view = shown(mine=page(*items, number=number, total=total, is_more=is_more))
    assert said in words(view)
    buttons = str(view)
    assert ("home_mine_previous" in buttons) == (number > 0)
    assert ("home_mine_next" in buttons) == (total > 10 and number < 13)


def test_who_is_no_approver_has_nothing_of_theirs() -> None:
    view = shown(waiting=None, decided=None)
    assert "Waiting for you" not in words(view)
    assert "Delegate" not in words(view)
    assert "Your expenses" in words(view)
    unknown = shown(waiting=None, decided=None, is_known=False)
    assert catalogue.say("home-unknown") in words(unknown)


def test_an_empty_list_says_so() -> None:
    assert "Nothing waits for you." in words(shown())
    assert "This month you approved 0 expenses and rejected 0 expenses." in words(shown())
    assert "checkboxes" not in str(shown())


def test_a_list_that_may_be_incomplete_says_so() -> None:
    view = shown(waiting=Page(items=(), number=0, total=0, is_complete=False))
    assert catalogue.say("home-incomplete") in words(view)
    assert "Nothing waits for you." not in words(view)


def test_every_button_says_what_it_does_without_its_surroundings() -> None:
    items = [replace(expense(), id=f"E{n}") for n in range(10)]
    view = shown(
        mine=page(*items, number=1, total=30),
        waiting=page(*(Asked(item, ME) for item in items), number=1, total=30),
    )
    buttons = [
        element
        for block in view["blocks"]
        for element in block.get("elements", [])
        if element["type"] == "button"
    ]
    assert len(buttons) == 27
    spoken = [button.get("accessibility_label", button["text"]["text"]) for button in buttons]
    assert len(set(spoken)) == len(spoken)


def test_results_say_what_came_of_each() -> None:
    one = Choice("E1", "*€1.00* · <@U1>", "Tea · Meals · waiting 3 days")
    cases = [
        ([Outcome(one)], ["Approved", "You approved 1 expense."]),
        ([Outcome(one)] * 2, ["You approved 2 expenses."]),
        (
            [Outcome(one, is_open=True)],
            ["You approved 1 expense* that others have to approve, too."],
        ),
        ([Outcome(one, is_repeated=True)], ["You had approved 1 expense already."]),
        (
            [Outcome(one), Outcome(one, "Because.")],
            ["Not all approved", "1 expense could not be approved", "<@U1>\nBecause.", "Tea"],
        ),
        ([Outcome(one, "Because.")], ["You approved no expenses."]),
    ]
    for outcomes, said in cases:
        modal = rendered(bulk_approval.results_modal(outcomes), "modal")
        told = f"{modal['title']['text']}\n{words(modal)}"
        for sentence in said:
            assert sentence in told
    assert (
        "• *€1.00* · <@U1>, Tea · Meals · waiting 3 days: Because."
        in bulk_approval.results_text([Outcome(one, "Because.")])
    )
    longest = Choice("E", "&lt;" * 18, "<" * 75)
    assert len(bulk_approval.results_text([Outcome(longest, "x" * 100)] * 10)) < 4000
    rendered(bulk_approval.results_modal([Outcome(longest, "x" * 1000)] * 10), "modal")


@pytest.mark.parametrize(
    "view",
    [
        {},
        {"private_metadata": None, "blocks": [], "state": {"values": {}}},
        {"private_metadata": "1", "blocks": [{"type": "divider"}]},
        {"private_metadata": "a b"},
        {"private_metadata": "-1 99999999999999999999"},
    ],
)
def test_odd_views_are_the_first_pages_and_nothing_selected(view: dict[str, Any]) -> None:
    assert bulk_approval.read_pages(view) == Pages()
    assert bulk_approval.read_choices(view) == []


def test_ticks_of_another_view_are_told_apart() -> None:
    view = shown(waiting=page(Asked(expense(), ME)))
    here, gone = bulk_approval.read_choices(ticking(view, expense().id, "GONE"))
    assert (here.is_offered, gone.is_offered) == (True, False)


def test_amounts_are_written_as_the_reader_is_used_to() -> None:
    view = shown(
        make_reader("de-DE", "Europe/Berlin"), waiting=page(Asked(expense(), ME)), mine=page()
    )
    assert "999.999.999,00" in offered(view)[0]["text"]["text"]
