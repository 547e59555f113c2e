"""What requesters do: submit an expense, and withdraw it."""

import asyncio
import base64
import hashlib
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from bot.catalogue import say
from bot.database.expenses import ExpenseStore
from bot.domain import audit_events
from bot.domain.errors import (
    AlreadyDecided,
    AlreadySubmitted,
    CeilingReached,
    IdAlreadyExists,
    InvalidId,
    InvalidInput,
    InvalidState,
    TryAgain,
)
from bot.domain.expense import (
    OPEN,
    PAID_BEFORE,
    RESUBMITTABLE,
    UNDECIDED,
    Caller,
    Claim,
    Decision,
    Expense,
    State,
    workflow_id_of,
)
from bot.domain.form import Chosen
from bot.domain.health.stuck import repair
from bot.policy.approvers import Policy
from bot.policy.prospects import Prospects
from bot.services.flagging import Flagging

logger = logging.getLogger(__name__)

# Slack gives us 3 s to acknowledge a form. What is not known by then is found out after it.
PROSPECTS_SECONDS = 0.8
# How often an answer gives way to something else that happens to the same expense.
_TRIES = 20


class Submissions:
    """Records what requesters want.

    Args:
        prospects: says whether enough people are left to approve it; None for the policy's own.
    """

    def __init__(
        self,
        expenses: ExpenseStore,
        window: timedelta,
        policy: Policy,
        flagging: Flagging,
        prospects: Prospects | None = None,
    ) -> None:
        self._expenses = expenses
        self._window = window
        self._flagging = flagging
        self._prospects = prospects or policy.prospects

    async def submit(
        self, requester: str, claim: Claim, submission_key: str, previous_id: str | None = None
    ) -> Expense:
        """Record what somebody asks for; its workflow is started from that record.

        Args:
            submission_key: the same for a repeated delivery of the same submission, and for a form
                that its requester corrects because the answer to it came too late.

        Returns:
            The new expense; for the same claim once more, the expense as it is by now.

        Raises:
            AlreadySubmitted: this submission came before, and asked for something else.
            InvalidInput: the policy does not take it like that, or too few people could approve it.
            InvalidId: `previous_id` is no expense of theirs.
            InvalidState: the expense with `previous_id` is open, approved or paid.
        """
        previous = await own(self._expenses, previous_id, requester) if previous_id else None
        id = _expense_id(requester, submission_key)
        if known := await self._submitted_before(id, submission_key, claim):
            return known  # even if the policy would ask for something else by now
        if previous_id:
            # It may have been paid after all since the form was opened.
            await self.to_resubmit(previous_id, requester)
        claim, plans, flags, policy_sha256 = await self._flagging.judge(requester, claim)
        for plan in (*plans, None):
            expense = Expense(
                id=id,
                state=State.SUBMITTED,
                version=1,
                created_at=await self._expenses.now(),
                requester=requester,
                claim=claim,
                plan=plan,
                flags=flags,
                policy_sha256=policy_sha256,
                previous_id=previous_id,
                previous_number=previous.number if previous else None,
                submission_key=submission_key,
                window=(plan and plan.window) or self._window,
                caller=Caller(workflow_id=workflow_id_of(id)),
            )
            event = audit_events.Submitted(plan.rule if plan else None)
            await self._check_prospects(expense)
            with suppress(CeilingReached):
                if made := await self._expenses.add(expense, event, requester):
                    return made
                return await self._submitted_before(id, submission_key, claim) or expense
        raise AssertionError("without a plan there is no ceiling")

    async def _check_prospects(self, expense: Expense) -> None:
        """Refuse an expense that nobody could decide, or that could never be approved."""
        try:
            async with asyncio.timeout(PROSPECTS_SECONDS):
                obstacle = await self._prospects.obstacle(expense, if_escalated=True)
        except (TryAgain, TimeoutError):
            return  # it is asked again when the approvers are
        if obstacle is None:
            return
        logger.error("an expense was refused: %s", repair(expense, obstacle))
        if expense.claim and expense.claim.manager:
            raise InvalidInput("manager", say("too-few-approvers-by-manager"))
        raise InvalidInput("amount", say("too-few-approvers"))

    async def _submitted_before(
        self, expense_id: str, submission_key: str, claim: Claim
    ) -> Expense | None:
        known = await self._expenses.find(expense_id)
        if known and known.submission_key != submission_key:
            raise IdAlreadyExists(say("submit-once-more"))
        if known and not (known.claim and known.claim.is_same_as(claim)):
            raise AlreadySubmitted("This was submitted before, with other content.", known)
        return known

    async def chosen_before(self, person: str, within: float) -> Chosen:
        """Say what somebody chose in their latest expenses; nothing if that is not known in time.

        Args:
            within: seconds that it may take.
        """
        with suppress(TryAgain, TimeoutError):
            async with asyncio.timeout(within):
                return await self._expenses.chosen_by(person)
        return Chosen()

    async def own(self, expense_id: str, person: str) -> Expense:
        """Return an expense to its requester."""
        return await own(self._expenses, expense_id, person)

    async def to_resubmit(self, expense_id: str, person: str) -> Expense:
        """Return an expense that its requester may submit once more, with changes or without.

        Raises:
            InvalidState: it is open, approved or paid.
        """
        expense = await own(self._expenses, expense_id, person)
        if expense.state not in RESUBMITTABLE or expense.claim is None:
            why = "is-left-to-finance" if expense.awaits_finance else "is-under-way"
            raise InvalidState(say("is-paid" if expense.is_paid else why))
        if expense.payment_refusal == PAID_BEFORE:
            raise InvalidState(say("was-paid-before"))
        return expense

    async def ask_again(self, expense_id: str, person: str) -> Expense:
        """Submit an expense anew, as it was, that was closed without a decision.

        However often that is asked, it is one new expense.

        Raises:
            InvalidId: this person asked for no expense with this id.
            InvalidState: it was not closed without a decision.
            InvalidInput, TryAgain: as in `submit`.
        """
        previous = await self.to_resubmit(expense_id, person)
        if previous.claim is None or previous.state not in UNDECIDED:
            raise InvalidState(say("not-undecided"))
        key = f"again {previous.id}"
        return await self.submit(person, previous.claim, key, previous.id)

    async def explain(self, expense_id: str, person: str, words: str) -> None:
        """Record what its requester says to the flags of an expense; the first words count.

        Raises:
            AlreadyDecided: it is not open any more.
        """
        for _ in range(_TRIES):
            expense = await own(self._expenses, expense_id, person)
            if expense.flag_answer is not None:
                return
            event, seen = audit_events.Justified(words), expense.version
            if await self._expenses.change(
                expense, event, person, expected=OPEN, seen=seen, flag_answer=words
            ):
                return
            if expense.state not in OPEN:
                raise AlreadyDecided("This expense is not open any more.", expense)
        raise TryAgain("Much happens to this expense at the same time.")

    async def withdraw(self, expense_id: str, person: str) -> Expense:
        """Take back an expense that is not decided yet.

        Raises:
            AlreadyDecided: it is not open any more.
        """
        expense = await own(self._expenses, expense_id, person)
        withdrawn = await self._expenses.change(
            expense,
            audit_events.Withdrawn(),
            person,
            to=State.WITHDRAWN,
            decision=Decision.CANCELLED,
            decided_at=datetime.now(UTC),
        )
        if withdrawn:
            return withdrawn
        expense = await self._expenses.get(expense_id)
        if expense.state is not State.WITHDRAWN:
            raise AlreadyDecided("This expense is not open any more.", expense)
        return expense


async def own(expenses: ExpenseStore, expense_id: str, person: str) -> Expense:
    """Return an expense to its requester.

    Raises:
        InvalidId: this person asked for no expense with this id.
    """
    expense = await expenses.find(expense_id)
    if expense is None or expense.requester != person:
        raise InvalidId(say("no-expense-of-yours"))
    return expense


def _expense_id(requester: str, submission_key: str) -> str:
    """Derive an id from the submission, so that a repeated one finds the same expense.

    Twelve characters of base32 carry 60 bits: among a million expenses two meet with a chance of
    one in two million, and then the second submission is refused, not mixed up.
    """
    digest = hashlib.sha256(f"{requester} {submission_key}".encode()).digest()
    return base64.b32encode(digest)[:12].decode()
