"""What a person may do besides submitting and deciding."""

from enum import StrEnum


class Role(StrEnum):
    """A part that the company gives to people and groups; nobody decides an expense by it."""

    ADMIN = "admin"  # gives what is stuck to somebody else
    FINANCE = "finance"  # reads every expense, and pays
    AUDITOR = "auditor"  # reads every expense, and changes nothing
