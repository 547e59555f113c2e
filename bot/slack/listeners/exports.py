"""The export that finance and auditors ask for, which comes into their direct messages."""

import logging
import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from slack_sdk.models.views import View

from bot.block_kit.forms import export_modal
from bot.catalogue import say
from bot.domain.errors import ExpenseError
from bot.domain.export.columns import Period
from bot.domain.export.formats import Format
from bot.slack.errors import SlackRefusal
from bot.slack.listeners.interactions import Click, FormSubmission
from bot.slack.listeners.registry import Listeners
from bot.slack.uploads import upload
from bot.slack.web_client import asking_slack

logger = logging.getLogger(__name__)


def register(listeners: Listeners) -> None:
    """Register the button and the form."""
    listeners.action(export_modal.EXPORT_ACTION, open_form)
    listeners.view(export_modal.EXPORT_MODAL, begin, at="first", refused="notice-not-exported")


async def open_form(click: Click) -> str:
    """Open the form."""
    await click.bot.exports.check(click.person)
    form = export_modal.export_modal(datetime.now(UTC).date())
    return await click.open_form(form, otherwise=say("export-form-did-not-open"))


async def begin(form: FormSubmission) -> View | None:
    """Begin to write the file; who asked is told in their direct messages."""
    await form.bot.exports.check(form.person)
    period, format = export_modal.parse_export_modal(form.values)
    logger.info("an export was asked for", extra={"actor": form.person})
    form.bot.background.start(_send(form, period, format))
    return None


async def _send(form: FormSubmission, period: Period, format: Format) -> None:
    what = export_modal.what(period, (await form.bot.people.reader(form.person)).locale)
    tell = partial(form.client.chat_postMessage, channel=form.person)
    async with asking_slack():
        place = (await tell(text=say("export-begun", what=what)))["channel"]
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "export"
            count = await form.bot.exports.write(period, format, file)
            await upload(
                form.client,
                file,
                export_modal.name_of(period, format),
                channel=place,
                comment=say("export-is-here", what=what, count=count),
            )
    except (ExpenseError, SlackRefusal) as error:
        logger.warning("an export was not sent: %s", error, extra={"actor": form.person})
        said = say("export-failed", what=what)
        if isinstance(error, SlackRefusal):
            said = say("export-not-sent", what=what, code=error.code)
        async with asking_slack():
            await tell(text=said)
