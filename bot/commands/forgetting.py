"""`python -m bot forget`: one person becomes a pseudonym in everything that is over."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import click

from bot.commands.console import Exit, print_json
from bot.database.encryption import Cipher
from bot.database.engine.connection import Database
from bot.database.people.erasing import Eraser, Result
from bot.database.people.forgotten import Forgotten
from bot.domain.errors import TryAgain


@dataclass(kw_only=True)
class Count:
    """What was done, and how often.

    Attributes:
        left: open, unpaid, or not delivered yet.
        later: their audit trail is not sealed yet.
    """

    person: str
    pseudonym: str
    forgotten: int = 0
    left: int = 0
    later: int = 0
    dry_run: bool

    @property
    def code(self) -> Exit:
        """The exit code."""
        if self.later:
            return Exit.TRY_AGAIN
        if self.left:
            return Exit.FOUND
        return Exit.DONE if self.forgotten else Exit.REFUSED

    def lines(self) -> list[str]:
        """Say it in words."""
        if not (self.forgotten or self.left or self.later):
            return [f"{self.person} is in no expense"]
        becomes = "would become" if self.dry_run else "is now"
        said = [f"{self.person} {becomes} {self.pseudonym}; expenses: {self.forgotten}"]
        if self.left:
            said.append(
                f"open, unpaid, or not told to everybody yet: {self.left}; forget {self.person} "
                "again when they are over"
            )
        if self.later:
            said.append(f"not sealed yet: {self.later}; try again in a minute")
        return said


async def forget(
    database: Database, cipher: Cipher, person: str, *, is_dry: bool, as_json: bool
) -> Exit:
    """Replace a person by a pseudonym in every expense that is over, and say what was done."""
    eraser, whom = Eraser(database), Forgotten(pseudonym=cipher.pseudonym, person=person)
    count = Count(person=person, pseudonym=cipher.pseudonym(person), dry_run=is_dry)
    for expense_id in await eraser.of_person(person):
        try:
            if is_dry:
                is_over = await eraser.is_over(expense_id)
            else:
                is_over = await eraser.forget(expense_id, whom, "operator") is Result.DONE
        except TryAgain:
            count.later += 1
            continue
        count.forgotten += is_over
        count.left += not is_over
    if not is_dry:
        this_month = datetime.now(UTC).replace(day=1)
        await eraser.forget_beside(person, count.pseudonym, this_month)
    if as_json:
        print_json(asdict(count))
        return count.code
    for line in count.lines():
        click.echo(line)
    return count.code
