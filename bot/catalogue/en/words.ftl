### What people read of their company's own words: categories, dimensions, the list of people.

own-field-choose = Choose
own-field-search = Type to search
own-field-missing = Please choose a value from the list: { $label }.
own-field-empty = Please fill this in: { $label }.
own-field-hint = { $category } asks for this.
listed-manager = If this needs your manager's approval, { $manager } will be asked.
listed-manager-unknown = Your company's list names { $manager } as your manager, whom Slack does not know; please choose one.
listed-manager-self = Your company's list names you as your own manager; please choose somebody else.
listed-manager-left = Your company's list names somebody as your manager who is not a full member of this workspace any more; please choose another one.
open-form-anew = You can do so in the form, which `/expense` opens.
