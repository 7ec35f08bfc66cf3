"""The sandbox: a provider on this machine, with carriers that decide and a clock you can move.

Where to find what:

- `server` joins it all: the routes, and the application that `portops sandbox serve` serves.
- `access`, `documents`, `portability`, `port_in`, `webhooks` speak Twilio's Porting API; `answers`
  has the shapes of what they answer, `bodies` reads what they are sent.
- `variants` are behaviors of Twilio's of which it plays one or the other, and what has no published
  source; `eligibility` tells which numbers can be ported in at all.
- `acceptance` takes in a new order, `orders` works out its status from then on, and `records` is
  what the losing carriers compare it with.
- `mailroom` books and writes the mails with a letter of authorization, `outbox` keeps them until
  the `courier` has had them accepted; `signing`, `browser`, `pages` show the letter and sign it.
- `gate` is what every call passes first: host, origin, type and length.
- `telnyx` is a second dialect, under `/v2`, of the same clock and carriers.
- `controls` are the sandbox's own calls, `clock` its time.
- `sandbox` is what all of them share, `database` what is kept on disk.
"""
