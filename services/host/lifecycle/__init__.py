"""Life of a host: how it starts, what wakes its loops, how well it is, how it stops."""
