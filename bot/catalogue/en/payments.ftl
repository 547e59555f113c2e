### What finance reads of payments that it makes by hand.

## On the Home

mark-paid = Mark as paid
    .heard = Mark expenses as paid
runs-to-confirm = *To be confirmed by somebody else in finance:*
run-marked = { $who } marked { $expenses } as paid on { $day }.
run-marked-over = { $who } marked { $expenses } as paid between { $day } and { $last }.
run-is-yours = You marked these yourself, so somebody else confirms them.
run-confirm = Confirm
    .heard = Look at { $count } payments and confirm them
run-not-right = Not right
    .heard = Say that { $count } payments are not right
run-not-right-sure = Is this not right?
    .text = These expenses are to be paid again, and nobody has read that they are paid. Please tell your colleague why.
    .confirm = Not right
    .deny = Cancel
run-taken-back = { $count ->
    [one] { $count } expense is to be paid again.
   *[other] { $count } expenses are to be paid again.
}

## Marking what was paid

paid-form = Mark as paid
    .submit = Mark
    .above = Please say what has been paid. When somebody else in finance has confirmed it, those who asked for it read that it is paid.
    .none = There is nothing here that you can mark as paid: nothing waits for finance, or only what you asked for yourself.
    .expenses = What was paid
    .choose = Choose expenses
    .or-all = Or
    .day = Paid on
    .no-day = Please choose the day on which it was paid.
    .nothing = Please choose what was paid.
    .to-come = This day is still to come. Please mark what has been paid already.
    .too-old = This is more than two years ago. Please see whether the year is right.
    .reference = Reference
    .hint = Such as the number of the transfer. People read it. Please write no account numbers.
    .too-long = Please write at most 140 characters.
    .account = This is the number of a bank account, which I do not keep. Please write the number of the transfer.
paid-form-all = { $count ->
    [one] The { $count } expense in this list
   *[other] All { $count } expenses in this list
}
payment-form-not-open = The form could not be opened. Please try again.
marked = { $count ->
    [one] :pencil2: { $count } expense is marked as paid on { $day }. Somebody else in finance has to confirm it.
   *[other] :pencil2: { $count } expenses are marked as paid on { $day }. Somebody else in finance has to confirm it.
}
not-marked = :warning: Expense { $id } is not marked: { $problem }
mark-problem = { $problem ->
    [marked] it has been marked as paid before, and waits to be confirmed.
    [paid] it is paid already.
    [own] it is your own, so somebody else in finance has to mark it.
   *[not_left] finance has nothing to pay for it, or there is no expense with this id.
}

## Confirming it

run-form = Confirm payments
    .submit = Confirm
    .above = Please compare this with what the bank has paid. Those who asked for it then read that it is paid, and nobody can take that back.
run-more = { $count ->
    [one] … and { $count } more expense
   *[other] … and { $count } more expenses
}
run-confirmed = { $count ->
    [one] :moneybag: { $count } payment is confirmed. Its requester reads that now.
   *[other] :moneybag: { $count } payments are confirmed. Their requesters read that now.
}

## Refusals

finance-pays-only = Only finance marks what is paid, and confirms it.
run-is-over = This was confirmed or taken back already, so nothing was changed.
run-is-own = You marked these yourself, so somebody else in finance has to confirm them.
run-has-own-only = What is left of these is your own, so somebody else in finance has to confirm it.
