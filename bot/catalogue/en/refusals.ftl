### Why somebody cannot do something, and what they can do instead.

## Who may decide

own-expense = You cannot decide your own expense; another approver has to.
stands-in-for-requester = You stand in for the requester right now, so another approver has to decide this.
handed-to-colleague = A colleague has this now in your place, so nothing was changed.
not-an-approver = You are not an approver of this expense, so nothing was changed.
not-a-member = Guests, bots and former members cannot decide expenses.
needed-later = You are needed for a later step of this expense: nobody may approve it twice, and too few others can approve that step. Please leave this one to others who are asked; nothing was changed.

## Forwarding and reassigning

colleague-is-requester = They asked for this themselves. Please choose somebody else.
colleague-has-approved = They have approved this already. Please choose somebody else.
colleague-stands-in = They stand in for the requester. Please choose somebody else.
colleague-is-no-member = Guests, bots and former members cannot decide expenses. Please choose somebody else.
colleague-is-yourself = Please choose somebody other than yourself.
colleague-is-admin = You cannot give it to yourself; another admin has to do that.
colleague-is-asked = They are asked about this already. Please choose somebody else.
colleague-is-the-same = Please choose two different people.
colleague-leaves-too-few = Too few people could approve it then, because nobody may approve twice. Please choose somebody else.
nobody-to-replace = They are not asked about this expense.
forwarded-too-often = This has been forwarded { $times } times already. Please approve or reject it, or ask an admin of this app to give it to somebody.
admins-only = Only admins of this app can give an expense to somebody else.
role-own-expense = { $role ->
    [finance] This is your own expense, so somebody else in finance has to do that.
   *[admin] This is your own expense, so another admin has to do that.
}

## Questions and reminders

requester-is-a-system = Another system asked for this, so nobody could answer a question.
requester-answers = Only the requester can answer questions about this expense.
no-such-question = Nobody has asked this about this expense.
reminded-already = You have reminded them already; you can do that once a day.
nobody-to-remind = Nobody who may decide this can be reminded right now.

## Which expense

no-expense-to-see = There is no expense with this id that you may see.
no-such-expense = There is no expense with this id.
no-expense-of-yours = There is no expense of yours with this id.
is-paid = This expense is paid, so it cannot be submitted again.
is-left-to-finance = This expense is approved and finance pays it, so it cannot be submitted again.
is-under-way = This expense is still under way, so it cannot be submitted again.
was-paid-before = The expense that this was made from is paid, so this cannot be submitted again.
not-undecided = This was not left undecided; *Edit and resubmit* submits it anew.
submit-once-more = Please submit this expense once more.

## What the policy asks

too-few-approvers = Too few people could approve this, so it was not submitted: nobody approves their own expense, or twice, and some may have left. Please wait until that is fixed, or ask the people who run this app.
too-few-approvers-by-manager = Too few people could approve this, so it was not submitted: nobody approves their own expense, or twice, and some may have left. Please choose another manager, or ask the people who run this app.
group-is-gone = A rule of the expense policy is about the user group { $group }, which Slack does not have any more. Please ask the people who run this app.

## Asking for a refused payment again

pay-again-admins-only = Only admins of this app and finance have a payment asked for again.
pay-again-not-refused = No payment of this expense is refused now, so nothing was changed: somebody may have asked for it again already.
pay-again-too-soon = This payment was refused only just now. Please ask again in a minute, when it is certain that nothing was paid.
pay-again-first-is-paid = The expense that this one was made from is paid, or may be yet, so this one is not paid as well.
pay-again-submitted-again = It was submitted again as expense { $id }, so this one is not paid as well.
