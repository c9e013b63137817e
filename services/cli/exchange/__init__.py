"""Commands on deliveries: outbox, parked statements, pairs."""
