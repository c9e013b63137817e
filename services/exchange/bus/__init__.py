"""The NATS bus: subjects, stream and consumers, and the connection to it."""
