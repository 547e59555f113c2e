### What finance and auditors read.

## On the Home

finance-home = Finance
finance-nothing-to-pay = *Nothing is to be paid.*
finance-to-pay = *To pay:* { $expenses }.
finance-to-pay-many = *To pay:* more than { $count } expenses.
finance-oldest = These have waited for longest:
finance-refused = *The payment was refused:*
finance-stuck = *Stuck:*
finance-nothing-wrong = No payment is refused, and nothing is stuck.
finance-more-refused = More were refused; `/expense find refused` shows all of them.
finance-more-stuck = More are stuck; they move up as these are decided.
finance-how-to-find = `/expense find @person november approved` finds expenses by person, month and state, or one by its number.
finance-line = *{ $money }* · { $who } · { $what } · { $id }
finance-line-without-claim = { expense-id } · { $who }
finance-history = History
    .spoken = History of expense { $id }

## Finding

finance-help = • `/expense find @person november approved` finds anybody’s expenses by person, month, state or number.
find-title = *Found:* { $what }
find-in-month = submitted in { $month }
find-nothing = Nothing was found: { $what }.
find-nothing-by-id = { find-nothing } A number or an id has to be written as it stands in our messages; { find-how }
find-older = There are older ones.
find-show-older = Show older
    .label = Show older expenses that were found
find-how = a person is chosen from the list that Slack offers behind @, a month is written as 2026-11 or november, and a state is { $states }.
find-what = Please write what to look for, in any combination, such as `/expense find @person november approved`, or a number: { find-how }
find-person = I do not know who “{ $word }” is. Please choose a person from the list that Slack offers behind @.
find-month-of-year = Please write which month of { $year }, such as { $year }-11.
find-one-of-each = Please write one person, one month and one state at most.
find-unknown = I do not understand “{ $words }”: { find-how }

## What others are told

finance-only = Only finance and auditors can do that.

## The export

export-button = Export
export-form = Export
    .submit = Send it to me
    .above = The expenses of a period as a file, in our direct messages. Finance and auditors get it; please keep it as carefully as what is in it.
    .first = From
    .last = To, and with it
    .by = Which day has to be in the period
    .format = Format
    .no-day = Please choose a day.
    .wrong-order = This day is before the first one. Please choose a later one.
export-form-did-not-open = The form did not open. Please press *Export* again.
export-by = { $by ->
    [decided] The day of the decision
    [paid] The day of the payment
    [spent] The day on which the money was spent
   *[submitted] The day of submission
}
export-format = { $format ->
    [csv] CSV, for spreadsheets
   *[jsonl] JSON Lines, for programs
}
export-of = { $by ->
    [decided] what was decided from { $first } to { $last }
    [paid] what was paid from { $first } to { $last }
    [spent] what was spent from { $first } to { $last }
   *[submitted] what was submitted from { $first } to { $last }
}
export-begun = I am writing your export: { $what }. The file comes here.
export-is-here = Your export: { $what }. { $count ->
    [one] One expense.
   *[other] { $count } expenses.
}
export-failed = Your export of { $what } could not be written. Please ask for it again in a few minutes.
export-not-sent = Your export of { $what } could not be sent: Slack does not let me upload files here ({ $code }). The people who run this app can help.
notice-not-exported = Nothing is exported
