"""What every room needs and no business knows: clock, ids, actors, audit trail, mail outbox, queue, errors."""
