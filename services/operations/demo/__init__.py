"""The demo: two real kinds of case and a circular, played through three services, and a byte that is changed and found."""
