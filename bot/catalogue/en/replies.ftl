### What people are told, step by step, in the threads of their messages.
### $who, $whom, $to and $by name people, $until is an instant, as Slack shows them.

## To the requester

reply-with-approvers = Your expense is with the approvers now.
reply-with-approvers-until = Your expense is with the approvers now. They have until { $until }.
reply-forwarded = It was forwarded to { $to } by { $by }.
reply-reassigned = It was reassigned to { $to } by { $by }.
reply-stuck = :warning: { $why }
reply-you-reminded = You reminded { $whom }.
reply-freed = It can be decided again.
reply-approved-in-part = { $who } approved it. Others have to approve it, too.
reply-escalated = It has not been decided yet, so { $to } can decide it now, too.
reply-asks-you = :speech_balloon: { $who } asks:
reply-you-answered = You answered:
reply-withdrawn = You withdrew it, so it will not be paid.
reply-approved-automatically = :white_check_mark: It was approved automatically. Payment comes next.
reply-approved = :white_check_mark: { $who } approved it. Payment comes next.
reply-rejected = :x: { $who } rejected it. *Edit and resubmit* lets you correct it and submit it again.
reply-rejected-because = :x: { $who } rejected it. *Edit and resubmit* lets you correct it and submit it again. The reason:
reply-explained = { $who } gave a reason for the rejection:
reply-paid = :moneybag: It is paid.
reply-paid-after-all = :moneybag: It is paid after all.
reply-left-to-finance = :white_check_mark: Approved; finance pays it. You will read here when it has done so.
reply-paid-on = :moneybag: Paid on { $day }.
reply-payment-unanswered = :hourglass: For an hour, the payment system has not said whether this is paid. I keep asking, and the people who run this app have been told; you need not do anything.
reply-paid-before = :no_entry: It was approved, but it will not be paid: the expense that it was made from ({ $previous }) has been paid after all.
reply-payment-refused = :warning: It was approved, but the payment was refused: { $why }. *Edit and resubmit* lets you correct it; or ask your finance team.
reply-payment-asked-again = :moneybag: { $who } had the payment asked for again, after it was refused. You will read here whether it is paid.
reply-expired = :alarm_clock: The time to decide ran out, so it will not be paid. *Ask again* submits it anew.
reply-expired-in-vain = :alarm_clock: The time to decide ran out, so it will not be paid. { $what } *Ask again* submits it anew.
reply-stopped = :no_entry: It was stopped outside Slack, so it will not be paid. *Ask again* submits it anew; the people who run this app can tell you why it was stopped.
reply-payment-delayed = :hourglass: The payment is taking longer than usual. It is approved, and I keep trying; you need not do anything.
reply-asking-delayed = :hourglass: This is taking longer than usual: no approver has been asked yet. It is recorded, and I keep trying; please do not submit it again.
reply-closed = :no_entry: The people who run this app closed it, so it will not be paid. They can tell you why.
reply-closed-because = :no_entry: The people who run this app closed it, so it will not be paid. *Ask again* submits it anew. The reason:

## To the approvers

reply-reminder = :bell: { $whom }: this waits for your decision.
reply-reminder-until = :bell: { $whom }: this waits for your decision until { $until }.
reply-nudge = :bell: { $whom }: { $who } asks for your decision.
reply-nudge-until = :bell: { $whom }: { $who } asks for your decision by { $until }.
reply-forwarded-to-you = :wave: This was forwarded to you by { $by }.
reply-reassigned-to-you = :wave: This was reassigned to you by { $by }.
reply-forwarded-to = :wave: This was forwarded to { $to } by { $by }.
reply-reassigned-to = :wave: This was reassigned to { $to } by { $by }.
reply-their-note = Their note:
reply-asks = :speech_balloon: { $who } asks { $requester }:
reply-answers = :speech_balloon: { $who } answers:

## To the person whose decision did not lead where they meant it to

reply-paid-not-by-hand = :moneybag: It is paid after all, so nobody has to pay it by hand.
reply-left-to-finance-after-all = :white_check_mark: It is approved after all, and finance pays it.
vain-left-to-finance =
    { $decision ->
        [approved] :white_check_mark: You approved this expense. That counts after all, and finance pays it.
       *[rejected] :white_check_mark: You rejected this expense. It is approved after all, and finance pays it.
    }
vain-paid-after-all =
    { $decision ->
        [approved] :moneybag: You approved this expense. It is paid after all.
       *[rejected] :moneybag: You rejected this expense. It is paid after all.
    }
vain-payment-refused = :warning: You approved this expense, but the payment was refused: { $why }.
vain-payment-asked-again = :moneybag: You approved this expense, and the payment was refused. It is asked for again now.
vain-too-late =
    { $decision ->
        [approved] :alarm_clock: You approved this expense, but the time to decide had run out before your decision arrived, so it will not be paid.
       *[rejected] :alarm_clock: You rejected this expense, but the time to decide had run out before your decision arrived. It will not be paid.
    }
vain-stopped =
    { $decision ->
        [approved] :alarm_clock: You approved this expense, but it was stopped outside Slack before it was paid.
       *[rejected] :alarm_clock: You rejected this expense, and then it was stopped outside Slack. It will not be paid.
    }
vain-ended = :alarm_clock: You approved this expense, but the people who run this app closed it, because it was not paid.
vain-closed =
    { $decision ->
        [approved] :alarm_clock: You approved this expense, but it was closed before your decision arrived, so it will not be paid.
       *[rejected] :alarm_clock: You rejected this expense, but it was closed before your decision arrived. It will not be paid.
    }
