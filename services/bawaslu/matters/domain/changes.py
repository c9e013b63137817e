"""Changes of a matter by events. `apply` is the only thing that changes a matter."""

from agreement.enforcement.offences import FORWARDED
from agreement.entities import replace
from bawaslu.matters.domain.events import (
    Accepted,
    Completed,
    CompletionRequested,
    Corrected,
    DecreeAnnulled,
    DueDateMoved,
    Event,
    NotProven,
    OffenceForwarded,
    OffenceProgressed,
    PlenaryHeld,
    Recommended,
    Referred,
    Registered,
    Returned,
    StudyConcluded,
    TookOver,
    Verified,
    Withdrawn,
)
from bawaslu.matters.domain.matter import Matter, State
from bawaslu.matters.domain.states import require
from refusals import Malformed, NotAllowed

S = State


def hear_succession(matter: Matter, event: Event, sender: str) -> Matter:
    """The matter after the next examiner took it over.

    Raises:
        NotAllowed: the sender speaks of another, or it was not at the examiner that it names.
        WrongState: it was never referred.
    """
    if (
        not isinstance(event, TookOver)
        or event.successor != sender
        or matter.examiner not in (event.predecessor, sender)
    ):
        raise NotAllowed("the matter was not the predecessor's", reason="NOT_THE_EXAMINER")
    return apply(matter, event)


def apply(matter: Matter, event: Event) -> Matter:
    """The matter after an event. The examiner's events are checked against the state; our own were before."""
    match event:
        case Registered():
            return replace(
                matter,
                state=S.REGISTERED,
                origin=event.origin,
                number=event.number,
                region=event.region,
                event_date=event.event_date,
                known_date=event.known_date,
                employer=event.employer,
                employment=event.employment,
                informant=event.informant,
                information=event.information,
                place=event.place,
                office=event.office,
            )
        case StudyConcluded():
            return replace(
                matter,
                state=S.STUDIED if event.conclusion == "OTHER_LAW_VIOLATION" else S.NOT_A_VIOLATION,
                study_number=event.study_number,
                study_date=event.study_date,
                conclusion=event.conclusion,
                suspected_acts=event.suspected_acts,
                study_digest=event.study_digest,
            )
        case Referred():
            return replace(
                matter,
                state=S.REFERRED,
                referral_number=event.letter_number,
                referral_date=event.letter_date,
                examiner=event.examiner,
                return_reason="",
                missing=(),
            )
        case Completed():
            return replace(
                matter,
                state=S.REFERRED,
                missing=(),
                study_number=event.study_number or matter.study_number,
                study_digest=event.study_digest or matter.study_digest,
            )
        case PlenaryHeld():
            return replace(
                matter,
                plenary_number=event.minutes_number,
                plenary_date=event.plenary_date,
                plenary_digest=event.minutes_digest,
                plenary_decisions=event.decisions,
            )
        case OffenceForwarded() | OffenceProgressed():
            return _beside_discipline(matter, event)
    require(matter, event)
    match event:
        case Accepted():
            return replace(matter, state=S.UNDER_EXAMINATION)
        case Returned():
            return replace(matter, state=S.RETURNED, return_reason=event.reason)
        case CompletionRequested():
            return replace(
                matter,
                state=S.INCOMPLETE,
                missing=event.missing,
                completion_number=event.letter_number,
            )
        case NotProven():
            return replace(matter, state=S.NOT_PROVEN)
        case Recommended():
            return replace(
                matter,
                state=S.RECOMMENDED,
                recommendation_number=event.letter_number,
                addressee=event.addressee,
                act=event.act,
                family=event.family,
                sanction_class=event.sanction_class,
                due_date=event.due_date,
                verification="",  # the last one was of a former addressee
            )
        case Corrected():
            return replace(
                matter,
                act=event.act,
                family=event.family,
                sanction_class=event.sanction_class,
                due_date=event.due_date,
            )
        case DueDateMoved():
            return replace(matter, due_date=event.due_date)
        case Withdrawn():
            return replace(matter, state=S.WITHDRAWN)
        case Verified():
            if not event.status:
                raise Malformed("not a status of verification", field="status")
            ends = {"CONFORMS": S.COMPLETED, "CANNOT_BE_FOLLOWED_UP": S.CANNOT_BE_FOLLOWED_UP}
            return replace(
                matter,
                state=ends.get(event.status, S.RECOMMENDED),
                verification=event.status,
                impossibility=event.reason,
            )
        case DecreeAnnulled():
            if event.act_date is None:
                raise Malformed("an annulment has a date", field="act_date")
            return replace(
                matter,
                state=S.RECOMMENDED,
                verification="",  # the last one was of the decree that is gone
                due_date=event.due_date or matter.due_date,
                annulment_number=event.act_number,
                annulment_date=event.act_date,
            )
        case TookOver():
            return replace(matter, examiner=event.successor)


def _beside_discipline(matter: Matter, event: OffenceForwarded | OffenceProgressed) -> Matter:
    """The matter after an act of the criminal track, which changes no state."""
    counted = replace(
        matter,
        offence_due_date=event.due_date,
        offence_due_rule=event.due_rule,
        offence_due_calendar=event.due_calendar,
    )
    if isinstance(event, OffenceProgressed):
        return replace(
            counted,
            offence_step=event.step,
            offence_step_number=event.document_number,
            offence_step_date=event.step_date,
        )
    return replace(
        counted,
        offence_number=event.letter_number,
        offence_date=event.letter_date,
        offence_received_date=event.received_date,
        offence_police_number=event.police_number,
        offences=event.offences,
        offence_minutes_digest=event.minutes_digest,
        offence_step=FORWARDED,
        offence_step_number=event.letter_number,
        offence_step_date=event.received_date,
    )
