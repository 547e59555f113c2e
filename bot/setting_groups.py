"""The settings by what they are about, so that each command needs only those that it uses."""

from typing import Any

from pydantic import Field, SecretStr

from bot.database.audit import InForce
from bot.database.delegations import Delegations
from bot.database.encryption import Cipher
from bot.domain.errors import SettingsError
from bot.domain.people.role import Role
from bot.keyfile import read_or_make_key
from bot.policy.approvers import Policy
from bot.policy.directory import AddressBook
from bot.policy.rules import Rulebook
from bot.setting_types import (
    MIN_SECRET,
    Approvers,
    BotToken,
    CodecName,
    DatabaseSettings,
    EncryptionKeys,
    HttpUrl,
    PaymentUrl,
    PolicyFile,
    Receipts,
    SigningKeys,
)


class KeySettings(DatabaseSettings):
    """What protects the task tokens in the database."""

    expense_encryption_key: EncryptionKeys = Field(default_factory=list)

    def model_post_init(self, context: Any, /) -> None:
        """Refuse to keep a key on a machine that does not keep the database."""
        super().model_post_init(context)
        if self.is_postgres and not self.expense_encryption_key:
            raise SettingsError(
                "EXPENSE_ENCRYPTION_KEY is missing: with PostgreSQL, set it to at least "
                f"{MIN_SECRET} random characters"
            )

    def check_keys(self, in_force: InForce) -> None:
        """Refuse to go on without the key that was in force.

        Raises:
            SettingsError: it is missing.
        """
        if self.is_missing("expense_encryption_key") and not self.fits(in_force):
            raise SettingsError(
                "EXPENSE_ENCRYPTION_KEY is missing, and the key that is kept beside the SQLite "
                "file does not decrypt what is in it: set the former key, or restore its file; if "
                "it is lost, set a new one"
            )

    def fits(self, in_force: InForce) -> bool:
        """Return whether the keys decrypt what the record holds."""
        token = in_force.task_token
        return token is None or Cipher(self.encryption_secrets()).decrypt(token) is not None

    def encryption_secrets(self) -> list[str]:
        """Return the secrets that protect task tokens, the newest first.

        Without EXPENSE_ENCRYPTION_KEY one is made and kept beside the SQLite file, readable by
        its owner only.
        """
        if self.expense_encryption_key:
            return plain(self.expense_encryption_key)
        return [read_or_make_key(self.database_url.database)]


class TemporalSettings(KeySettings):
    """What reads and changes Temporal's record, besides Temporal's own TEMPORAL_*."""

    expense_task_queue: str = "expense"
    expense_payload_codec: CodecName | None = None


class PaymentSettings(DatabaseSettings):
    """The payment system."""

    expense_payment_url: PaymentUrl = None
    expense_payment_key: SigningKeys = Field(default_factory=list)

    def model_post_init(self, context: Any, /) -> None:
        """Refuse an address without its key, and the other way round."""
        super().model_post_init(context)
        if self.expense_payment_url and not self.expense_payment_key:
            raise SettingsError(
                "EXPENSE_PAYMENT_KEY is missing: with EXPENSE_PAYMENT_URL, payment requests are "
                "signed with it"
            )
        if self.expense_payment_key and self.is_missing("expense_payment_url"):
            raise SettingsError(
                "EXPENSE_PAYMENT_URL is missing, but EXPENSE_PAYMENT_KEY is set: name the payment "
                "system, or write EXPENSE_PAYMENT_URL=none if finance pays by hand"
            )

    def check_payments(self, in_force: InForce) -> None:
        """Refuse to leave payments to finance from now on, unless that is said to be meant.

        Raises:
            SettingsError: a payment system was in force, and its setting is missing.
        """
        if in_force.payments_at and self.is_missing("expense_payment_url"):
            raise SettingsError(
                f"EXPENSE_PAYMENT_URL is missing, but {in_force.payments_at} was asked for the "
                "last payment: name the payment system again, or write EXPENSE_PAYMENT_URL=none if "
                "finance pays by hand from now on"
            )


class SlackSettings(DatabaseSettings):
    """What asks Slack."""

    slack_bot_token: BotToken
    slack_api_url: HttpUrl = "https://slack.com/api/"


class PolicySettings(DatabaseSettings):
    """What says who decides."""

    expense_approvers: Approvers = ()
    expense_policy: PolicyFile = Rulebook()
    expense_admins: Approvers = ()
    expense_finance: Approvers = ()
    expense_auditors: Approvers = ()

    @property
    def rulebook(self) -> Rulebook:
        """The company's rules; none without a policy."""
        return Rulebook() if self.expense_policy is None else self.expense_policy

    @property
    def roles(self) -> dict[Role, tuple[str, ...]]:
        """Slack ids of the users and user groups with a role, besides those of the policy."""
        return {
            Role.ADMIN: self.expense_admins,
            Role.FINANCE: self.expense_finance,
            Role.AUDITOR: self.expense_auditors,
        }

    def policy(
        self, directory: AddressBook, delegations: Delegations, channel: str | None = None
    ) -> Policy:
        """Build what judges who may decide.

        Args:
            channel: Slack id of the channel where the approvers are asked, if no rule matches.
        """
        return Policy(
            self.expense_approvers, directory, delegations, self.rulebook, channel, self.roles
        )


class ReceiptSettings(DatabaseSettings):
    """Where copies of receipts are kept."""

    expense_receipts: Receipts = None


class ReconcileSettings(TemporalSettings, PaymentSettings):
    """What reconcile uses: the database, Temporal and the payment system."""


class ReassignSettings(SlackSettings, PolicySettings):
    """What reassign uses: the database, Slack, and who decides."""


def plain(secrets: list[SecretStr]) -> list[str]:
    """Take secrets out of their wrapping, where they are used."""
    return [secret.get_secret_value() for secret in secrets]
