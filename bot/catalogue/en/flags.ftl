### What is unusual about an expense, for the people who approve it, and for its requester.
### $others names other expenses by their ids, some with links to their messages.

## What is unusual

flag = { $kind ->
    [duplicate] The same amount, currency and day as { $others }.
    [split] Just under the limit of { $limit }; together with { $others } it is over it.
    [old] Spent long before it was submitted.
    [weekend] Spent on a weekend or another day off.
    [receipt] A receipt of it came with { $others }, too.
    [others_receipt] A receipt of it came with an expense of somebody else, too: { $others }.
    [spot_check] Picked for a spot check, so it is not approved automatically.
   *[unknown] Something about it is unusual, which this version of the app cannot word.
}
flag-expense = expense { $id }

## Around it

flagged = :triangular_flag_on_post: { $what }
flag-answer = { $who } says to this:
history-flagged = { $who } noticed: { $what }
history-justified = { $who } said to what is unusual:

## The question to the requester

why-form = Why is that?
    .submit = Send
    .label = What should the approvers know?
    .hint = They read it with your expense. If you close this, it stays submitted, and they may ask you.
    .if-empty = Please write a few words, or close this form.
why-form-above = *Your expense is submitted.* Its approvers will notice this:
