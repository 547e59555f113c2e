"""What operators write: settings, approvers and policy files."""

import os
import tempfile
from pathlib import Path

from hypothesis import strategies as st

from bot.domain.errors import SettingsError
from bot.policy.file.loader import load_policy
from bot.policy.file.source import PolicyError
from bot.policy.members import parse_approvers
from bot.settings import Settings, load_settings
from fuzz.case import Inputs
from fuzz.values import NASTY, texts

POLICY = (Path(__file__).parents[1] / "policy.example.toml").read_text().splitlines()

SETTINGS = [name.upper() for name in Settings.model_fields]
RIGHT = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "s" * 32,
    "SLACK_APPROVALS_CHANNEL": "C0123456789",
}
# Only values that the operating system allows in an environment.
_values = st.one_of(
    texts,
    st.sampled_from(
        [
            "postgres://u:p@h/d",
            "postgres://[::1/d",
            "postgres://u:p@h:99999999/d",
            "postgres://h/d?sslmode=maybe",
            "sqlite:///a.db",
            "sqlite://",
            "mysql://h/d",
            "http://",
            "https://x/y z",
            "http://[",
            "xoxb-",
            "xapp-",
            "whsec_!!",
            "whsec_",
            "72h",
            "0s",
            "999999d",
            "U0ADA4KFR7Q,S0MANAGERS1",
            "65536",
            "٨٠٩٩",
            ",,,",
            "k" * 32 + "," + "l" * 32,
        ]
    ),
).map(lambda text: text.replace("\x00", "").encode(errors="replace").decode())


async def approvers(text: str) -> None:
    """A policy names ids, or is refused with a ValueError."""
    try:
        parsed = parse_approvers(text)
    except ValueError:
        return
    assert all(name.isascii() for name in parsed)


async def settings(variables: dict[str, str]) -> None:
    """Settings are read, or refused in one line that names one and repeats no secret."""
    before = dict(os.environ)
    secret = "a password that nobody should read"
    for name in SETTINGS:
        os.environ.pop(name, None)
    try:
        os.environ.update(RIGHT | variables)
        read = load_settings()
        assert read.expense_approvers is not None
        keys = [*read.slack_signing_secret, *read.expense_encryption_key, read.slack_bot_token]
        for key in keys:
            if len(key.get_secret_value()) > 12:
                assert key.get_secret_value() not in repr(read)
    except SettingsError as error:
        assert "\n" not in str(error), error
        assert any(name in str(error) for name in SETTINGS), error
        assert secret not in str(error)
    finally:
        os.environ.clear()
        os.environ.update(before)


async def policy(lines: list[str]) -> None:
    """A policy is read, or each of its mistakes is one line that begins with the file's name."""
    with tempfile.NamedTemporaryFile(suffix=".toml") as file:
        file.write("\n".join(lines).encode(errors="surrogatepass"))
        file.flush()
        try:
            book = load_policy(Path(file.name))
        except PolicyError as error:
            assert error.mistakes
            assert all(line.startswith(f"{file.name}:") for line in error.mistakes)
            assert all(line.isprintable() and len(line) < 1000 for line in error.mistakes)
            return
    for rule in book.rules:
        assert rule.name.isprintable()
        assert all(stage.asked and stage.needed > 0 for stage in rule.stages)


_toml_values = st.one_of(
    st.sampled_from(NASTY).map(lambda text: f'"{text}"'),
    st.sampled_from(["1e999999999", "nan", "-inf", "9" * 5000, "[" * 3000, "{}", "[[]]", "true"]),
    st.sampled_from(['["@finance"]', '["U0ADA"]', '"999999d"', '"0s"', "1979-05-27", "0x1F"]),
    st.text("[]{}\"=.,'#@\\U0 ", max_size=12),
    texts,
)


@st.composite
def _policies(draw: st.DrawFn) -> list[str]:
    """Change the lines of a valid policy: other values, other keys, another order."""
    lines = [*POLICY]
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(lines) - 1))
        key = lines[place].partition("=")[0]
        match draw(st.integers(0, 4)):
            case 0:
                lines[place] = draw(texts)
            case 1:
                lines.insert(place, lines[draw(st.integers(0, len(lines) - 1))])
            case 2 if len(lines) > 1:
                del lines[place]
            case 3:
                lines[place] = draw(texts) + lines[place]
            case _:
                lines[place] = f"{key}= {draw(_toml_values)}"
    return lines


CONFIGURATION: Inputs = {
    "policy": (_policies() | texts.map(str.splitlines), policy),
    "approvers": (texts | st.text("USW0A ,\t\n", max_size=30), approvers),
    "settings": (st.dictionaries(st.sampled_from(SETTINGS), _values, max_size=4), settings),
}
