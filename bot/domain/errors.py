"""What can go wrong: with an expense, each with a `code` and a sentence, and with a setting.

ExpenseError
├── InvalidId             no expense has this id
├── IdAlreadyExists       somebody else created an expense with this id
├── InvalidState          the expense is not in a state in which this can be done
│   └── AlreadyDecided    a decision was asked for, and there is nothing left to decide
├── InvalidFormData       a task token that is not hex
├── InvalidType           an action that does not exist
├── InvalidInput          what a person typed; names the field
├── NotAllowed            this person may not do this
├── AlreadyAgreed         this person has agreed, and others have to
├── CeilingReached        nothing more is approved automatically this month
├── PaymentRefused        the payment system said no, and why
└── TryAgain              somebody we depend on does not answer just now
    └── Unanswered        and what was asked of them may happen all the same, even later

SettingsError             a setting is missing or wrong, so the process does not start
"""

from bot.domain.expense import Expense


class ExpenseError(Exception):
    """Something about an expense that cannot be done; the message is a sentence for people."""

    code = "ERROR"


class InvalidId(ExpenseError):
    """No expense has this id."""

    code = "INVALID_ID"


class IdAlreadyExists(ExpenseError):
    """Somebody else created an expense with this id."""

    code = "ID_ALREADY_EXISTS"


class InvalidState(ExpenseError):
    """The expense is not in a state in which this can be done."""

    code = "INVALID_STATE"


class AlreadyDecided(InvalidState):
    """There is nothing left to decide; `expense` says why."""

    def __init__(self, message: str, expense: Expense) -> None:
        super().__init__(message)
        self.expense = expense


class InvalidFormData(ExpenseError):
    """A task token that is not hex."""

    code = "INVALID_FORM_DATA"


class InvalidType(ExpenseError):
    """An action that does not exist."""

    code = "INVALID_TYPE"


class InvalidInput(ExpenseError):
    """What a person typed cannot be taken; `field` says where, the message what to write."""

    code = "INVALID_INPUT"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class NotAllowed(ExpenseError):
    """This person may not do this."""

    code = "NOT_ALLOWED"


class AlreadyAgreed(ExpenseError):
    """This person has agreed already; others have to."""

    code = "ALREADY_AGREED"

    def __init__(self, message: str, expense: Expense) -> None:
        super().__init__(message)
        self.expense = expense


class CeilingReached(ExpenseError):
    """Nothing more is approved automatically for this person this month."""

    code = "CEILING_REACHED"


class PaymentRefused(ExpenseError):
    """The payment system said no; `code` is its reason."""

    def __init__(self, code: str) -> None:
        super().__init__(f"The payment was refused: {code}.")
        self.code = code


class TryAgain(ExpenseError):
    """Somebody we depend on does not answer just now; the same call may be made again.

    Attributes:
        after: seconds to wait first.
    """

    code = "TRY_AGAIN"

    def __init__(self, message: str, after: float = 1.0) -> None:
        super().__init__(message)
        self.after = after


class Unanswered(TryAgain):
    """What was asked may have happened all the same, or happen later."""


class SettingsError(Exception):
    """A setting is missing or wrong; the message is one line that names it."""
