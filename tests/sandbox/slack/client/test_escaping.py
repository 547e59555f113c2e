"""What Slack makes of what people type."""

import unicodedata
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from sandbox import ClientRefusal, Manifest, Sandbox, WorkspaceConfig
from sandbox.slack.config import (
    ADA,
    FINANCE,
    GENERAL,
    KIM,
    MANAGERS,
    MINA,
    MONEY,
    PRIYA,
    TOMAS,
    Channel,
    User,
)
from tests.sandbox.conftest import RecordingApp, recording

LONG = User("U0ADAMS0001", "ada.lovelace", "Ada Lovelace")
BOARD = Channel("C0BOARD0001", "board", is_private=True)
MADE_SO = [
    ("submit 42.50 EUR Team lunch", "submit 42.50 EUR Team lunch"),
    ("@mina", f"<@{MINA.id}|mina>"),
    ("@MINA and @Mina.", f"<@{MINA.id}|mina> and <@{MINA.id}|mina>."),
    ("delegate @priya.nair until Friday", f"delegate <@{PRIYA.id}|priya.nair> until Friday"),
    ("(@priya.nair)", f"(<@{PRIYA.id}|priya.nair>)"),
    ("@Tomás.Ribeiro!", f"<@{TOMAS.id}|tomás.ribeiro>!"),
    (unicodedata.normalize("NFD", "@tomás.ribeiro"), f"<@{TOMAS.id}|tomás.ribeiro>"),
    ("@ada's and @ada.lovelace", f"<@{ADA.id}|ada>'s and <@{LONG.id}|ada.lovelace>"),
    ("@ada.x @adam @ada_x", f"<@{ADA.id}|ada>.x @adam @ada_x"),
    ("@kim", f"<@{KIM.id}|kim>"),
    ("@nobody a@mina @@mina", "@nobody a@mina @@mina"),
    ("@finance", f"<!subteam^{FINANCE.id}|@finance>"),
    ("@Managers", f"<!subteam^{MANAGERS.id}|@managers>"),
    ("@here @CHANNEL", "<!here> <!channel>"),
    ("#finance, #General", f"<#{MONEY.id}|finance>, <#{GENERAL.id}|general>"),
    ("#nowhere #board #1 a#finance", "#nowhere #board #1 a#finance"),
    ("see https://x.example/?a=1&b=2.", "see <https://x.example/?a=1&amp;b=2>."),
    ("at example.com/menu", "at <http://example.com/menu|example.com/menu>"),
    ("mail ada@example.com", "mail <mailto:ada@example.com|ada@example.com>"),
    ("R&D <b> &amp;", "R&amp;D &lt;b&gt; &amp;amp;"),
    ("<@U0ADA4KFR7Q> <!channel>", "&lt;@U0ADA4KFR7Q&gt; &lt;!channel&gt;"),
]


def workspace(*, escapes: bool) -> WorkspaceConfig:
    manifest = Manifest.load()
    command = replace(manifest.commands["/expense"], escapes=escapes)
    config = WorkspaceConfig(manifest=replace(manifest, commands={"/expense": command}))
    return replace(config, users=(*config.users, LONG), channels=(*config.channels, BOARD))


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    async with Sandbox.start(workspace(escapes=True)) as sandbox:
        yield sandbox


@pytest.mark.parametrize(("typed", "sent"), MADE_SO)
async def test_a_command_names_people_and_channels_by_their_ids(
    slack: Sandbox, typed: str, sent: str
) -> None:
    async with recording(slack) as app:
        await slack.command(ADA, "/expense", typed)
        assert app.form()["text"] == sent


async def test_without_the_flag_only_three_characters_change() -> None:
    async with Sandbox.start(workspace(escapes=False)) as slack, recording(slack) as app:
        await slack.command(ADA, "/expense", "@mina #finance R&D <b> https://x.example")
        assert app.form()["text"] == "@mina #finance R&amp;D &lt;b&gt; https://x.example"


def test_the_projects_own_command_has_the_flag() -> None:
    assert Manifest.load().commands["/expense"].escapes


def test_messages_have_the_ids_without_names(slack: Sandbox) -> None:
    slack.say(ADA, GENERAL, "@Mina and @finance: see #finance & <this>")
    [message] = slack.messages(GENERAL)
    assert message["text"] == (
        f"<@{MINA.id}> and <!subteam^{FINANCE.id}>: see <#{MONEY.id}> &amp; &lt;this&gt;"
    )


async def test_people_reply_in_threads(
    slack: Sandbox, app: RecordingApp, http: aiohttp.ClientSession
) -> None:
    slack.say(ADA, GENERAL, "Which one?")
    root = slack.messages(GENERAL)[0]["ts"]
    slack.say(MINA, GENERAL, "This one", thread_ts=root)
    reply = slack.messages(GENERAL)[1]
    body = {"user": ADA.id, "channel": GENERAL.id, "text": "Thanks", "thread_ts": reply["ts"]}
    async with http.post(f"{slack.base_url}/client/command", json=body) as answer:
        assert (await answer.json())["ok"]
    # A reply to a reply is one more reply to the first message.
    assert [m.get("thread_ts") for m in slack.messages(GENERAL)] == [None, root, root]
    with pytest.raises(ClientRefusal, match="deleted"):
        slack.say(ADA, GENERAL, "x", thread_ts="1.000100")
    async with http.post(f"{slack.base_url}/client/command", json=body | {"thread_ts": 5}) as wrong:
        assert not (await wrong.json())["ok"]
