### What people are told of receipts that were copied, or could not be.
### $file is the name of the file, $who is who copied it.

## In the thread of the requester

receipt-flawed-yours =
    { $flaw ->
        [deleted] :paperclip: I cannot keep the receipt “{ $file }”: it was deleted in Slack before I had copied it. The approvers have been told. If this expense needs it, withdraw the expense, and submit it again with the receipt.
        [empty] :paperclip: I cannot keep the receipt “{ $file }”: there is nothing in the file. The approvers have been told. If this expense needs it, withdraw the expense, and submit it again with the receipt.
        [too_large] :paperclip: I cannot keep the receipt “{ $file }”: it is larger than 10 MB. The approvers have been told. If this expense needs it, withdraw the expense, and submit it again with a smaller file.
       *[wrong_type] :paperclip: I cannot keep the receipt “{ $file }”: it is neither a PDF nor a picture (PNG, JPEG, GIF or HEIC), whatever its name says. The approvers have been told. If this expense needs it, withdraw the expense, and submit it again with another file.
    }
receipt-heic-yours = :paperclip: The receipt “{ $file }” is a HEIC picture. I have kept it, but not everybody can open such a picture; a PDF, PNG or JPEG is better.
reply-receipts-awaited = :hourglass: It is approved. It will be paid as soon as its receipts are copied, or a day after the approval at the latest; you need not do anything.

## In the threads of the approvers

receipt-flawed =
    { $flaw ->
        [deleted] :paperclip: The receipt “{ $file }” cannot be shown here: it was deleted in Slack before I had copied it.
        [empty] :paperclip: The receipt “{ $file }” cannot be shown here: there is nothing in the file.
        [too_large] :paperclip: The receipt “{ $file }” cannot be shown here: it is larger than 10 MB.
       *[wrong_type] :paperclip: The receipt “{ $file }” cannot be shown here: it is neither a PDF nor a picture, whatever its name says.
    }
receipt-heic = :paperclip: “{ $file }” is a HEIC picture. If it is not shown here, save it and open it with another app.

## In the history

history-receipt-kept = { $who } kept a copy of the receipt “{ $file }” (SHA-256 { $sha256 }).
history-receipt-flawed = { $who } could not keep a copy of the receipt “{ $file }” ({ $flaw ->
        [deleted] it was deleted in Slack before
        [empty] there is nothing in it
        [too_large] it is larger than 10 MB
       *[wrong_type] it is neither a PDF nor a picture
    }).
history-receipts-awaited = { $who } waited with the payment for the copies of the receipts.
