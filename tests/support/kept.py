"""Expenses with receipts whose copies are recorded as kept, and their flags."""

from dataclasses import dataclass, replace

from bot.database.receipts.copies import ReceiptStore
from bot.domain.expense import Expense, Receipt
from bot.domain.flags.flag import Flag
from bot.domain.receipts import CopyState, ReceiptCopy
from bot.services.receipt_flags import ReceiptFlags
from tests.support.plans import lunch
from tests.support.rooms import REQUESTER, Rooms


@dataclass
class Kept:
    """The rooms, and what is known of copies in them."""

    rooms: Rooms
    copies: ReceiptStore
    flags: ReceiptFlags

    async def submitted(self, key: str, amount: str, who: str = REQUESTER) -> Expense:
        """Submit an expense with a receipt, which is not copied yet."""
        file = Receipt(id=f"F{key}", name="a.pdf", permalink="https://x/a")
        claim = lunch(amount, receipts=(file,))
        expense = await self.rooms.submissions.submit(who, claim, f"view {key}")
        await self.copies.expect(expense.id, claim.receipts, is_required=False)
        return expense

    async def copied(self, expense: Expense, sha256: str = "a" * 64) -> ReceiptCopy:
        """Record that its receipt is copied."""
        [copy] = await self.copies.of_expense(expense.id)
        kept = replace(
            copy, state=CopyState.KEPT, sha256=sha256, type="application/pdf", size=1, place="here"
        )
        assert await self.copies.settle(kept)
        return kept

    async def flagged(self, expense: Expense) -> tuple[Flag, ...]:
        """Read an expense's flags."""
        return (await self.rooms.expenses.get(expense.id)).flags
