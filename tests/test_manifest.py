"""manifest.yml: what Slack accepts, and exactly what the code needs."""

import ast
import copy
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
import yaml
from slack_sdk.web.async_client import AsyncWebClient
from temporalio.client import Client

from bot.block_kit import (
    bulk_approval,
    finance,
    home_tab,
    inputs,
    message_blocks,
    modals,
    stuck_list,
)
from bot.block_kit.forms import (
    delegation_modal,
    expense_modal,
    export_modal,
    handover_modal,
    own_fields,
    payment_forms,
)
from bot.block_kit.receipts import pictures
from bot.domain.expense import Receipt
from bot.domain.people.locale import ANYBODY
from bot.slack import probe
from bot.slack.listeners import register_listeners
from tests.support.claims import claim
from tests.support.house import house

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "manifest.yml").read_text()
SCHEMA = json.loads((ROOT / "tests/data/slack-manifest.schema.json").read_text())
PLACEHOLDER = "your-app.example.com"

# What Slack's documentation asks for, for each Web API method that the bot calls.
SCOPES: dict[str, set[str]] = {
    "apps_connections_open": set(),  # the app-level token has a scope of its own
    "auth_test": set(),
    "bots_info": {"users:read"},
    "chat_postMessage": {"chat:write"},
    "chat_update": {"chat:write"},
    "chat_delete": {"chat:write"},
    "chat_scheduleMessage": {"chat:write"},
    "chat_deleteScheduledMessage": {"chat:write"},
    "files_completeUploadExternal": {"files:write"},
    "files_getUploadURLExternal": {"files:write"},
    "files_info": {"files:read"},
    "users_info": {"users:read"},
    "users_lookupByEmail": {"users:read.email"},
    "usergroups_users_list": {"usergroups:read"},
    "views_open": set(),
    "views_publish": set(),
    "views_update": set(),
}


def http_mode() -> dict[str, Any]:
    """The manifest as it stands."""
    return dict(yaml.safe_load(TEXT))


def socket_mode() -> dict[str, Any]:
    """The manifest as its own comment says to change it for Socket Mode."""
    kept = [line for line in TEXT.splitlines() if "https://your-app" not in line]
    assert len(TEXT.splitlines()) - len(kept) == 4
    text = "\n".join(kept).replace("socket_mode_enabled: false", "socket_mode_enabled: true")
    return dict(yaml.safe_load(text))


MODES = [pytest.param(http_mode, id="http"), pytest.param(socket_mode, id="socket")]


class FakeApp:
    """Takes registrations as Bolt's app does, and remembers them."""

    def __init__(self) -> None:
        self.commands: set[str] = set()
        self.actions: set[str] = set()
        self.views: set[str] = set()
        self.events: set[str] = set()
        self.fields: set[str] = set()
        self.menus: set[str] = set()

    def command(self, name: str) -> Callable[[Any], None]:
        return lambda handler: self.commands.add(name)

    def action(
        self, name: str | dict[str, str], matchers: Sequence[Any] = ()
    ) -> Callable[[Any], None]:
        if isinstance(name, dict):
            return lambda handler: self.fields.add(name["block_id"])
        return lambda handler: self.actions.add(name)

    def options(self, name: str) -> Callable[[Any], None]:
        return lambda handler: self.menus.add(name)

    def view(self, name: str) -> Callable[[Any], None]:
        return lambda handler: self.views.add(name)

    def event(self, name: str) -> Callable[[Any], None]:
        return lambda handler: self.events.add(name)


@pytest.fixture
def app() -> FakeApp:
    """What the listeners ask Bolt for."""
    fake = FakeApp()
    register_listeners(fake, None)  # type: ignore[arg-type]
    return fake


def methods_called() -> set[str]:
    """Every method of Slack's Web API that the bot calls or hands on, read from its source."""
    return {
        node.attr
        for file in product_files()
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute)
        and "_" in node.attr
        and node.attr in vars(AsyncWebClient)
    }


def product_files() -> Iterator[Path]:
    for file in (ROOT / "bot").rglob("*.py"):
        if "sandbox" not in file.parts:
            yield file


def kinds_of_blocks() -> set[str]:
    """What the bot builds out of files: fields for them, and pictures of them."""
    view = expense_modal.expense_modal(ANYBODY)
    fields = {block.to_dict().get("element", {}).get("type") for block in view.blocks or []}
    receipt = Receipt(id="F1", name="x", permalink="https://x", is_picture=True)
    keys = {key for block in pictures(claim(receipts=(receipt,))) for key in block.to_dict()}
    return {kind for kind in fields | keys if kind}


