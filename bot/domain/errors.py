"""The bot's errors.

ExpenseError
├── InvalidId             no expense has this id
├── IdAlreadyExists       another workflow or submission has an expense with this id
├── AlreadySubmitted      this submission came before, with other content
├── InvalidState          the expense's state does not allow this
│   ├── AlreadyDecided    the expense is not open to decisions
│   └── NotMarked         some expenses cannot be marked as paid, so none of a file is
├── InvalidFormData       a task token that is not hex
├── InvalidType           an action that does not exist
├── InvalidInput          a value that a person has to correct
├── NotAllowed            the policy does not allow this person to do this
├── AlreadyAgreed         this person has approved, and other approvers have to as well
├── NeededLater           this approval would use up somebody whom a later stage needs
├── CeilingReached        the monthly ceiling of automatic approvals is reached
├── PaymentRefused        the payment system refused
└── TryAgain              a service that the bot needs does not answer or asks it to wait
    ├── Conflict          other changes were in the way, and nothing was changed
    ├── Unanswered        the call may still take effect, even later
    ├── GroupGone         Slack does not have a user group any more
    ├── WrittenByNewer    a newer version of the bot recorded what this one does not know
    └── Unproven          the service's answer proves nothing about the expense

SettingsError             a setting is missing or wrong, so the process does not start
"""

from bot.domain.expense import Expense
from bot.domain.payments.payment import Problem


class ExpenseError(Exception):
    """A request that failed: a sentence for people, and a `code` for workers and the log."""

    code = "ERROR"

    def __init_subclass__(cls, *, code: str | None = None) -> None:
        cls.code = code or cls.code


class InvalidId(ExpenseError, code="INVALID_ID"):
    """No expense has this id."""


class IdAlreadyExists(ExpenseError, code="ID_ALREADY_EXISTS"):
    """Another workflow or submission has an expense with this id."""


class AlreadySubmitted(ExpenseError, code="ALREADY_SUBMITTED"):
    """This submission came before, with other content, and made the expense that counts."""

    def __init__(self, message: str, expense: Expense) -> None:
        super().__init__(message)
        self.expense = expense


class InvalidState(ExpenseError, code="INVALID_STATE"):
    """The expense's state does not allow this."""


class NotMarked(InvalidState):
    """Some expenses cannot be marked as paid, so none of them is.

    Attributes:
        problems: why, by the expense's id.
    """

    def __init__(self, problems: dict[str, Problem]) -> None:
        super().__init__("Nothing is marked as paid.")
        self.problems = problems


class AlreadyDecided(InvalidState):
    """The expense, as it is now, is not open to decisions."""

    def __init__(self, message: str, expense: Expense) -> None:
        super().__init__(message)
        self.expense = expense


class InvalidFormData(ExpenseError, code="INVALID_FORM_DATA"):
    """A task token that is not hex."""


class InvalidType(ExpenseError, code="INVALID_TYPE"):
    """An action that does not exist."""


class InvalidInput(ExpenseError, code="INVALID_INPUT"):
    """A value that a person has to correct; `field` is its name in the form."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class NotAllowed(ExpenseError, code="NOT_ALLOWED"):
    """The policy does not allow this person to do this."""


class AlreadyAgreed(ExpenseError, code="ALREADY_AGREED"):
    """This person has approved the expense, and other approvers have to as well."""

    def __init__(self, message: str, expense: Expense) -> None:
        super().__init__(message)
        self.expense = expense


class NeededLater(ExpenseError, code="NEEDED_LATER"):
    """This approval would use up somebody whom a later stage needs, as nobody counts twice."""


class CeilingReached(ExpenseError, code="CEILING_REACHED"):
    """The monthly ceiling of automatic approvals is reached for the requester."""


class PaymentRefused(ExpenseError):
    """The payment system refused; `code` is its reason, such as INSUFFICIENT_FUNDS."""

    def __init__(self, code: str) -> None:
        super().__init__(f"The payment was refused: {code}.")
        self.code = code


class TryAgain(ExpenseError, code="TRY_AGAIN"):
    """A service that the bot needs does not answer, or asks it to wait `after` seconds.

    The same call may be made again then.
    """

    def __init__(self, message: str, after: float = 1.0) -> None:
        super().__init__(message)
        self.after = after


class Conflict(TryAgain):
    """Other changes of the same expense were in the way, and nothing was changed."""


class Unanswered(TryAgain):
    """The service did not answer, and the call may still take effect, even later."""


class GroupGone(TryAgain):
    """Slack does not have this user group any more: it was disabled or deleted.

    Nobody is in it, so nobody decides by it; and what depends on who is *not* in it is not known.
    """

    def __init__(self, group: str) -> None:
        super().__init__(f"Slack does not have the user group {group} any more.", after=60)
        self.group = group


class WrittenByNewer(TryAgain):
    """A newer version of the bot recorded what this one does not know, and leaves alone."""

    def __init__(self, expense_id: str, what: str) -> None:
        super().__init__(
            f"A newer version of the bot recorded {what} of expense {expense_id}; this version "
            "leaves the expense alone until it is updated.",
            after=30,
        )
        self.expense_id = expense_id


class Unproven(TryAgain):
    """The service answered, and that proves nothing about what became of the expense.

    Asking again changes that only once the operator has found out why; nothing ends because of it.
    """


class SettingsError(Exception):
    """A setting is missing or wrong; the message is one line that names it."""
