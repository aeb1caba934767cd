"""Events for other systems, signed as Standard Webhooks says: who is told of what, delivery, replay, secrets."""
