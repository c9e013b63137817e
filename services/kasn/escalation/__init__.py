"""Late follow-up: reminders, escalation to the superior, claims of an authority's silence."""
