"""What a company's books call an expense: its category, its account, and fields of their own."""

from dataclasses import dataclass

from bot.domain.worth import Worth


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One of the company's own fields, as a requester filled it in."""

    key: str  # as the policy names the field, such as cost_center
    value: str  # what they chose or typed; of a dimension as the books have it, such as 4711
    label: str = ""  # what the form called the field, such as "Cost center"
    name: str = ""  # what people read of a value that was chosen, such as "Marketing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """The company's words for an expense, as its policy had them when it was submitted."""

    label: str = ""  # of the category; empty for one of `Category`, which the catalogue names
    account: str = ""  # the category's, in the books; empty if the policy names none
    dimensions: tuple[Detail, ...] = ()
    answers: tuple[Detail, ...] = ()  # to what the category asks, such as who attended
    employee_number: str = ""  # the requester's, by the company's list of people
    # Slack user id of the manager whom the company's list of people names for the requester.
    manager: str | None = None
    worth: Worth | None = None  # to the policy's rules; None if there are none


UNCODED = Coding()


def dimension_field(key: str) -> str:
    """Return the block_id of a dimension's field in the form."""
    return f"dimension {key}"


def answer_field(key: str) -> str:
    """Return the block_id of the field for what a category asks."""
    return f"answer {key}"
