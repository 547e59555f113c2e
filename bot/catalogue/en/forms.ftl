### The forms, and what is said if one does not open or cannot be taken.

close = Close
cancel = Cancel
choose-colleague = Choose a colleague
please-choose-colleague = Please choose a colleague.
text-too-long = { $most ->
    [one] Please say it in at most { $most } character.
   *[other] Please say it in at most { $most } characters.
}

## If a form does not open

form-did-not-open = The form could not be opened. Please try again.
form-may-be-open = I cannot tell whether the form has opened. If you do not see it, please try again.
expense-form-did-not-open = The form could not be opened. Please try again, or write it in one line: `/expense submit 42.50 EUR Team lunch`
delegate-form-did-not-open = The form could not be opened. Please try again, or write it in one line: `/expense delegate @colleague until Friday`
reject-form-did-not-open = The form for the reason could not be opened, so you have not rejected anything. Please try again.
reject-form-may-be-open = I cannot tell whether the form for the reason has opened. You have not rejected anything yet: if you do not see the form, please try again.

## Titles of notices

notice = Expenses
notice-sorry = Sorry
notice-already-submitted = Already submitted
notice-not-submitted = Not submitted
notice-not-rejected = Not rejected
notice-not-sent = Not sent
notice-not-saved = Not saved
notice-not-forwarded = Not forwarded
notice-not-reassigned = Not reassigned

## Forms with one box

reject-form = Reject this expense
    .submit = Reject
    .label = Why?
    .hint = The requester and the other approvers can read it.
    .if-empty = Please give a reason, so that the requester understands.
ask-form = Ask the requester
    .submit = Ask
    .label = What would you like to know?
    .hint = The requester is asked to answer; the other approvers can read it.
    .if-empty = Please write your question.
answer-form = Answer the question
    .submit = Answer
    .label = Your answer
    .hint = The approvers can read it.
    .if-empty = Please write your answer.

## The form for an expense

expense-form-new = New expense
expense-form-again = Edit and resubmit
expense-form-submit = Submit
expense-form-amount = Amount
    .no-number = Please write the amount as a positive number in digits, like { $example }.
    .not-positive = The amount must be more than zero.
    .too-much = The amount can be at most { $most }.
    .no-decimals = { $currency } has no decimals; please round the amount.
    .too-many-decimals = { $currency } has at most { $decimals } decimals; please round the amount.
    .two-ways = “{ $number }” can be read in two ways. Please write { $ways }.
    .way = { $written } for { $money }
    .other-currency = The amount says { $sign }, the currency { $currency }; please make them agree.
expense-form-currency = Currency
    .choose = Choose a currency
    .common = Common
    .unknown = Please give a currency by its three letters, such as EUR or USD.
    .several = “{ $sign }” can mean several currencies; please write its three letters, such as { $currencies }.
    .written-twice = You wrote { $first } and { $second }; please write only one currency.
    .in-capitals = Please write { $currency } in capitals if you mean the currency, or write the currency behind the amount, such as 42.50 EUR.
    .ended = { $currency } was legal tender until { $day }; please check the currency and the day.
    .not-yet = { $currency } is legal tender since { $day }; please check the currency and the day.
    .not-taken = Your company does not reimburse { $currency }; please use { $currencies }.
expense-form-description = What was it for?
    .example = Team lunch
    .missing = Please say what the expense was for.
    .one-line = Please write amount, currency and what it was for: `/expense submit 42.50 EUR Team lunch`
expense-form-category = Category
    .choose = Choose a category
    .missing = Please choose a category.
expense-form-day = When was it spent?
    .missing = Please choose the day on which it was spent.
    .to-come = This day is still to come; please choose a past one.
    .long-ago = This is more than two years ago; please check the date.
expense-form-manager = Your manager
    .choose = Choose a person
    .hint = Some expenses need one; the form says so if yours does.
    .not-all-known = Slack has not yet told me who all the managers are. If your expense needs one who is missing here, please open this form again in a minute.
    .missing = Please choose your manager; this expense needs them.
    .not-offered = Please choose one of the managers in the list.
expense-form-receipts = Receipts
    .limit = At most { $most } pictures or PDFs. The approvers see pictures; if a PDF is not shown in their thread, they can open it only after you have shared it with them.
    .kept = Receipts you added before; untick one to remove it
    .too-many = Please add at most { $most } receipts.
    .lost = Slack lost one of the files; please add it again.
    .missing = Please add a receipt; this expense needs one.
    .unnamed = receipt
doubt = ⚠️ { $doubt }

## Forwarding and reassigning

handover-colleague = Who should decide it?
handover-instead-of = In whose place?
    .nobody = Nobody
    .hint = If you leave this empty, the people who are asked now can still decide, too.
handover-note = A note for them
    .hint = It also stands in the expense's history.
forward-form = Forward
    .above = A colleague decides this in your place. You will not be asked about it any more.
reassign-form = Reassign
    .above = You decide nothing by this: a colleague is asked, and everybody reads that you reassigned it.

## Delegating

delegate-form = Delegate
    .submit = Save
    .above = While you are away, a colleague can decide expenses in your place. They cannot decide expenses that you or they submitted.
    .colleague = Who stands in for you?
    .since = From, if not from now on
    .until = Until the end of
    .over-before = This is over before it begins; please choose a later day.
    .back = Are you back?
    .end = End the delegation now
    .no-day = Please choose a day.
    .past = This is over already; please choose a day to come.
    .too-late = Please choose a day in at most { $days } days.
    .when = Please write until when, such as `/expense delegate @colleague until Friday`, `until 3 December`, `until 2026-12-24`, `for 3 days` or `from Monday until Friday`.
    .whom = Please name one colleague with an @, such as `/expense delegate @colleague until Friday`.
delegate-is-no-member = Only a full member of the workspace can stand in; guests, bots and strangers cannot.
delegate-is-no-approver = Your company's policy lets only people stand in who approve expenses themselves; please choose one of them.
delegator-is-no-member = Only full members of the workspace can delegate.
delegate-is-away = They have delegated themselves; please choose somebody else.
delegator-stands-in = You stand in for a colleague, so you cannot delegate right now.
delegated = { $who } decides in your place from now until { $until }; I will tell them. They cannot decide expenses that you or they submitted. To end it sooner, type `/expense delegate stop`.
delegated-later = { $who } decides in your place from { $since } until { $until }; I will tell them. They cannot decide expenses that you or they submitted. To end it sooner, type `/expense delegate stop`.
delegation-ended = { $who } no longer stands in for you; I will tell them.
delegated-to-nobody = Nobody stands in for you right now.
you-stand-in-later = :wave: You stand in for { $who } from { $since } until { $until }: what they are asked to decide, you can decide in their place then. New expenses come to you here; those that wait already are in my Home. You cannot decide expenses that { $who } or you submitted.
you-stand-in = :wave: You stand in for { $who } from now until { $until }: what they are asked to decide, you can decide in their place. New expenses come to you here; those that wait already are in my Home. You cannot decide expenses that { $who } or you submitted.
you-no-longer-stand-in = You no longer stand in for { $who }.
