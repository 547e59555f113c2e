"""What arrives at /slack/events: everything Slack sends, changed here and there."""

import json
from typing import Any, get_args
from urllib.parse import urlencode

from hypothesis import strategies as st

from fuzz.case import OPEN, RESPONSE_URL, VICTIMS, Case, Signature
from fuzz.forms import ANSWER, FORM, QUESTION, REASON
from fuzz.values import mutated, texts
from sandbox.slack.config import (
    ADA,
    APPROVALS,
    KIM,
    LEE,
    MINA,
    NOOR,
    SAM,
    WorkspaceConfig,
)

FORM_TYPE, JSON_TYPE = "application/x-www-form-urlencoded", "application/json"
TEAM, APP = WorkspaceConfig().team_id, WorkspaceConfig().app_id
_PEOPLE = [ADA.id, NOOR.id, KIM.id, LEE.id, MINA.id, SAM.id, WorkspaceConfig().bot_user_id]

FORMS: dict[str, Any] = {
    "expense_modal": FORM,
    "reject_modal": REASON,
    "ask_modal": QUESTION,
    "answer_modal": ANSWER,
}
BUTTONS = [
    *("approve_expense", "reject_expense", "ask_about_expense", "answer_question"),
    *("withdraw_expense", "resubmit_expense", "new_expense"),
]
HOME_BUTTONS = [
    *("approve_selected", "choose_waiting", "home_waiting_next", "home_mine_previous"),
    *("withdraw_expense", "resubmit_expense", "new_expense", "delegate"),
]

_victims = st.sampled_from(VICTIMS) | st.just(OPEN)
_people = st.sampled_from(_PEOPLE) | st.just(MINA.id)


def _envelope(kind: str, person: str) -> dict[str, Any]:
    return {
        "type": kind,
        "user": {"id": person, "username": "somebody", "team_id": TEAM},
        "api_app_id": APP,
        "trigger_id": "1.2.abc",
        "team": {"id": TEAM, "domain": "sandbox"},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _click(person: str, action: str, victim: str) -> dict[str, Any]:
    return _envelope("block_actions", person) | {
        "container": {"type": "message", "message_ts": "1.2", "channel_id": APPROVALS.id},
        "channel": {"id": APPROVALS.id, "name": "approvals"},
        "message": {"ts": "1.2"},
        "response_url": RESPONSE_URL,
        "actions": [
            {"type": "button", "action_id": action, "block_id": "decision", "value": victim}
        ],
    }


def _home_click(person: str, action: str, victim: str) -> dict[str, Any]:
    option = {"value": victim, "text": {"type": "mrkdwn", "text": "€1.00"}}
    choice = {"type": "checkboxes", "action_id": "choose_waiting", "options": [option]}
    return _envelope("block_actions", person) | {
        "container": {"type": "view", "view_id": "V1"},
        "view": {
            "id": "V1",
            "type": "home",
            "hash": "1.abc",
            "private_metadata": "0 0",
            "blocks": [{"type": "actions", "block_id": "waiting", "elements": [choice]}],
            "state": {"values": {"waiting": {"choose_waiting": {"selected_options": [option]}}}},
        },
        "actions": [{"type": "button", "action_id": action, "block_id": "home", "value": victim}],
    }


def _form(person: str, callback: str, victim: str, number: int) -> dict[str, Any]:
    return _envelope("view_submission", person) | {
        "view": {
            "id": f"V{number}",
            "type": "modal",
            "callback_id": callback,
            # An expense is new, or made from another one.
            "private_metadata": "" if callback == "expense_modal" and number % 2 else victim,
            "state": {"values": FORMS[callback]},
        },
    }


def _event(person: str) -> dict[str, Any]:
    return {
        "type": "event_callback",
        "token": "x",
        "team_id": TEAM,
        "api_app_id": APP,
        "event": {"type": "app_home_opened", "user": person, "tab": "home", "channel": "D0"},
        "event_id": "Ev1",
        "authorizations": [{"team_id": TEAM, "user_id": "U0EXPNSSB0T", "is_bot": True}],
    }


def _command(person: str, text: str, number: int) -> dict[str, Any]:
    return {
        "command": "/expense",
        "text": text,
        "user_id": person,
        "team_id": TEAM,
        "api_app_id": APP,
        "channel_id": "D0",
        "response_url": RESPONSE_URL,
        "trigger_id": f"{number}.1.a",
    }


_numbers = st.integers(0, 2**40)
_words = st.one_of(
    texts,
    st.sampled_from(["submit", "submit 42.50 EUR Team lunch", "list", "help", f"status {OPEN}"]),
    st.builds("submit {} EUR {}".format, st.decimals().map(str), texts),
    st.builds(
        "{} {}".format,
        st.sampled_from(["status", "history", "withdraw", "delegate"]),
        _victims | texts,
    ),
)
_interactive = st.one_of(
    st.builds(
        _click,
        _people,
        st.sampled_from(BUTTONS),
        _victims,
    ),
    st.builds(_home_click, _people, st.sampled_from(HOME_BUTTONS), _victims),
    st.builds(_form, _people, st.sampled_from([*FORMS]), _victims, _numbers),
)
_signatures = st.sampled_from(["right", *get_args(Signature)]) | st.just("right")


def _dump(document: Any) -> bytes:
    return json.dumps(document).encode()


@st.composite
def _bodies(draw: st.DrawFn) -> tuple[bytes, str]:
    match draw(st.integers(0, 9)):
        case 0 | 1 | 2 | 3:
            document = draw(mutated(draw(_interactive)))
            return urlencode({"payload": json.dumps(document)}).encode(), FORM_TYPE
        case 4 | 5:
            command = draw(mutated(draw(st.builds(_command, _people, _words, _numbers)), most=1))
            pairs = command if isinstance(command, dict) else {"text": command}
            return urlencode(
                {str(k): str(v) for k, v in pairs.items()}, errors="surrogatepass"
            ).encode(), FORM_TYPE
        case 6:
            return _dump(draw(mutated(_event(draw(_people))))), JSON_TYPE
        case 7:
            return _dump(draw(mutated({"type": "url_verification", "challenge": "c"}))), JSON_TYPE
        case 8:
            whole = _dump(draw(_interactive))
            cut = whole[: draw(st.integers(0, len(whole)))] + draw(st.binary(max_size=8))
            return cut, draw(st.sampled_from([JSON_TYPE, FORM_TYPE]))
        case _:
            return draw(st.binary(max_size=200)), draw(
                st.sampled_from([JSON_TYPE, FORM_TYPE, "multipart/form-data", "text/plain", ""])
            )


@st.composite
def slack_cases(draw: st.DrawFn) -> Case:
    """Form one request to the Slack route."""
    body, content_type = draw(_bodies())
    return Case(
        method=draw(st.sampled_from(["POST"] * 19 + ["GET"])),
        target="/slack/events",
        body=body,
        headers={"Content-Type": content_type},
        signature=draw(_signatures),
    )
