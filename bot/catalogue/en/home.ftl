### The Home tab, and the texts and buttons around a message.

## What waits for somebody

home-waiting = Waiting for you
home-nothing-waits = Nothing waits for you.
home-nothing-found = Nothing was found.
home-incomplete = Slack does not tell me right now who is in one of the user groups, so more may wait for you. Please open this page again in a minute.
home-unknown = I cannot find out right now what waits for you. Please open this page again in a minute.
home-you-decided = This month you approved { $approved } and rejected { $rejected }.
home-in-its-message = Please decide expense { $id } in its own message.
home-delegate = Delegate
    .label = Delegate your approvals to a colleague
home-approve-selected = Approve selected
    .label = Approve selected expenses
home-sure = Approve what you selected?
    .text = Every selected expense is approved in your name. Nobody can take that back, and what needs nobody else goes on to its payment at once.
    .confirm = Approve
    .deny = Cancel
home-decides-for-you = { $delegate } decides for you until { $until }.
home-decides-for-you-later = { $delegate } decides for you from { $since } until { $until }.
home-you-decide-for = You decide for { $whom } until { $until }.
home-you-decide-for-more = { $count ->
    [one] You decide for { $count } more colleague.
   *[other] You decide for { $count } more colleagues.
}

## What somebody asked for

home-yours = Your expenses
home-new-expense = New expense
home-none-yet = You have not submitted any expense yet.
home-you-asked = This month you asked for { $all }. Approved or paid: { $approved }. Rejected: { $rejected }.

## Pages

expenses = { $count ->
    [one] { $count } expense
   *[other] { $count } expenses
}
expenses-worth = { expenses } ({ $sums })
more-currencies = { $count ->
    [one] { $count } more currency
   *[other] { $count } more currencies
}
home-total = *{ expenses }*
home-from-to = *{ $first }–{ $last } of { $total }*
home-from-to-of-many = *{ $first }–{ $last } of more than { $total }*
home-previous = Previous
    .spoken-waiting = Previous page of what waits for you
    .spoken-mine = Previous page of your expenses
home-next = Next
    .spoken-waiting = Next page of what waits for you
    .spoken-mine = Next page of your expenses

## What is ticked, and what came of it

waiting-days = { $count ->
    [one] waiting { $count } day
   *[other] waiting { $count } days
}
waiting-hours = { $count ->
    [one] waiting { $count } hour
   *[other] waiting { $count } hours
}
waiting-minutes = { $count ->
    [0] waiting less than a minute
    [one] waiting { $count } minute
   *[other] waiting { $count } minutes
}
expense-id = Expense { $id }
nothing-selected = Nothing was selected, so nothing was changed. Please tick the expenses to approve first.
no-longer-there = It is no longer on this page, so nothing was changed.
bulk-approved = { $count ->
    [0] :white_check_mark: *You approved no expenses.*
    [one] :white_check_mark: *You approved { $count } expense.*
   *[other] :white_check_mark: *You approved { $count } expenses.*
}
bulk-approved-in-part = { $count ->
    [one] :white_check_mark: *You approved { $count } expense* that others have to approve, too.
   *[other] :white_check_mark: *You approved { $count } expenses* that others have to approve, too.
}
bulk-approved-before = { $count ->
    [one] You had approved { $count } expense already.
   *[other] You had approved { $count } expenses already.
}
bulk-not-approved = { $count ->
    [one] :warning: *{ $count } expense could not be approved:*
   *[other] :warning: *{ $count } expenses could not be approved:*
}
bulk-problem = • { $title }, { $about }: { $problem }
bulk-all = Approved
bulk-not-all = Not all approved

## What is stuck, for admins

home-stuck = Stuck
home-nothing-stuck = Nothing is stuck, and nothing has waited for long.
home-more-stuck = More are stuck; they move up as these are decided.
home-asked-for-by = Asked for by { $who }.
home-stuck-because = :warning: { $why }
home-not-asked = :hourglass: Nobody has been asked since { $since }; the people who run this app can help.
home-undecided = :hourglass: Undecided since { $since }, by { $whom }.
home-pay-again = Ask for payment again
    .spoken = Ask for the payment of expense { $id } again
home-pay-again-sure = Ask for this payment again?
    .text = The payment system is asked to pay it once more. Please make sure before that nobody has paid it by hand, and that what it was refused for is mended.
    .confirm = Ask again
    .deny = Cancel
home-pay-again-done = The payment system is asked for this payment again now. Its requester reads that, and what the answer is.
home-reassign = Reassign
    .spoken = Reassign expense { $id }

## Messages

title-asks = { $who } asks
title-asks-for = { $who } asks for *{ $money }*
title-expense = Expense
title-expense-of = Expense of { $who }
title-expense-worth = Expense · *{ $money }*
title-expense-of-worth = Expense of { $who } · *{ $money }*
title-yours = Your expense
title-yours-worth = Your expense: *{ $money }*
facts = { $particulars } · { expense-id }
made-from = made from expense { $id }
receipts = { $count ->
    [one] Receipt:
   *[other] Receipts:
}
receipts-not-shown = (What is shown neither as a picture nor in the thread opens only for its owner, and for those with whom they share it in Slack.)

## Buttons, and what a screen reader says of them

button-approve = Approve
    .spoken = Approve expense { $id }
button-reject = Reject
    .spoken = Reject expense { $id }
button-ask = Ask
    .spoken = Ask about expense { $id }
button-forward = Forward
    .spoken = Forward expense { $id }
button-answer = Answer
    .spoken = Answer the question about expense { $id }
button-withdraw = Withdraw
    .spoken = Withdraw expense { $id }
button-nudge = Remind approvers
    .spoken = Remind the approvers of expense { $id }
button-ask-again = Ask again
    .spoken = Ask again for expense { $id }
button-resubmit = Edit and resubmit
    .spoken = Edit and resubmit expense { $id }
withdraw-sure = Withdraw this expense?
    .text = It will not be paid. You can submit it again later.
    .confirm = Withdraw
    .deny = Keep
