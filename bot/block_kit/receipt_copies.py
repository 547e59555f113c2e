"""What people read of the copies of receipts: in threads, and in the history."""

from bot.block_kit.mrkdwn import quote
from bot.catalogue import say
from bot.domain.audit_events import ReceiptFlawed, ReceiptKept
from bot.domain.receipts import ReceiptCopy

_MOST = 300  # of a name


def word(copy: ReceiptCopy, *, is_theirs: bool) -> str | None:
    """Word what keeps people from seeing a receipt as it is; None if nothing does.

    Args:
        is_theirs: whether the requester reads it, and not the approvers.
    """
    if not copy.needs_a_word:
        return None
    name = quote(copy.name, _MOST)
    if copy.flaw:
        return say(
            "receipt-flawed-yours" if is_theirs else "receipt-flawed", file=name, flaw=copy.flaw
        )
    return say("receipt-heic-yours" if is_theirs else "receipt-heic", file=name)


def history_of_copy(event: ReceiptKept | ReceiptFlawed, who: str) -> str:
    """Word that a receipt was kept, or could not be."""
    first, _, name = (event.what or "").partition(" ")
    name, first = quote(name, _MOST), quote(first, _MOST)
    if isinstance(event, ReceiptKept):
        return say("history-receipt-kept", who=who, file=name, sha256=first)
    return say("history-receipt-flawed", who=who, file=name, flaw=first)
