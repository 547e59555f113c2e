### The lines of an expense's history. Each begins with a time.
### $who is who did it; $whom, $to and $whose are other people.

## Who did something, if not a person

the-policy = The policy
the-app = The app
people-who-run-it = The people who run this app
the-payment-system = The payment system

## What they did

history-line = { $when } · { $what }
history-submitted = { $who } submitted it.
history-submitted-by-rule = { $who } submitted it under the rule “{ $rule }”.
history-created = { $who } began to process it.
history-approvers-asked = { $who } asked for a decision.
history-approvers-asked-again = { $who } asked for the decision again.
history-approved-in-part = { $who } approved it; others have to approve it, too.
history-approved-automatically = { $who } approved it automatically.
history-approved = { $who } approved it.
history-rejected = { $who } rejected it.
history-rejected-because = { $who } rejected it. The reason:
history-explained = { $who } gave a reason for the rejection:
history-withdrawn = { $who } withdrew it.
history-asked = { $who } asked:
history-answered = { $who } answered:
history-reminded = { $who } reminded { $whom }.
history-escalated = { $who } asked { $to }, too, because it had not been decided.
history-forwarded = { $who } forwarded it to { $to }.
history-forwarded-for = { $who } forwarded it to { $to } in place of { $whose }.
history-reassigned = { $who } reassigned it to { $to }.
history-reassigned-from = { $who } reassigned it to { $to } in place of { $whose }.
history-note = The note:
history-stuck = { $who } found it stuck. { $why }
history-freed = { $who } found that it can be decided again.
history-refused = { $who } could not do something, and was told:
history-payment-asked-again = { $who } had the payment asked for again.
history-payment-asked = { $who } asked for the payment.
history-payment-unanswered = { $who } has had no answer about the payment for an hour.
history-payment-refused = { $who } refused the payment: { $why }.
history-recorded-paid = { $who } recorded it as paid.
history-recorded-unpaid = { $who } closed it as not to be paid.
history-paid = { $who } paid it.
history-paid-after-all = { $who } paid it after all.
history-left-to-finance = { $who } left the payment to finance.
history-marked-paid = { $who } marked it as paid on { $day }.
history-mark-removed = { $who } said that it is not right that it was marked as paid.
history-payment-confirmed = { $who } confirmed that it was paid on { $day }.
history-expired = { $who } closed it, because the time to decide had run out.
history-stopped = { $who } closed it, because it had been stopped outside Slack.
history-delayed = { $who } noticed that it was taking longer than usual.
history-started-again = { $who } started the approval again, because its record had been lost.
history-closed-because = { $who } closed it, as nobody could decide it. The reason:
history-retried = { $who } had what was waiting tried again.
history-resent = { $who } had it posted to the approvers again.
history-erased = { $who } erased what the company need not keep any more: names, texts, or both.
history-unknown = { $who } did “{ $what }”.

## Around the lines

history-of = The history of { $subject }:
history-title = *The history of expense { $id }*
history-older = { $count ->
    [one] … and { $count } older line
   *[other] … and { $count } older lines
}
