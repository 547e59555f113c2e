"""How a process of this package logs: one line per event, to standard error."""

import logging

from temporalio import activity, workflow
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter

from expense_workflow.wording import brief

# Temporal's core names an activity whose completion comes too late by its task token, in clear:
# every reader of the log could complete the next one. Temporal's web UI tells the same without it.
_CORE_FILTER = (
    TelemetryFilter(core_level="WARN", other_level="ERROR").formatted()
    + ",temporalio_sdk_core::worker::activities=off"
)


class ShortFailures(logging.Filter):
    """Puts an activity's failed attempt on one line; Temporal's web UI has the stack."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the traceback of a failed attempt by what failed and why."""
        if record.exc_info and record.exc_info[1]:
            error = record.exc_info[1]
            of = getattr(record, "temporal_activity", {})
            record.msg = (
                f"{of.get('activity_type')} of {of.get('workflow_id')} failed in attempt "
                f"{of.get('attempt')}: {type(error).__name__}: {brief(str(error))}"
            )
            record.args = ()
            record.exc_info = None
        return True


def configure() -> None:
    """Log plainly and quietly.

    To be called before the first client is made: they share the core's one logger.
    httpx would log every URL, and Temporal's loggers would append a dictionary to each line:
    our lines name the expense already.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    activity.logger.activity_info_on_message = False
    activity.logger.base_logger.addFilter(ShortFailures())
    workflow.logger.workflow_info_on_message = False
    telemetry = TelemetryConfig(logging=LoggingConfig(filter=_CORE_FILTER))
    Runtime.set_default(Runtime(telemetry=telemetry), error_if_already_set=False)
