### Where an expense stands, with who, when and why, in its messages and in lists.
### $who, $whom and $to name people; $at, $since and $until are instants, as Slack shows them.

## Parts of sentences that other sentences include

category = { $category ->
    [meals] Meals
    [travel] Travel
    [lodging] Lodging
    [equipment] Equipment
    [software] Software
   *[other] Other
}
decided-by = { $how ->
    [people] by { $who }
    [automatically] automatically
   *[unknown] by somebody whose name is not recorded
}
decided = { $at ->
    [unknown] { decided-by }
   *[known] { decided-by }, { $at }
}

## Names of people and things

another-system = Another system
nobody = nobody
the-operator = the people who run this app
in-place = { $person } for { $whose }
you = you
others-too = { $count } more
particulars = { $receipts ->
    [0] { $category }, spent on { $day }
    [one] { $category }, spent on { $day }, { $receipts } receipt
   *[other] { $category }, spent on { $day }, { $receipts } receipts
}
detail = { $label }: { $value }
subject = { $money } for “{ $what }” ({ $particulars }; expense { $id })
number-and-id = { $number }, id { $id }
subject-without-claim = expense { $id }

## The headline

status-submitted = :inbox_tray: *Submitted.*
status-stuck = :warning: *Stuck.* { $why }
status-waiting = :hourglass_flowing_sand: *Waiting for a decision.*
status-waiting-until = :hourglass_flowing_sand: *Waiting for a decision* until { $until }.
status-approved = :white_check_mark: *Approved* { decided }. Payment comes next.
status-rejected = :x: *Rejected* { decided }.
status-paid = :moneybag: *Paid.* Approved { decided }.
status-paid-on = :moneybag: *Paid on { $day }.* Approved { decided }.
status-recorded-paid = :moneybag: *Recorded as paid.* Approved { decided }.
status-finance-pays = :white_check_mark: *Approved; finance pays it.* Approved { decided }.
payment-reference = Reference: { $reference }.
status-expired = :alarm_clock: *Expired.* { $what }
status-withdrawn = { $at ->
    [unknown] :leftwards_arrow_with_hook: *Withdrawn* by the requester.
   *[known] :leftwards_arrow_with_hook: *Withdrawn* by the requester, { $at }.
}
status-stopped = :no_entry: *Cancelled.* It was stopped outside Slack.
status-closed = { $at ->
    [unknown] :no_entry: *Cancelled* by the people who run this app.
   *[known] :no_entry: *Cancelled* by the people who run this app, { $at }.
}
status-not-paid = :warning: *Not paid.* Approved { decided }. The payment was refused: { $why }.

## What follows it

approved-so-far = Approved by { $who } so far.
was-forwarded = Forwarded to { $to } by { $by }.
was-reassigned = Reassigned to { $to } by { $by }.
had-approved = { $who } had approved it.
nobody-decided = Nobody decided in time.
not-decided = It was not decided in time.
decided-in-vain = { $decision ->
    [approved] It had been approved { decided }.
   *[rejected] It had been rejected { decided }.
}
decided-too-late = { $decision ->
    [approved] It was approved { decided }, but too late.
   *[rejected] It was rejected { decided }, but too late.
}
rule-approves = Rule “{ $rule }” approves it automatically.
rule-asks = Rule “{ $rule }” asks { $whom }.
step-needing-several = { $count } of { $whom }
then = { $before }, then { $after }
more-steps = { $count ->
    [one] { $count } more step
   *[other] { $count } more steps
}

## Why it is stuck

stuck-nobody = Nobody can decide this right now: none of { $whom } may, or they have left.
stuck-too-few = { $needed } of { $whom } have to approve it, and only { $left } can.
stuck-too-few-later = A later step needs approval by { $whom }, and too few people are left for it, because nobody may approve twice.
stuck-nobody-asked = Nobody could be asked: the approvers' channel takes no messages from this app.
stuck-not-asked = Nobody could be asked: Slack takes no messages to { $who }.
stuck-unknown = Nobody can decide this right now.
stuck-until-escalated = From { $since } on, { $others } can decide it, too.
stuck-goes-on = It goes on once that is fixed; until then, its requester can withdraw it.
the-approvers = the approvers

## All of it, in one text

request = { $who } asks for { $subject }.
please-decide = Please approve or reject it.
please-decide-by = Please approve or reject it by { $until }.
has-it-now = You need not do anything: { $who } has this now.
it-is-about = It is about { $subject }.
it-is-about-of = It is about { $subject }, submitted by { $who }.
the-reason = Reason: { $reason }
your-expense-is = Your expense: { $subject }.
no-expenses = You have not submitted any expense yet. Try `/expense`.
only-the-newest = { $count ->
    [one] This is your newest expense; `/expense status ID` shows any other.
   *[other] These are your newest { $count } expenses; `/expense status ID` shows any other.
}

## Clicks that changed nothing

late-automatic = This expense is approved automatically, so nothing was changed.
late-over = The time to decide this expense has run out, so nothing was changed.
late-early = Nobody can decide this expense yet, so nothing was changed.
late-decided = { $decision ->
    [approved] This expense has already been approved { decided }; nothing was changed.
   *[rejected] This expense has already been rejected { decided }; nothing was changed.
}
late-closed = This expense is not open any more, so nothing was changed. { $headline }
you-have-approved = You have approved this already, thank you.
approved-for-you = { $who } has approved this for you already.
others-have-to = Others have to approve it, too.
still-needs = It still needs { $steps }.
missing-approvals = { $count ->
    [one] one more approval by { $whom }
   *[other] { $count } more approvals by { $whom }
}
conflict = Somebody else changed this at the same moment, so nothing was changed. Please try again.
try-again = I cannot tell right now whether that worked. Please look again in a minute, and try again if nothing has changed.
other-workspace = This app serves another workspace, so nothing was changed.
being-updated = This app is being updated, so nothing was changed. Please try again in a few minutes.
