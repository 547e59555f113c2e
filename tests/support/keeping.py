"""What copies receipts, over a real database and the stand-in Slack."""

from datetime import timedelta

from slack_sdk.web.async_client import AsyncWebClient

from bot.database.receipts.copies import ReceiptStore
from bot.database.receipts.threads import ReceiptThreads
from bot.delivery.receipts import ReceiptKeeper
from bot.delivery.timing import Timing
from bot.domain.expense import Expense
from bot.domain.receipts import ReceiptCopy
from bot.receipt_storage import ReceiptStorage
from tests.support.rooms import Rooms

HASTY = Timing(
    poll=timedelta(seconds=0.01),
    lease=timedelta(seconds=0.3),
    doubt=timedelta(seconds=0.3),
    longest_retry=timedelta(seconds=0.05),
    longest_pause=timedelta(seconds=0.05),
)


def keeper(
    r: Rooms,
    client: AsyncWebClient,
    place: str | None = None,
    timing: Timing = HASTY,
    *,
    is_required: bool = False,
) -> ReceiptKeeper:
    """Make what copies receipts to a place, or to none."""

    def requires(_: Expense) -> bool:
        return is_required

    async def kept(_: ReceiptCopy) -> None:
        """Flag nothing."""

    storage = ReceiptStorage(place, r.database) if place else None
    store, threads = ReceiptStore(r.database), ReceiptThreads(r.database)
    return ReceiptKeeper(client, r.expenses, store, threads, storage, requires, kept, timing)
