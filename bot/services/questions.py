"""Questions about an expense: an approver asks, the requester answers, and nothing is decided."""

from bot.database.ledger import Ledger
from bot.domain.errors import AlreadyAgreed, AlreadyDecided, InvalidState, NotAllowed, TryAgain
from bot.domain.expense import AuditEntry, Expense, State
from bot.domain.text import shorten
from bot.services.decisions import Decisions

# How often a question gives way to something else that happens to the same expense.
_TRIES = 20
# How much of a question stands before an answer to it.
_QUOTED = 100


class Questions:
    """Writes questions and answers into the audit trail, from where both sides are told.

    Args:
        ledger: where expenses are recorded.
        decisions: says who may decide, and so who may ask.
    """

    def __init__(self, ledger: Ledger, decisions: Decisions) -> None:
        self._ledger = ledger
        self._decisions = decisions

    async def check_may_ask(self, expense_id: str, person: str) -> Expense:
        """Return an expense about which this person may ask now.

        Raises:
            InvalidId, NotAllowed, AlreadyDecided, TryAgain: as in `Decisions.check_may_decide`.
            InvalidState: a workflow asked for it, which answers nothing.
        """
        try:
            expense = await self._decisions.check_may_decide(expense_id, person)
        except AlreadyAgreed as agreed:
            expense = agreed.expense
        if expense.requester is None:
            raise InvalidState("A workflow asked for this, so there is nobody who could answer.")
        return expense

    async def ask(self, expense_id: str, person: str, question: str) -> None:
        """Record a question to the requester; the same one again is recorded once.

        Raises:
            InvalidId, NotAllowed, AlreadyDecided, InvalidState, TryAgain: as in `check_may_ask`.
        """
        for _ in range(_TRIES):
            expense = await self.check_may_ask(expense_id, person)
            history = await self._ledger.expenses.history(expense_id)
            asked = [(entry.event, entry.actor, entry.detail) for entry in history]
            if ("ask", person, question) in asked:
                return
            if await self._note(expense, "ask", person, question):
                return
        raise TryAgain("Much happens to this expense at the same time.")

    async def to_answer(
        self, expense_id: str, person: str, number: int | None = None
    ) -> tuple[Expense, AuditEntry]:
        """Return an open expense of this person's, with a question about it.

        Args:
            expense_id: which one.
            person: Slack user id of its requester.
            number: of the question's line in the audit trail; None for the newest.

        Raises:
            InvalidId: no expense has this id.
            NotAllowed: it is somebody else's; the attempt is written into its history.
            AlreadyDecided: it is not open any more.
            InvalidState: nobody has asked this.
        """
        expense = await self._ledger.get(expense_id)
        if expense.requester != person:
            refusal = NotAllowed("Only the requester answers questions about this expense.")
            await self._ledger.note_refusal(expense, person, refusal)
            raise refusal
        if not expense.is_open:
            raise AlreadyDecided("This expense is not open any more.", expense)
        history = await self._ledger.expenses.history(expense_id)
        questions = [entry for entry in history if entry.event == "ask"]
        found = [entry for entry in questions if number in (entry.number, None)]
        if not found:
            raise InvalidState("Nobody has asked this about this expense.")
        return expense, found[-1]

    async def answer(
        self, expense_id: str, person: str, answer: str, number: int | None = None
    ) -> None:
        """Record the requester's answer; the same one again is recorded once.

        Raises:
            InvalidId, NotAllowed, AlreadyDecided, InvalidState: as in `to_answer`.
            TryAgain: much happens to it at the same time.
        """
        for _ in range(_TRIES):
            expense, question = await self.to_answer(expense_id, person, number)
            later = await self._ledger.expenses.history(expense_id, question.number)
            following = next((entry.number for entry in later if entry.event == "ask"), None)
            own = [entry for entry in later if (entry.event, entry.actor) == ("answer", person)]
            quoted = f"“{shorten(question.detail or '', _QUOTED)}” {answer}"
            if any(
                entry.detail == quoted
                or (entry.detail == answer and (following is None or entry.number < following))
                for entry in own
            ):
                return
            # Who has asked something else since must not take it for the answer to that.
            if await self._note(expense, "answer", person, quoted if following else answer):
                return
        raise TryAgain("Much happens to this expense at the same time.")

    async def _note(self, expense: Expense, event: str, person: str, words: str) -> bool:
        """Write a line, unless the expense has changed meanwhile.

        It raises the expense's version: what has to be told is due in the database from then on,
        also for the next process.
        """
        changed = await self._ledger.change(
            expense,
            expected={State.CREATED},
            seen=expense.version,
            event=event,
            actor=person,
            detail=words,
        )
        return changed is not None
