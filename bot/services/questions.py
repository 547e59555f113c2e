"""Questions about an expense: an approver asks, the requester answers, and nothing is decided."""

from bot.catalogue import say
from bot.database.expenses import ExpenseStore
from bot.domain import audit_events
from bot.domain.audit_events import AuditEntry, Event
from bot.domain.errors import AlreadyAgreed, AlreadyDecided, InvalidState, NotAllowed, TryAgain
from bot.domain.expense import Expense, State
from bot.domain.text import shorten
from bot.services.decisions import Decisions, note_refusal

# How often a question gives way to something else that happens to the same expense.
_TRIES = 20
# How much of a question stands before an answer to it.
_QUOTED = 100


class Questions:
    """Writes questions and answers into the audit trail, from where both sides are told."""

    def __init__(self, expenses: ExpenseStore, decisions: Decisions) -> None:
        self._expenses = expenses
        self._decisions = decisions

    async def check_may_ask(self, expense_id: str, person: str) -> Expense:
        """Return an expense about which this person may ask now.

        Raises:
            InvalidState: a workflow asked for it, which answers nothing.
        """
        try:
            expense = await self._decisions.check_may_decide(expense_id, person)
        except AlreadyAgreed as agreed:
            expense = agreed.expense
        if expense.requester is None:
            raise InvalidState(say("requester-is-a-system"))
        return expense

    async def ask(self, expense_id: str, person: str, question: str) -> None:
        """Record a question to the requester; the same one again, before an answer, is one."""
        for _ in range(_TRIES):
            expense = await self.check_may_ask(expense_id, person)
            event = audit_events.Asked(question)
            is_known = False
            for entry in await self._expenses.history(expense_id):
                is_same = (entry.event, entry.actor) == (event, person)
                # The same words after an answer are another question, such as “Any news?”.
                is_answered = isinstance(entry.event, audit_events.Answered)
                is_known = is_same or (is_known and not is_answered)
            if is_known or await self._note(expense, event, person):
                return
        raise TryAgain("Much happens to this expense at the same time.")

    async def to_answer(
        self, expense_id: str, person: str, number: int | None = None
    ) -> tuple[Expense, int, str]:
        """Return an open expense of this person's, with a question's number and its words.

        Args:
            number: of the question's line in the audit trail; None for the newest question.

        Raises:
            NotAllowed: it is somebody else's; the attempt is written into its history.
            AlreadyDecided: it is not open any more.
            InvalidState: nobody has asked this.
        """
        expense = await self._expenses.get(expense_id)
        if expense.requester != person:
            refusal = NotAllowed(say("requester-answers"))
            await note_refusal(self._expenses, expense, person, refusal)
            raise refusal
        if not expense.is_open:
            raise AlreadyDecided("This expense is not open any more.", expense)
        history = await self._expenses.history(expense_id)
        found = [line for line in _questions(history) if number in (line[0], None)]
        if not found:
            raise InvalidState(say("no-such-question"))
        return expense, *found[-1]

    async def answer(
        self, expense_id: str, person: str, answer: str, number: int | None = None
    ) -> None:
        """Record the requester's answer; the same one again is recorded once."""
        for _ in range(_TRIES):
            expense, asked, question = await self.to_answer(expense_id, person, number)
            later = await self._expenses.history(expense_id, asked)
            following = next((number for number, _ in _questions(later)), None)
            plain = audit_events.Answered(answer)
            quoted = audit_events.Answered(f"“{shorten(question, _QUOTED)}” {answer}")
            own = [entry for entry in later if entry.actor == person]
            is_known = any(
                entry.event == quoted
                or (entry.event == plain and (following is None or entry.number < following))
                for entry in own
            )
            # An approver who has asked something else since must not take it for its answer.
            if is_known or await self._note(expense, quoted if following else plain, person):
                return
        raise TryAgain("Much happens to this expense at the same time.")

    async def _note(self, expense: Expense, event: Event, person: str) -> bool:
        """Write a line, unless the expense has changed meanwhile.

        It raises the expense's version: what has to be told is due in the database from then on,
        also for the next process.
        """
        return bool(
            await self._expenses.change(
                expense, event, person, expected={State.CREATED}, seen=expense.version
            )
        )


def _questions(history: list[AuditEntry]) -> list[tuple[int, str]]:
    """List the questions in an audit trail, each with the number of its line."""
    return [
        (entry.number, entry.event.question or "")
        for entry in history
        if isinstance(entry.event, audit_events.Asked)
    ]
