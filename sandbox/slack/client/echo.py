"""What Slack makes of an app's blocks when it sends them back in a payload.

It fills in what the app left out, and writes the three characters that mean something to it as
entities, also in plain text; the app has to read them back.
"""

from typing import Any

from sandbox.slack.client.escaping import escaped


def sent_back(thing: Any) -> Any:
    """Return a payload, or a part of one, with its texts as Slack sends them."""
    if isinstance(thing, list):
        return [sent_back(item) for item in thing]
    if not isinstance(thing, dict):
        return thing
    match thing:
        case {"type": "plain_text", "text": str(text)}:
            return {**thing, "text": escaped(text), "emoji": thing.get("emoji", True)}
        case {"type": "mrkdwn", "text": str()}:
            return {**thing, "verbatim": thing.get("verbatim", False)}
    return {key: sent_back(item) for key, item in thing.items()}
