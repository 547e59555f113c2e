"""The slash command /expense, as people type it."""

import logging

import pytest

from bot import catalogue
from bot.block_kit import mrkdwn, sentences
from sandbox.slack.config import BRUNO, User
from tests.slack.listeners.conftest import (
    HARMLESS,
    asked,
    id_in,
    number_in,
    say,
    send,
    submit,
    texts_of,
)
from tests.support.house import MINA, NOOR, House
from tests.support.stopwatch import Stopwatch

NOT_TO_BE_SEEN = "There is no expense with this id that you may see."


@pytest.mark.parametrize("text", ["help", "HELP", "  help  ", "help me"])
async def test_who_asks_for_help_gets_it(h: House, person: User, text: str) -> None:
    ack = await say(h, person, text)
    assert ack.ok
    assert ack.text == catalogue.say("help")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("frobnicate", "frobnicate"),
        ("submitt 5 EUR x", "submitt"),
        ("list all", "all"),
        ("@noor", "@noor"),
        ("#general", "#general"),
        ("http://x", "http://x"),
        ("💸", "💸"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("approve ABC", "approve"),
        ("submit-42", "submit-42"),
        ("x" * 10_000, f"{'x' * 99}…"),
    ],
)
async def test_a_word_it_does_not_know_is_named(
    h: House, person: User, text: str, word: str
) -> None:
    ack = await say(h, person, text)
    assert ack.ok
    assert ack.text == f"I do not know “{word}”. {catalogue.say('help')}"


@pytest.mark.parametrize("verb", ["status", "history", "withdraw", "withdraw  ", "STATUS"])
async def test_a_command_without_its_id_asks_for_it(h: House, person: User, verb: str) -> None:
    ack = await say(h, person, verb)
    assert ack.text.startswith("Please write which expense: `/expense ")


# submit


@pytest.mark.parametrize("text", ["", " ", "submit", "SUBMIT", "  Submit  ", "submit\n"])
async def test_nothing_and_submit_open_the_form(h: House, person: User, text: str) -> None:
    ack = await say(h, person, text)
    assert ack.ok
    assert ack.text == ""
    view = await h.slack.until(lambda: h.slack.open_view(person))
    assert view["callback_id"] == "expense_modal"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("ratelimited", catalogue.say("expense-form-did-not-open")),
        ("error", catalogue.say("form-may-be-open")),
    ],
)
async def test_a_form_that_does_not_open_leaves_another_way(
    h: House, person: User, fault: str, said: str
) -> None:
    h.slack.faults.add("views.open", fault, times=1)  # type: ignore[arg-type]
    assert (await say(h, person, "submit")).ok
    [message] = await h.slack.until(lambda: h.slack.ephemeral(person))
    assert message["text"] == said


@pytest.mark.parametrize(
    "text", ["submit 42.5 eur Tea", "SUBMIT\t42.5  EUR   Tea", "submit\n42.5 EUR\nTea"]
)
async def test_an_expense_is_submitted_in_one_line(h: House, person: User, text: str) -> None:
    ack = await say(h, person, text)
    assert ack.ok
    assert ack.text.startswith("Submitted: €42.50 for “Tea” (Other, spent on ")
    await h.until_status(id_in(ack.text), "CREATED")
    messages = await h.slack.until(lambda: h.slack.direct_messages(person))
    assert "€42.50" in messages[0]["text"]


async def test_the_answer_is_written_as_its_reader_reads(h: House) -> None:
    for line in ("1234.50 EUR Werkzeug", "1.234,50 € Werkzeug", "EUR 1234,50 Werkzeug"):
        ack = await say(h, BRUNO, f"submit {line}")
        assert "1.234,50\N{NO-BREAK SPACE}€" in ack.text


TWO_WAYS = "“1.000” can be read in two ways. Please write 1.00 for €1.00 or 1000.00 for €1,000.00."


async def test_a_doubtful_line_opens_the_form_with_it(h: House, person: User) -> None:
    ack = await say(h, person, "submit 1.000 EUR Tea &amp; cake")
    assert (ack.ok, ack.text) == (True, "")
    view = await h.slack.until(lambda: h.slack.open_view(person))
    assert view["blocks"][0]["element"]["initial_value"] == "1.000"
    assert view["blocks"][0]["hint"]["text"] == f"⚠️ {TWO_WAYS}"
    # As it stands it is asked about once more, and nothing is guessed.
    assert (await h.slack.submit(person, view, {"category": "meals"})).ok
    assert h.slack.view_errors(person) == {"amount": TWO_WAYS}
    assert (await say(h, person, "list")).text.startswith("You have not submitted")
    assert (await h.slack.submit(person, view, {"category": "meals", "amount": "1000.00"})).ok
    assert "€1,000.00 for “Tea &amp;amp; cake”" in (await say(h, person, "list")).text


