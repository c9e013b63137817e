"""The `netral` command: starts a world on one machine, and speaks gRPC to the services. It never opens databases."""
