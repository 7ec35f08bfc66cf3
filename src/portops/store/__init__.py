"""The store: journal of submissions and history of statuses, in a database."""
