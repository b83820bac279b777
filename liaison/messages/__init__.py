"""Messages to people: the outbox and its work."""
