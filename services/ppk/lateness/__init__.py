"""Notices of lateness to an authority: reminders, claims of silence, escalations."""
