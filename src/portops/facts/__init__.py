"""Facts: what is true of the field, whoever ports: numbering plan, places, causes, statuses, time."""
