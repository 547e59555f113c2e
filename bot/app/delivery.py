"""Builds what follows a committed change: Temporal, the payment, and messages in Slack."""

import logging
from dataclasses import dataclass

from bot.app.foundation import Foundation
from bot.database.expenses import ExpenseStore
from bot.database.messages import MessageStore
from bot.database.people.erasing import Eraser
from bot.database.people.same_receipts import SameReceipts
from bot.database.receipts.copies import ReceiptStore
from bot.database.receipts.threads import ReceiptThreads
from bot.database.trail.policies import PolicyTexts
from bot.database.trail.sealing import Sealer
from bot.database.trail.signing import Signer
from bot.delivery.deliverer import Deliverer
from bot.delivery.following import Following
from bot.delivery.receipts import ReceiptKeeper
from bot.delivery.retention import Retention
from bot.delivery.scheduler import Scheduler
from bot.delivery.sealing import Sealing
from bot.delivery.temporal_sync import TemporalSync
from bot.delivery.timing import Timing
from bot.diagnostics.operators import Operators
from bot.payment_system import FinancePays, PaymentSystem, make_payments
from bot.policy.prospects import Prospects
from bot.policy.reload import Reload
from bot.receipt_storage import ReceiptStorage
from bot.services.receipt_flags import ReceiptFlags
from bot.services.reimbursement import Reimbursement
from bot.services.reminders import Reminders
from bot.services.required_receipts import RequiredReceipts, requires_receipt
from bot.services.watch import Watch
from bot.setting_groups import plain
from bot.slack.message_links import MessageLinks
from bot.slack.message_sync import MessageSync
from bot.slack.messenger import Messenger
from bot.slack.recipients import Recipients
from bot.slack.unhurried import Unhurried
from bot.web.foreground import Foreground

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The parts of delivery that listeners and the worker's API call, too."""

    reload: Reload
    expenses: ExpenseStore
    following: Following
    payments: PaymentSystem | FinancePays
    reimbursement: Reimbursement
    reminders: Reminders
    message_sync: MessageSync
    links: MessageLinks
    scheduler: Scheduler
    foreground: Foreground


def begin_delivery(base: Foundation, timing: Timing) -> Delivery:
    """Begin to deliver what is due, until the bot is closed."""
    settings, database = base.settings, base.database

    def begin(expense_id: str) -> None:
        scheduler.begin(expense_id)

    expenses = ExpenseStore(
        database, base.cipher, begin, base.telemetry.on_step, base.telemetry.traceparent
    )
    following = Following.of(
        database,
        base.cipher,
        expenses,
        base.temporal,
        settings.expense_task_queue,
        finance_pays=settings.expense_payment_url is None,
    )
    payments = make_payments(
        base.to_payments, settings.expense_payment_url, plain(settings.expense_payment_key)
    )
    if payments.place and base.in_force.payments_at not in (None, payments.place):
        logger.warning(
            "EXPENSE_PAYMENT_URL is at %s now, and the last payment was asked for at %s: what that "
            "one has not answered is not asked for again until you settle it",
            *(payments.place, base.in_force.payments_at),
        )
    copies, storage = ReceiptStore(database), None
    required_receipts = None
    if settings.expense_receipts:
        storage = ReceiptStorage(settings.expense_receipts, database)
        required_receipts = RequiredReceipts(expenses, copies)
    reimbursement = Reimbursement(
        expenses, payments, following.workflow_calls, receipts=required_receipts
    )
    base.opened.push_async_callback(reimbursement.close)

    people, policy, delegations = base.people, base.policy, base.delegations
    messages, channel = MessageStore(database), settings.slack_approvals_channel
    unhurried = Unhurried(people, timing.watch.total_seconds())
    links = MessageLinks(messages, lambda: base.installation.address)
    message_sync = MessageSync(
        Messenger(base.client, messages, timing.pictures),
        Recipients(channel, policy, people, delegations),
        people,
        expenses,
        messages,
        Watch(expenses, Prospects(policy.plan_of, unhurried, delegations)),
        links,
    )
    foreground = Foreground()
    reminders = Reminders(expenses, people, policy, delegations)
    same = SameReceipts(database)
    receipt_flags = ReceiptFlags(expenses, copies, same, policy)
    receipts = ReceiptKeeper(
        base.client,
        expenses,
        copies,
        ReceiptThreads(database),
        storage,
        lambda expense: requires_receipt(policy.rulebook, expense),
        receipt_flags.look,
        timing,
    )
    deliverer = Deliverer(
        following.outbox,
        expenses,
        TemporalSync(following, reimbursement, timing, receipt_flags),
        message_sync,
        reminders,
        receipts,
        begin,
        foreground,
        timing,
        base.telemetry.delivering,
    )
    scheduler = Scheduler(following.outbox, deliverer, expenses, message_sync, timing)
    base.run(scheduler.run())
    base.run(receipts.run())
    operators = Operators(database, base.client, settings.expense_operators)
    base.run(operators.watch())
    sealer = Sealer(database, Signer(settings.encryption_secrets()))
    texts = PolicyTexts(database)
    base.run(Sealing(sealer, texts, lambda: policy.rulebook, timing.seal, operators.say).run())
    if keep := settings.expense_keep:
        eraser, pause = Eraser(database), timing.longest_pause
        base.run(Retention(eraser, base.cipher.pseudonym, keep, storage, pause).run())
    reload = Reload(policy, settings.expense_decision_window, timing.policy, operators.say)
    base.run(reload.run())
    return Delivery(
        reload=reload,
        expenses=expenses,
        following=following,
        payments=payments,
        reimbursement=reimbursement,
        reminders=reminders,
        message_sync=message_sync,
        links=links,
        scheduler=scheduler,
        foreground=foreground,
    )
