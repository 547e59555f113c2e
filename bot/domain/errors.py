"""The bot's errors.

ExpenseError
├── InvalidId             no expense has this id
├── IdAlreadyExists       another workflow or submission has an expense with this id
├── InvalidState          the expense's state does not allow this
│   └── AlreadyDecided    the expense is not open to decisions
├── InvalidFormData       a task token that is not hex
├── InvalidType           an action that does not exist
├── InvalidInput          a value that a person has to correct
├── NotAllowed            the policy does not allow this person to do this
├── AlreadyAgreed         this person has approved, and other approvers have to as well
├── CeilingReached        the monthly ceiling of automatic approvals is reached
├── PaymentRefused        the payment system refused
└── TryAgain              a service that the bot needs does not answer or asks it to wait
    └── Unanswered        the call may still take effect, even later

SettingsError             a setting is missing or wrong, so the process does not start
"""

from bot.domain.expense import Expense


class ExpenseError(Exception):
    """A request that failed: a sentence for people, and a `code` for workers and the log."""

    code = "ERROR"


class InvalidId(ExpenseError):
    """No expense has this id."""

    code = "INVALID_ID"


class IdAlreadyExists(ExpenseError):
    """Another workflow or submission has an expense with this id."""

    code = "ID_ALREADY_EXISTS"


class InvalidState(ExpenseError):
    """The expense's state does not allow this."""

    code = "INVALID_STATE"


class AlreadyDecided(InvalidState):
    """The expense, as it is now, is not open to decisions."""

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
    """A value that a person has to correct; `field` is its name in the form."""

    code = "INVALID_INPUT"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class NotAllowed(ExpenseError):
    """The policy does not allow this person to do this."""

    code = "NOT_ALLOWED"


class AlreadyAgreed(ExpenseError):
    """This person has approved the expense, and other approvers have to as well."""

    code = "ALREADY_AGREED"

    def __init__(self, message: str, expense: Expense) -> None:
        super().__init__(message)
        self.expense = expense


class CeilingReached(ExpenseError):
    """The monthly ceiling of automatic approvals is reached for the requester."""

    code = "CEILING_REACHED"


class PaymentRefused(ExpenseError):
    """The payment system refused; `code` is its reason, such as INSUFFICIENT_FUNDS."""

    def __init__(self, code: str) -> None:
        super().__init__(f"The payment was refused: {code}.")
        self.code = code


class TryAgain(ExpenseError):
    """A service that the bot needs does not answer, or asks it to wait `after` seconds.

    The same call may be made again then.
    """

    code = "TRY_AGAIN"

    def __init__(self, message: str, after: float = 1.0) -> None:
        super().__init__(message)
        self.after = after


class Unanswered(TryAgain):
    """The service did not answer, and the call may still take effect, even later."""


class SettingsError(Exception):
    """A setting is missing or wrong; the message is one line that names it."""
