"""Modals and Home tabs, as the app opens them."""

import asyncio
from dataclasses import replace

from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import Manifest, Sandbox, WorkspaceConfig
from sandbox.slack.config import ADA, KIM, SAM
from sandbox.slack.views import KEEP_EXPIRED_SECONDS
from tests.sandbox.conftest import answering, client_of, home, modal, opened, refusal


async def test_a_view_looks_as_in_slack(slack: Sandbox, client: AsyncWebClient) -> None:
    view = await opened(slack, client, modal(private_metadata="m"))
    assert view["id"].startswith("V")
    assert view["root_view_id"] == view["id"]
    assert view["previous_view_id"] is None
    assert view["private_metadata"] == "m"
    assert view["state"] == {"values": {}}
    assert view["notify_on_close"] is False
    assert view["bot_id"] == slack.config.bot_id
    assert view["hash"]
    assert slack.open_view(SAM) is None


async def test_a_trigger_id_is_good_for_a_short_while() -> None:
    async with Sandbox.start(WorkspaceConfig(trigger_seconds=0.02)) as slack:
        trigger = slack.views.trigger(ADA.id)
        await asyncio.sleep(0.05)
        answer = await refusal(client_of(slack).views_open(trigger_id=trigger, view=modal()))
        assert answer["error"] == "expired_trigger_id"


def test_slack_gives_three_seconds() -> None:
    assert WorkspaceConfig().trigger_seconds == 3
    assert WorkspaceConfig().ack_seconds == 3
    assert WorkspaceConfig().response_url_seconds == 30 * 60


async def test_a_trigger_id_is_good_once(slack: Sandbox, client: AsyncWebClient) -> None:
    trigger = slack.views.trigger(ADA.id)
    await client.views_open(trigger_id=trigger, view=modal())
    answer = await refusal(client.views_open(trigger_id=trigger, view=modal()))
    assert answer["error"] == "exchanged_trigger_id"


async def test_an_invented_trigger_id(slack: Sandbox, client: AsyncWebClient) -> None:
    answer = await refusal(client.views_open(trigger_id="1.2.abc", view=modal()))
    assert answer["error"] == "invalid_trigger_id"


async def test_a_stack_is_three_deep(slack: Sandbox, client: AsyncWebClient) -> None:
    root = await opened(slack, client, modal())
    for _ in range(2):
        trigger = slack.views.trigger(ADA.id, in_modal=True)
        pushed = await client.views_push(trigger_id=trigger, view=modal())
    assert pushed["view"]["root_view_id"] == root["id"]
    trigger = slack.views.trigger(ADA.id, in_modal=True)
    answer = await refusal(client.views_push(trigger_id=trigger, view=modal()))
    assert answer["error"] == "push_limit_reached"


async def test_a_push_needs_an_open_modal(slack: Sandbox, client: AsyncWebClient) -> None:
    trigger = slack.views.trigger(ADA.id, in_modal=True)
    answer = await refusal(client.views_push(trigger_id=trigger, view=modal()))
    assert answer["error"] == "not_found"
    await opened(slack, client, modal())
    answer = await refusal(client.views_push(trigger_id=slack.views.trigger(ADA.id), view=modal()))
    assert answer["error"] == "not_found"


async def test_an_update_needs_the_latest_hash(slack: Sandbox, client: AsyncWebClient) -> None:
    view = await opened(slack, client, modal())
    update = await client.views_update(view_id=view["id"], hash=view["hash"], view=modal())
    assert update["view"]["id"] == view["id"]
    answer = await refusal(client.views_update(view_id=view["id"], hash=view["hash"], view=modal()))
    assert answer["error"] == "hash_conflict"


async def test_updating_a_closed_view(slack: Sandbox, client: AsyncWebClient) -> None:
    view = await opened(slack, client, modal())
    await slack.close_view(ADA)
    answer = await refusal(client.views_update(view_id=view["id"], view=modal()))
    assert answer["error"] == "not_found"


async def test_external_ids(slack: Sandbox, client: AsyncWebClient) -> None:
    await opened(slack, client, modal(external_id="mine"))
    again = client.views_open(
        trigger_id=slack.views.trigger(SAM.id), view=modal(external_id="mine")
    )
    assert (await refusal(again))["error"] == "duplicate_external_id"
    assert (await client.views_update(external_id="mine", view=modal(external_id="mine")))["ok"]


async def test_a_home_is_published_for_one_person(slack: Sandbox, client: AsyncWebClient) -> None:
    first = await client.views_publish(user_id=ADA.id, view=home("one"))
    second = await client.views_publish(
        user_id=ADA.id, view=home("two"), hash=first["view"]["hash"]
    )
    assert second["view"]["id"] == first["view"]["id"]
    shown = slack.home(ADA)
    assert shown
    assert shown["blocks"][0]["text"]["text"] == "two"
    assert slack.home(SAM) is None
    late = client.views_publish(user_id=ADA.id, view=home(), hash=first["view"]["hash"])
    assert (await refusal(late))["error"] == "hash_conflict"


async def test_a_home_is_no_modal(slack: Sandbox, client: AsyncWebClient) -> None:
    answer = await refusal(client.views_publish(user_id=ADA.id, view=modal()))
    assert answer["error"] == "invalid_arguments"
    answer = await refusal(client.views_publish(user_id=KIM.id, view=home()))
    assert answer["error"] == "invalid_arguments"


async def test_a_home_tab_must_be_enabled() -> None:
    manifest = replace(Manifest.load(), home_tab=False)
    async with Sandbox.start(WorkspaceConfig(manifest=manifest)) as slack:
        answer = await refusal(client_of(slack).views_publish(user_id=ADA.id, view=home()))
        assert answer["error"] == "not_enabled"


async def test_old_trigger_ids_are_forgotten_in_the_end() -> None:
    async with Sandbox.start(WorkspaceConfig(trigger_seconds=-KEEP_EXPIRED_SECONDS)) as slack:
        trigger = slack.views.trigger(ADA.id)
        await asyncio.sleep(0.01)
        slack.views.trigger(ADA.id)
        answer = await refusal(client_of(slack).views_open(trigger_id=trigger, view=modal()))
        assert answer["error"] == "invalid_trigger_id"


async def test_a_published_home_can_be_updated_by_its_id(
    slack: Sandbox, client: AsyncWebClient
) -> None:
    published = await client.views_publish(user_id=ADA.id, view=home("one"))
    await client.views_update(view_id=published["view"]["id"], view=home("two"))
    shown = slack.home(ADA)
    assert shown
    assert shown["blocks"][0]["text"]["text"] == "two"


async def test_a_form_closed_while_the_app_thinks(slack: Sandbox, client: AsyncWebClient) -> None:
    view = await opened(slack, client, modal())

    async def answer(request: web.Request) -> web.Response:
        await slack.close_view(ADA)
        return web.json_response({"response_action": "update", "view": modal()})

    async with answering(slack, answer):
        ack = await slack.submit(ADA, view, {"what": "x"})
    assert ack.error == "invalid_response_action: not_found"
    assert slack.open_view(ADA) is None
