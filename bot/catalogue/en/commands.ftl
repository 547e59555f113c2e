### What /expense answers.

help =
    • `/expense` opens a form for a new expense.
    • `/expense submit 42.50 EUR Team lunch` does it in one line.
    • `/expense list` shows your expenses; `/expense history ID` tells all about one.
    • `/expense delegate @colleague until Friday` lets somebody decide in your place; `/expense delegate stop` ends it.
    • `/expense help` shows this. For everything else, my messages and my Home have buttons.
unknown-word = I do not know “{ $word }”.
which-expense = { $word ->
    [status] Please write which expense: `/expense status ID`. Its id stands below it in our messages and in `/expense list`.
    [history] Please write which expense: `/expense history ID`. Its id stands below it in our messages and in `/expense list`.
   *[withdraw] Please write which expense: `/expense withdraw ID`. Its id stands below it in our messages and in `/expense list`.
}
in-the-form = The form has a field for it: `/expense`
submitted = Submitted: { $subject }. I will send you a direct message at every step.
submitted-before = You had submitted this already, and that counts: { $subject }.
submitted-now = What you sent now, { $money } for “{ $what }”, is not recorded.
correct-by-withdrawing = To correct it, withdraw it with `/expense withdraw { $id }` or its button in our direct messages, and press *Edit and resubmit* there.
correct-by-resubmitting = To correct it, press *Edit and resubmit* below it in our direct messages.
correct-by-finance = It cannot be withdrawn any more; if it is wrong, please tell your finance team.
asked-again = Asked again, as expense { $id }. Our direct messages say how it goes on.
asked-again-and-closed = You asked again before, as expense { $id }, and that one is closed by now. Its message has the buttons to submit it once more.
edit-instead = *Edit and resubmit* lets you change it.
you-reminded = I have reminded { $whom }. You can do that once a day.
withdrawn = Withdrawn: { $subject }. Nobody is asked about it any more.
