"""Commands on one matter: list, show, timeline, due dates."""
