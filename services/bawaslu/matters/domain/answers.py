"""Answers to an authority's team on a matter that its first information led to."""

from dataclasses import dataclass
from datetime import date

from bawaslu.matters.domain import events
from bawaslu.matters.domain.matter import Matter


@dataclass(frozen=True)
class Answered:
    """Answer to the team on one stage; `place` counts the reported persons from 1, 0 is the whole."""

    stage: str
    stage_date: date | None
    number: str = ""
    reason: str = ""
    place: int = 0
    matter: str = ""


def answer_for_person(matter: Matter, event: events.Event, today: date) -> Answered | None:
    """Answer to the team for a matter that first information led to; None if it hears nothing.

    `matter` is as it stands after the event, `today` the legal date at Bawaslu, for what says no day of its own.
    """
    told = _told(event, today)
    if told is None:
        return None
    stage, day, number, reason = told
    if matter.employer != matter.informant:
        return Answered(stage, day, place=matter.place)
    return Answered(stage, day, number, reason, matter.place, matter.id)


def _told(event: events.Event, today: date) -> tuple[str, date | None, str, str] | None:
    """Stage, day, number and reason."""
    match event:
        case events.Registered():
            return "REGISTERED", today, event.number, ""
        case events.StudyConcluded() if event.conclusion == "NOT_A_VIOLATION":
            return "NOT_A_VIOLATION", event.study_date, event.study_number, ""
        case events.Referred():
            return "REFERRED", event.letter_date, event.letter_number, ""
        case events.Accepted():
            return "UNDER_EXAMINATION", today, event.register_number, ""
        case events.Returned():
            return "RETURNED", today, "", event.reason
        case events.NotProven():
            return "NOT_PROVEN", event.decision_date or today, event.decision_number, ""
        case events.Recommended():
            return "RECOMMENDED", today, event.letter_number, ""
        case events.Withdrawn():
            return "WITHDRAWN", today, event.letter_number, event.reason
        case events.Verified():
            return "VERIFIED", today, "", event.status
        case _:
            return None
