"""Telnyx's porting API (v2) as a dialect of the sandbox, under `/v2`.

Written from Telnyx's published OpenAPI document. It shares no code with the adapter, and its clock,
carriers, numbering plan and log of calls are the sandbox's own: an order is judged by the same
records, and takes as long as it would in the other dialect.

- `routes` joins it; `calls` create and change orders, `filling` is what a draft takes,
  `documents` are uploaded; `reading` answers questions, in the `shapes` of the document.
- `orders` is what an order is, and how its status follows from it and the time.
- `storage` keeps orders and documents, `access` says who may call and how it refuses.
- `telling` signs and sends webhooks, and lists events.

Without a published source, and so the sandbox's own: the codes of refusals, when a cancellation is
through (an hour), that a number in another open order is refused, the hours of FOC windows, the
words of comments.
"""
