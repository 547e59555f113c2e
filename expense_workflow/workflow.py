"""The life of one expense: create it, wait until somebody decides, pay it if approved."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy

from expense_workflow import WAIT_ACTIVITY_ID

with workflow.unsafe.imports_passed_through():
    from expense_workflow import tracing
    from expense_workflow.activities import (
        NEVER_HEALS,
        create_expense_activity,
        payment_activity,
        wait_for_decision_activity,
    )
    from expense_workflow.follow_ups import following_up
    from expense_workflow.memo import decision_window
    from expense_workflow.wording import brief, summary


@workflow.defn
class SampleExpenseWorkflow:
    """Puts a human in the loop: the decision comes from outside, minutes or weeks later."""

    @workflow.run
    async def run(self, expense_id: str) -> str:
        """Take one expense from its creation to its payment.

        Args:
            expense_id: the expense's id. The decision window and the follow-ups come from the
                memo, see decision_window() and following_up(), so that starters that know
                nothing of them need not change.

        Returns:
            "COMPLETED" after payment, "" for every decision but "APPROVED".

        Raises:
            ApplicationError: the memo asks for an impossible decision window.
            ActivityError: an activity failed for good; its cause says why. A decision window
                that ran out is a TimeoutError of type START_TO_CLOSE.
        """
        name = self._name = brief(expense_id)
        window = decision_window()

        self._tell(f"Creating expense {name}")
        await workflow.execute_activity(
            create_expense_activity,
            expense_id,
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=RetryPolicy(
                initial_interval=timedelta(seconds=1),
                backoff_coefficient=2,
                maximum_interval=timedelta(minutes=1),
                non_retryable_error_types=NEVER_HEALS,
            ),
            summary=summary(f"Create expense {name}"),
        )

        self._tell(f"Waiting for a decision on expense {name}, for {window}")
        async with following_up(expense_id):
            # By name, as a raw value: a result that is no string, from an operator who completes
            # the activity by hand, is a decision other than APPROVED. Typed as str it could not be
            # decoded, and Temporal would retry this workflow task for ever.
            waiting = workflow.start_activity(
                wait_for_decision_activity.__name__,
                expense_id,
                result_type=RawValue,
                # The bot completes this activity by id when it has no living task token.
                activity_id=WAIT_ACTIVITY_ID,
                start_to_close_timeout=window,
                # Registration may be retried for one window; people still have a whole one then.
                schedule_to_close_timeout=2 * window,
                retry_policy=RetryPolicy(
                    initial_interval=timedelta(seconds=1),
                    backoff_coefficient=2,
                    maximum_interval=timedelta(seconds=30),
                    # A window that ran out is retried too by default: it would begin again.
                    non_retryable_error_types=[*NEVER_HEALS, "TemporalTimeout:StartToClose"],
                ),
                summary=summary(f"Somebody decides within {window}: {name}"),
            )
            tracing.follow(None)
            decided: RawValue | None = await waiting
        tracing.follow(decided)
        decision: object = None
        if decided:
            decision = workflow.payload_converter().from_payload(decided.payload)

        if decision != "APPROVED":
            self._tell(f"Expense {name} was not approved: {brief(str(decision))}")
            return ""

        self._tell(f"Expense {name} was approved: paying")
        await workflow.execute_activity(
            payment_activity,
            expense_id,
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=RetryPolicy(
                initial_interval=timedelta(seconds=1),
                backoff_coefficient=2,
                maximum_interval=timedelta(minutes=1),
                non_retryable_error_types=NEVER_HEALS,
            ),
            summary=summary(f"Pay expense {name}"),
        )

        self._tell(f"Expense {name} is completed")
        return "COMPLETED"

    def _tell(self, news: str) -> None:
        """Report a step to the log and to Temporal's web UI."""
        workflow.logger.info(news, extra={"expense_id": self._name})
        workflow.set_current_details(news)
