"""Receipts: their fields in the form, the way back, and how messages show them.

Slack keeps the files; the bot knows their ids only. A file that was uploaded in a form is shared
with nobody: approvers see pictures because the bot, with files:read, shows them in its messages,
while a link opens for whom the file is shared with, its owner first of all.
"""

import mimetypes
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from slack_sdk.models import blocks
from slack_sdk.models.blocks.basic_components import SlackFile

from bot.block_kit.components import mrkdwn, plain
from bot.block_kit.inputs import MAX_OPTION, VALUE, field, visible
from bot.block_kit.mrkdwn import escape, units
from bot.catalogue import say
from bot.domain.errors import InvalidInput
from bot.domain.expense import Claim, Receipt

MAX_RECEIPTS = 5
FILE_TYPES = ("pdf", "png", "jpg", "jpeg", "gif", "heic")

# https://docs.slack.dev/reference/block-kit/composition-objects/slack-file-object
_PICTURES = ("image/png", "image/jpeg", "image/gif")
_ID = re.compile("F[A-Z0-9]{1,40}")
_MAX_NAME = 100
# Slack's own addresses have some 150 characters. Five links leave room for the rest of a message.
_MAX_LINK, _MAX_ADDRESS = 600, 2500
_FIELD, _KEPT = "receipts", "kept_receipts"


def receipts_fields(kept: Sequence[Receipt] = ()) -> list[blocks.Block]:
    """Build the field for files, and what is there from before to be kept or not.

    Args:
        kept: receipts of the expense that is submitted again; Slack fills no files in.
    """
    # The SDK has no model of it.
    files = {
        "type": "file_input",
        "action_id": VALUE,
        "filetypes": list(FILE_TYPES),
        "max_files": MAX_RECEIPTS,
    }
    hint = say("expense-form-receipts.limit", most=MAX_RECEIPTS)
    field_of_files = blocks.InputBlock(
        block_id=_FIELD, label=say("expense-form-receipts"), element=files, hint=hint, optional=True
    )
    if not kept:
        return [field_of_files]
    options = [
        blocks.Option(value=receipt.id, text=plain(receipt.name, MAX_OPTION)) for receipt in kept
    ]
    choice = blocks.CheckboxesElement(action_id=VALUE, options=options, initial_options=options)
    label = say("expense-form-receipts.kept")
    field_of_kept = blocks.InputBlock(block_id=_KEPT, label=label, element=choice, optional=True)
    return [field_of_kept, field_of_files]


def parse_receipts(values: Mapping[str, Any], before: Sequence[Receipt] = ()) -> list[Receipt]:
    """Read which receipts are kept and which files were added.

    Args:
        before: receipts of the expense that is submitted again.

    Raises:
        InvalidInput: there are too many, or one is not what Slack sends of a file.
    """
    chosen = field(values, _KEPT).get("selected_options")
    ticked = [one.get("value") for one in _list(chosen) if isinstance(one, Mapping)]
    kept = [receipt for receipt in before if receipt.id in ticked]
    found = {receipt.id: receipt for receipt in kept}
    files = _list(field(values, _FIELD).get("files"))
    found |= {receipt.id: receipt for receipt in map(_receipt, files)}
    if len(found) > MAX_RECEIPTS:
        raise InvalidInput(_FIELD, say("expense-form-receipts.too-many", most=MAX_RECEIPTS))
    return [*found.values()]


def links(claim: Claim | None) -> list[blocks.Block]:
    """Build the line with a link to each receipt; nothing without receipts."""
    if not (claim and claim.receipts):
        return []
    shown = claim.receipts[:MAX_RECEIPTS]
    label = plain(say("receipts", count=len(claim.receipts)))
    hidden = [] if all(one.is_picture for one in shown) else [plain(say("receipts-not-shown"))]
    return [blocks.ContextBlock(elements=[label, *map(_link, shown), *hidden])]


def pictures(claim: Claim | None) -> list[blocks.Block]:
    """Build the receipts that Slack can show, as pictures; their links stand in `links`, too."""
    shown = claim.receipts[:MAX_RECEIPTS] if claim else ()
    return [
        blocks.ImageBlock(slack_file=SlackFile(id=receipt.id), alt_text=receipt.name)
        for receipt in shown
        if receipt.is_picture
    ]


def without_pictures(body: Sequence[blocks.Block]) -> list[blocks.Block]:
    """Leave out the pictures, for when Slack refuses one: a deleted file is shown to nobody."""
    return [block for block in body if not isinstance(block, blocks.ImageBlock)]


def picture_ids(body: Sequence[blocks.Block]) -> list[str]:
    """List the ids of the files that a message shows as pictures."""
    return [
        block.to_dict()["slack_file"]["id"]
        for block in body
        if isinstance(block, blocks.ImageBlock)
    ]


def _receipt(given: object) -> Receipt:
    file = given if isinstance(given, Mapping) else {}
    file_id, address = str(file.get("id")), _address(str(file.get("permalink")))
    is_link = address.startswith(("https://", "http://")) and len(address) <= _MAX_ADDRESS
    if not (_ID.fullmatch(file_id) and is_link):
        raise InvalidInput(_FIELD, say("expense-form-receipts.lost"))
    return Receipt(
        id=file_id,
        name=visible(str(file.get("name") or ""))[:_MAX_NAME]
        or say("expense-form-receipts.unnamed"),
        permalink=address,
        is_picture=_is_picture(file),
    )


def _is_picture(file: Mapping[str, Any]) -> bool:
    """Say whether Slack can show a file, by its name if Slack has not looked into it yet."""
    kind = file.get("mimetype") or mimetypes.guess_type(str(file.get("name")))[0]
    return kind in _PICTURES


def _link(receipt: Receipt) -> blocks.TextObject:
    text = f"<{escape(_address(receipt.permalink))}|{escape(receipt.name)}>"
    if units(text) > _MAX_LINK:
        return plain(receipt.name, _MAX_LINK)
    return mrkdwn(text)


def _address(permalink: str) -> str:
    """Write as %XX whatever could end an address or begin something else in mrkdwn."""
    return quote(permalink, safe="%:/?#[]@!$&'()*+,;=~", errors="replace")


def _list(thing: object) -> list[Any]:
    return thing if isinstance(thing, list) else []
