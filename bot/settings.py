"""Every setting of the bot: read once, wrong ones refused by name."""

import os
from datetime import timedelta
from ipaddress import ip_address
from typing import Any, TypeVar

from pydantic import Field, IPvAnyAddress, ValidationError

from bot.database.audit import InForce
from bot.domain.errors import SettingsError
from bot.policy.file.checks import check_usual_window
from bot.policy.rules import Rulebook
from bot.setting_groups import (
    PaymentSettings,
    PolicySettings,
    ReceiptSettings,
    SlackSettings,
    TemporalSettings,
)
from bot.setting_types import (
    AppToken,
    ChannelId,
    DatabaseSettings,
    Duration,
    HeaderKeys,
    Keep,
    Keys,
    Operators,
)

# Emptied, they would send the bot to another place than the one that somebody took care to name.
PLACES = (
    *("DATABASE_URL", "SLACK_API_URL", "EXPENSE_TASK_QUEUE", "EXPENSE_RECEIPTS"),
    *("TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE"),
)
# Emptied, they would take a safeguard away.
SAFEGUARDS = ("EXPENSE_API_KEY", "EXPENSE_ENCRYPTION_KEY", "EXPENSE_PAYLOAD_CODEC")
_Kind = TypeVar("_Kind", bound=DatabaseSettings)


class Settings(TemporalSettings, PaymentSettings, SlackSettings, PolicySettings, ReceiptSettings):
    """What the operator decides, from the environment; `repr` shows no secret.

    Keys that can be replaced without a pause take several values, separated by commas: the first
    is used, and all are accepted. What decides where money or decisions go may be `none`, which
    says that it is missing on purpose.
    """

    port: int = Field(default=8099, ge=0, le=65535)
    expense_database_connections: int = Field(default=8, ge=1, le=100)
    slack_signing_secret: Keys = Field(default_factory=list)
    slack_app_token: AppToken | None = None
    slack_approvals_channel: ChannelId
    expense_stuck_after: Duration = timedelta(days=7)
    expense_operators: Operators = ()
    expense_api_key: HeaderKeys = Field(default_factory=list)
    expense_decision_window: Duration = timedelta(days=30)
    expense_keep: Keep | None = None
    expense_metrics_port: int | None = Field(default=None, ge=0, le=65535)
    expense_metrics_host: IPvAnyAddress = ip_address("127.0.0.1")

    def model_post_init(self, context: Any, /) -> None:
        """Refuse settings that only together are wrong."""
        super().model_post_init(context)
        if not (self.slack_signing_secret or self.slack_app_token):
            raise SettingsError(
                "SLACK_SIGNING_SECRET is missing: copy it from the Slack app's Basic Information"
            )
        rulebook, window = self.expense_policy or Rulebook(), self.expense_decision_window
        if late := next(check_usual_window(rulebook, window), None):
            raise SettingsError(f"EXPENSE_POLICY is wrong: {late}; or set a longer one")

    def check(self, in_force: InForce) -> None:
        """Refuse to go on without a setting that was in force, unless it is said to be `none`.

        Raises:
            SettingsError: one is missing.
        """
        self.check_payments(in_force)
        if in_force.has_rules and self.expense_policy is not None and not self.rulebook.rules:
            what = "is missing" if self.is_missing("expense_policy") else "has no rules"
            raise SettingsError(
                f"EXPENSE_POLICY {what}, but expenses were submitted under the rules of a policy: "
                "set it again, or write EXPENSE_POLICY=none if EXPENSE_APPROVERS decide "
                "everything from now on"
            )
        if in_force.has_approvers and self.is_missing("expense_approvers"):
            raise SettingsError(
                "EXPENSE_APPROVERS is missing, but open expenses wait for them: name them again, "
                "or write EXPENSE_APPROVERS=none if nobody may decide these"
            )
        self.check_keys(in_force)

    @property
    def summary(self) -> str:
        """Say in one line what the bot works with, for the operator who reads it at the start."""
        database = "PostgreSQL" if self.is_postgres else "SQLite"
        count = len(self.rulebook.rules)
        policy = f"a policy with {count} {'rule' if count == 1 else 'rules'}" if count else "none"
        return (
            f"database {database}, channel {self.slack_approvals_channel}, policy {policy}, "
            f"task queue {self.expense_task_queue}"
        )

    @property
    def switched_off(self) -> list[str]:
        """Say what is switched off, for the operator who reads it at the start."""
        off = []
        if not self.expense_payment_url:
            off.append("no payment system (EXPENSE_PAYMENT_URL): finance pays by hand")
        if not self.rulebook.rules:
            off.append("no policy (EXPENSE_POLICY): EXPENSE_APPROVERS decide everything")
        if not self.expense_approvers:
            off.append("no EXPENSE_APPROVERS: nobody decides what no rule covers")
        if not self.expense_receipts:
            off.append("no EXPENSE_RECEIPTS: receipts stay in Slack, and the bot keeps no copies")
        if not self.expense_api_key:
            off.append("no EXPENSE_API_KEY: nobody on another machine reaches the bot")
        return off

    @property
    def host(self) -> str:
        """The address to listen on: without a key for the worker's calls, this machine only."""
        return "::" if self.expense_api_key else "127.0.0.1"

    @property
    def metrics_at(self) -> tuple[str, int | None]:
        """Where /metrics is served: the address, and the port, None for nowhere."""
        return str(self.expense_metrics_host), self.expense_metrics_port


def load_settings() -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: one is missing or wrong; the message names it and says what to write.
    """
    return load(Settings)


def load(kind: type[_Kind]) -> _Kind:
    """Read some settings from the environment: those that a command uses.

    Raises:
        SettingsError: as in `load_settings`.
    """
    fields = {name.upper() for name in kind.model_fields}
    if issubclass(kind, TemporalSettings):
        fields |= {"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE"}
    for name, value in os.environ.items():
        is_guarded = name.upper() in fields.intersection((*PLACES, *SAFEGUARDS))
        if is_guarded and not value.strip(", \t\r\n"):
            raise SettingsError(f"{name} is empty: set it, or remove the variable")
    try:
        return kind()  # pydantic-settings fills them in
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0]).upper()
        if first["type"] == "missing":
            raise SettingsError(f"{name} is missing: set it in the environment") from None
        reason = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{name} is wrong: {reason}") from None
