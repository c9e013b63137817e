"""Documents of a matter: received, encrypted and stored by content."""