@pytest.mark.parametrize("manifest", MODES)
def test_slack_accepts_it(manifest: Callable[[], dict[str, Any]]) -> None:
    jsonschema.Draft7Validator(SCHEMA).validate(manifest())


def test_the_schema_would_notice() -> None:
    wrong = copy.deepcopy(http_mode())
    wrong["settings"]["interactivity"]["enabled"] = True
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, SCHEMA)


@pytest.mark.parametrize("manifest", MODES)
def test_it_offers_the_commands_that_the_code_answers(
    manifest: Callable[[], dict[str, Any]], app: FakeApp
) -> None:
    offered = {entry["command"] for entry in manifest()["features"]["slash_commands"]}
    assert offered == app.commands


@pytest.mark.parametrize("manifest", MODES)
def test_it_subscribes_to_the_events_that_the_code_answers(
    manifest: Callable[[], dict[str, Any]], app: FakeApp
) -> None:
    assert set(manifest()["settings"]["event_subscriptions"]["bot_events"]) == app.events


def named(room: ModuleType, ending: str) -> set[Any]:
    """What the constants of a room say whose names end like this."""
    return {value for name, value in vars(room).items() if name.endswith(ending)}


@pytest.mark.parametrize("manifest", MODES)
def test_buttons_and_forms_reach_the_code(
    manifest: Callable[[], dict[str, Any]], app: FakeApp
) -> None:
    assert manifest()["settings"]["interactivity"]["is_enabled"] is True
    rooms = (
        *(message_blocks, bulk_approval, home_tab, stuck_list, finance),
        *(delegation_modal, expense_modal, export_modal, handover_modal, modals, payment_forms),
    )
    assert app.actions == {action for room in rooms for action in named(room, "_ACTION")}
    assert (app.fields, app.menus) == ({own_fields.CATEGORY}, {inputs.VALUE})
    assert manifest is socket_mode or "message_menu_options_url" in str(manifest())
    texts = [form for form in vars(modals).values() if isinstance(form, modals.TextModal)]
    views = {view for room in rooms for view in named(room, "_MODAL")}
    assert app.views == views | {form.callback_id for form in texts}


@pytest.mark.parametrize("manifest", MODES)
def test_home_and_direct_messages_are_on(manifest: Callable[[], dict[str, Any]]) -> None:
    home = manifest()["features"]["app_home"]
    assert home["home_tab_enabled"] is True
    assert home["messages_tab_enabled"] is True


def test_every_web_api_method_has_its_scopes_here() -> None:
    assert methods_called() == set(SCOPES)


@pytest.mark.parametrize("manifest", MODES)
def test_it_asks_for_the_scopes_that_the_code_needs_and_no_other(
    manifest: Callable[[], dict[str, Any]], app: FakeApp
) -> None:
    needed: set[str] = set().union(*(SCOPES[method] for method in methods_called()))
    if app.commands:
        needed.add("commands")
    if kinds_of_blocks() & {"file_input", "slack_file"}:
        needed.add("files:read")
    scopes = manifest()["oauth_config"]["scopes"]
    assert set(scopes) == {"bot"}
    assert set(scopes["bot"]) == needed


def test_the_bot_looks_for_the_scopes_that_it_asks_for() -> None:
    assert set(probe.SCOPES) == set(http_mode()["oauth_config"]["scopes"]["bot"])


@pytest.mark.parametrize("manifest", MODES)
def test_every_scope_says_what_it_is_for(manifest: Callable[[], dict[str, Any]]) -> None:
    lines = [line.strip() for line in TEXT.splitlines()]
    for scope in manifest()["oauth_config"]["scopes"]["bot"]:
        assert lines[lines.index(f"- {scope}") - 1].startswith("#")


def urls(part: Any) -> Iterator[str]:
    """Every address in the manifest."""
    if isinstance(part, dict):
        for value in part.values():
            yield from urls(value)
    elif isinstance(part, list):
        for value in part:
            yield from urls(value)
    elif isinstance(part, str) and part.startswith("https://"):
        yield part


async def test_its_addresses_are_where_the_bot_listens_for_slack(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    paths = {urlsplit(url).path for url in urls(http_mode())}
    assert {urlsplit(url).netloc for url in urls(http_mode())} == {PLACEHOLDER}
    async with house(temporal_client, task_queue, tmp_path, worker=False) as here:
        for path in paths:
            status, _ = await here.post(path)
            assert status == 401, "there is a route, and it wants Slack's signature"


def test_without_a_public_address_there_is_none_in_it() -> None:
    assert list(urls(socket_mode())) == []
    assert socket_mode()["settings"]["socket_mode_enabled"] is True
    assert http_mode()["settings"]["socket_mode_enabled"] is False