@pytest.mark.parametrize(
    ("fault", "said"),
    [("ratelimited", TWO_WAYS), ("error", f"{TWO_WAYS} {catalogue.say('form-may-be-open')}")],
)
async def test_without_the_form_a_wrong_line_gets_its_sentence(
    h: House, person: User, fault: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot")
    h.slack.faults.add("views.open", fault, times=1)  # type: ignore[arg-type]
    ack = await say(h, person, "submit 1.000 EUR Tea")
    assert (ack.ok, ack.text) == (True, said)
    [told] = [entry for entry in caplog.records if "told a person" in entry.msg]
    assert told.getMessage() == "told a person: InvalidInput"
    assert (told.actor, told.code) == (person.id, "INVALID_INPUT")  # type: ignore[attr-defined]
    assert "Tea" not in caplog.text


@pytest.mark.parametrize("typed", ["*bold* <!channel>", HARMLESS])
async def test_what_is_typed_stays_text(h: House, person: User, typed: str) -> None:
    ack = await say(h, person, f"submit 1 EUR {typed}")
    assert ack.ok
    expense_id = id_in(ack.text)
    await h.slack.until(lambda: h.slack.direct_messages(person))
    await h.until_status(expense_id, "CREATED")
    await asked(h, expense_id)
    for message in (h.message(expense_id), h.slack.direct_messages(person)[0]):
        assert mrkdwn.escape(typed) in message["text"]
        [shown] = [
            block["text"]
            for block in message["blocks"]
            if block["type"] == "section" and typed in block["text"]["text"]
        ]
        assert shown == {"type": "plain_text", "text": typed, "emoji": False}
    assert mrkdwn.escape(typed) in ack.text


@pytest.mark.parametrize(
    "typed",
    [
        "Lunch with @noor, in #general",
        "For @managers @here @nobody #nowhere",
        "See https://example.com/a?b=1&c=2, or example.com",
        "Ask a.b@example.com <now>",
    ],
)
async def test_names_and_links_are_what_was_typed(h: House, person: User, typed: str) -> None:
    ack = await say(h, person, f"submit 1 EUR {typed}")
    assert f"“{mrkdwn.escape(typed)}”" in ack.text
    message = await asked(h, id_in(ack.text))
    assert {"type": "plain_text", "text": typed, "emoji": False} in [
        block.get("text") for block in message["blocks"]
    ]


async def test_what_slack_escapes_is_read_as_it_was_typed(h: House, person: User) -> None:
    status, text = await send(h, command(h, person, "submit 1 EUR a &amp; b &lt;c&gt; &amp;lt;"))
    assert status == 200
    assert "“a &amp; b &lt;c&gt; &amp;lt;”" in text


def command(h: House, person: User, text: str, trigger_id: str = "1.2.3") -> dict[str, str]:
    return {
        "command": "/expense",
        "text": text,
        "user_id": person.id,
        "team_id": h.slack.config.team_id,
        "trigger_id": trigger_id,
    }


async def test_a_command_that_arrives_twice_is_one_expense(h: House, person: User) -> None:
    first = await send(h, command(h, person, "submit 1 EUR Tea"))
    again = await send(h, command(h, person, "submit 1 EUR Tea"))
    another = await send(h, command(h, person, "submit 1 EUR Tea", "4.5.6"))
    assert first == again
    assert id_in(another[1]) != id_in(first[1])
    status, changed = await send(h, command(h, person, "submit 2 EUR Tea"))
    assert (status, "that counts: €1.00 for “Tea”" in changed) == (200, True)
    assert "What you sent now, €2.00 for “Tea”, is not recorded." in changed


async def test_an_answer_does_not_wait_for_slack_to_say_how_somebody_reads(
    h: House, person: User
) -> None:
    h.slack.faults.add("users.info", "hang")
    watch = Stopwatch()
    ack = await say(h, person, "submit 1 EUR Tea")
    assert ack.ok
    assert ack.text.startswith("Submitted: €1.00")
    assert watch.seconds < 2.5


# list


async def test_an_empty_list_says_what_to_do(h: House, person: User) -> None:
    ack = await say(h, person, "LIST ")
    assert ack.ok
    assert ack.text == "You have not submitted any expense yet. Try `/expense`."


async def test_the_list_has_mine_newest_first_and_nobody_else_s(
    h: House, person: User, other: User
) -> None:
    for what in ("one", "two", "three"):
        await say(h, person, f"submit 1 EUR {what}")
    await say(h, other, "submit 1 EUR theirs")
    ack = await say(h, person, "list")
    assert ack.ok
    lines = ack.text.split("\n")
    assert [line.split("“")[1].split("”")[0] for line in lines] == ["three", "two", "one"]
    shown = [text for text in texts_of(h.slack.ephemeral(person)[-1]) if " · " in text]
    assert [text.split(" · ")[1] for text in shown] == ["three", "two", "one"]


async def test_a_list_of_twenty_five_longest_expenses_fits(h: House, person: User) -> None:
    for number in range(25):
        ack = await say(h, person, f"submit 999999999 EUR {number:02}{'&' * 498}")
        assert ack.ok
    ack = await say(h, person, "list")
    assert ack.ok
    assert len(ack.text) <= sentences.MAX_TEXT
    shown = [text for text in texts_of(h.slack.ephemeral(person)[-1]) if " · " in text]
    assert len(shown) == 20
    assert " · 24&" in shown[0]
    assert "your newest 20" in texts_of(h.slack.ephemeral(person)[-1])[-1]


# status


async def test_the_requester_sees_the_status(h: House, person: User) -> None:
    expense_id = id_in((await say(h, person, "submit 1 EUR Tea")).text)
    await h.until_status(expense_id, "CREATED")
    for text in (f"status {expense_id}", f"STATUS   {expense_id} "):
        ack = await say(h, person, text)
        assert ack.ok
        assert "Waiting for a decision" in ack.text
        assert "€1.00 for “Tea”" in ack.text
    assert f"Expense {number_in(ack.text)}" in " ".join(texts_of(h.slack.ephemeral(person)[-1]))


@pytest.mark.parametrize(
    "typed", ["{low}", "`{id}`", "“{low}”.", "{number}", "#{number}.", "{year}-{count}"]
)
async def test_an_id_is_found_as_people_type_it(h: House, person: User, typed: str) -> None:
    said = (await say(h, person, "submit 1 EUR Tea")).text
    expense_id, number = id_in(said), number_in(said)
    year, _, count = number.partition("-")
    written = typed.format(
        id=expense_id, low=expense_id.lower(), number=number, year=year, count=int(count)
    )
    assert "€1.00 for “Tea”" in (await say(h, person, f"status {written}")).text
    assert (await say(h, person, f"history {written}")).text.startswith("The history of €1.00")
    assert (await say(h, person, f"withdraw {written}")).text.startswith("Withdrawn: €1.00")


async def test_an_approver_sees_the_status(h: House, person: User) -> None:
    expense_id = id_in((await say(h, person, "submit 1 EUR Tea")).text)
    ack = await say(h, MINA, f"status {expense_id}")
    assert f"submitted by <@{person.id}>" in ack.text


async def test_a_stranger_does_not_learn_whether_an_id_exists(
    h: House, person: User, other: User
) -> None:
    expense_id = id_in((await say(h, person, "submit 1 EUR Tea")).text)
    assert (await say(h, other, f"status {expense_id}")).text == NOT_TO_BE_SEEN
    assert (await say(h, other, "status NOSUCHID2222")).text == NOT_TO_BE_SEEN


@pytest.mark.parametrize(
    "odd", ["\x00", "x" * 10_000, "💸", "'; DROP TABLE expenses; --", "<!channel>", "a b c", "%"]
)
async def test_an_odd_id_is_no_id(h: House, odd: str) -> None:
    for who in (NOOR, MINA):
        assert (await say(h, who, f"status {odd}")).text == NOT_TO_BE_SEEN


async def test_nobody_learns_it_from_an_outage_either(h: House, person: User, other: User) -> None:
    expense_id = id_in((await say(h, person, "submit 1 EUR Tea")).text)
    h.slack.faults.add("usergroups.users.list", "error")
    answers = {
        (await say(h, other, f"status {asked}")).text for asked in (expense_id, "NOSUCHID2222")
    }
    assert len(answers) == 1
    assert (await say(h, person, f"status {expense_id}")).text.startswith(":")


# history


async def test_the_history_says_who_did_what_and_when(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    await h.slack.click(NOOR, h.message(expense_id), "approve_expense")
    await h.slack.click(MINA, h.message(expense_id), "reject_expense")
    view = h.slack.open_view(MINA)
    assert view
    await h.slack.submit(MINA, view, {"reason": "*Not* <this> month"})
    await h.until_status(expense_id, "REJECTED")
    ack = await say(h, person, f"HISTORY  {expense_id} ")
    assert ack.ok
    title, *lines = ack.text.split("\n")
    assert title.startswith("The history of €42.50 for “Tea”")
    number = number_in(title)
    assert all(line.startswith("<!date^") for line in lines)
    assert [line.split("> · ")[1] for line in lines] == [
        f"<@{person.id}> submitted it.",
        "The app began to process it.",
        "The app asked for a decision.",
        f"<@{NOOR.id}> could not do something, and was told: "
        "You are not an approver of this expense, so nothing was changed.",
        f"<@{MINA.id}> rejected it. The reason: *Not* &lt;this&gt; month",
    ]
    shown = h.slack.ephemeral(person)[-1]["blocks"]
    assert shown[-1]["text"] == {"type": "plain_text", "text": "*Not* <this> month", "emoji": False}
    assert texts_of({"blocks": shown})[0] == f"*The history of expense {number}*"


async def test_an_approver_sees_the_history_and_a_stranger_learns_nothing(
    h: House, person: User, other: User
) -> None:
    expense_id = id_in((await say(h, person, "submit 1 EUR Tea")).text)
    assert f"<@{person.id}> submitted it" in (await say(h, MINA, f"history {expense_id}")).text
    assert (await say(h, other, f"history {expense_id}")).text == NOT_TO_BE_SEEN
    assert (await say(h, other, "history NOSUCHID2222")).text == NOT_TO_BE_SEEN


async def test_a_long_history_fits_and_says_what_is_missing(
    h: House, person: User, other: User
) -> None:
    expense_id = await submit(h, person)
    for _ in range(30):
        await h.slack.click(other, h.message(expense_id), "approve_expense")
    ack = await say(h, person, f"history {expense_id}")
    assert ack.ok
    assert len(ack.text) <= sentences.MAX_TEXT
    assert "… and " in ack.text
    shown = h.slack.ephemeral(person)[-1]["blocks"]
    assert len(shown) <= 50
    assert texts_of({"blocks": shown})[1] == "… and 9 older lines"


# withdraw


async def test_what_waits_can_be_withdrawn(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    ack = await say(h, person, f"Withdraw  {expense_id}")
    assert ack.ok
    assert ack.text.startswith("Withdrawn: €42.50 for “Tea”")
    assert await h.status(expense_id) == "WITHDRAWN"
    assert await h.workflow(expense_id).result() == ""
    again = await say(h, person, f"withdraw {expense_id}")
    assert again.text == ack.text
    await h.slack.until(lambda: "Withdrawn" in h.message(expense_id)["text"])
    assert not [block for block in h.message(expense_id)["blocks"] if block["type"] == "actions"]


async def test_what_is_decided_is_not_withdrawn(h: House, person: User) -> None:
    expense_id = await submit(h, person)
    await h.slack.click(MINA, h.message(expense_id), "approve_expense")
    ack = await say(h, person, f"withdraw {expense_id}")
    assert ack.ok
    assert ack.text.startswith(f"This expense has already been approved by <@{MINA.id}>")
    assert "nothing was changed" in ack.text
    assert await h.workflow(expense_id).result() == "COMPLETED"


async def test_nobody_withdraws_the_expense_of_another_or_learns_of_it(
    h: House, person: User, other: User
) -> None:
    expense_id = await submit(h, person)
    for who in (other, MINA):
        answers = {
            (await say(h, who, f"withdraw {asked_for}")).text
            for asked_for in (expense_id, "NOSUCHID2222", "\x00", "💸", "x" * 10_000, "@noor")
        }
        assert answers == {"There is no expense of yours with this id."}
    assert await h.status(expense_id) == "CREATED"
