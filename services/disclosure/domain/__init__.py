"""What a disclosure and a document are, and what may be done with them. Pure."""
