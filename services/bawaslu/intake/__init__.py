"""Reports, findings and first information on their way to a matter: their gRPC, handlers and reads."""
