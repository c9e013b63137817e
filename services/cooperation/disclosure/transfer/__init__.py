"""Transfer of granted documents from desk to desk."""
