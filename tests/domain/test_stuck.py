"""What the operator reads of an expense that is stuck names what mends it."""

import pytest

from bot.domain.expense import State
from bot.domain.health.stuck import repair
from bot.domain.obstacle import Kind, Obstacle
from tests.support.claims import expense


@pytest.mark.parametrize(
    ("word", "remedy"),
    [
        ("is_archived", "Unarchive that channel"),
        ("not_in_channel", "Invite the bot into that channel"),
    ],
)
def test_what_slack_says_of_a_channel_decides_what_to_do(word: str, remedy: str) -> None:
    obstacle = Obstacle(kind=Kind.NOT_ASKED, about=("C0APPROVALS", word))
    words = repair(expense(State.CREATED), obstacle)
    assert words.startswith(f"nobody was asked, as Slack says {word} of C0APPROVALS. {remedy}, ")
