"""Answers to an authority's team on the intake that its first information opened."""

from bawaslu.intake.domain import events as of_intake
from bawaslu.matters.domain.answers import Answered


def answer_for_intake(event: of_intake.Event) -> Answered | None:
    """Answer to the team for an act on the intake; None if it hears nothing."""
    match event:
        case of_intake.TracingStarted():
            return Answered("TRACING", event.letter_date, event.letter_number)
        case of_intake.InformationClosed():
            return Answered("CLOSED", event.closed_date, reason=event.reason)
        case of_intake.FindingRecorded():
            return Answered("FOUND", event.found_date, event.number)
        case of_intake.IntakeConcluded():
            return Answered("STUDIED", event.study_date, event.study_number)
        case _:
            return None
