"""Changes of a matter by events. `apply` is the only thing that changes one."""

from datetime import date

from agreement.entities import replace
from cooperation.oversight import overseers
from cooperation.oversight.overseers import OverseerEvent
from ppk.recommendations.domain.events import (
    Acknowledged,
    Appealed,
    ClarificationRequested,
    Clarified,
    Corrected,
    Decided,
    DecreeCorrected,
    DueDateMoved,
    Event,
    FollowedUp,
    HeardEvent,
    Objected,
    ObjectionAnswered,
    Opened,
    Recommended,
    Rejected,
    TookOver,
    Verified,
    Withdrawn,
)
from ppk.recommendations.domain.matter import Matter, State
from ppk.recommendations.domain.states import PENDING, require
from refusals import Malformed, NotAllowed, WrongState

S = State

# A verification means something else before and after the report.
_VERIFIED: dict[str, frozenset[State]] = {
    "CONFORMS": frozenset({S.REPORTED}),
    "NOT_YET_CONFORMS": frozenset({S.REPORTED}),
    "CANNOT_BE_FOLLOWED_UP": frozenset({S.REPORTED}),
    "NOT_YET_FOLLOWED_UP": PENDING,
}


def hear(matter: Matter, event: HeardEvent, sender: str) -> Matter:
    """The matter after what an examiner or an overseer says of it.

    Whoever recommends is the matter's examiner, until the next took over.

    Raises:
        NotAllowed: the sender is not the matter's examiner.
        WrongState: it is not possible in the matter's state.
        Malformed: it is for another authority, about another recommendation, or incomplete.
    """
    if isinstance(event, OverseerEvent):
        return apply(matter, event)
    if isinstance(event, TookOver):
        require(matter, event)
        if event.successor != sender or matter.examiner not in (event.predecessor, sender):
            raise NotAllowed("the matter was not the predecessor's", reason="NOT_THE_EXAMINER")
    elif matter.examiner and sender != matter.examiner:
        raise NotAllowed("the sender did not recommend in this matter", reason="NOT_THE_EXAMINER")
    changed = apply(matter, event)
    return replace(changed, examiner=sender)


def apply(matter: Matter, event: Event) -> Matter:
    """The matter after an event. The examiner's events are checked against the matter; our own were before."""
    match event:
        case Clarified():
            return replace(matter, state=S.CLARIFIED, clarification_answer=event.letter_number)
        case Opened():
            return replace(matter, state=S.OPENED)
        case Acknowledged():
            return replace(matter, state=S.ACKNOWLEDGED, register_number=event.register_number)
        case Rejected():
            return replace(matter, state=S.REJECTED, rejection_reason=event.reason, moved_to=event.moved_to)
        case Objected():
            return replace(
                matter,
                state=S.OBJECTED,
                objection_number=event.letter_number,
                objection_date=event.letter_date,
            )
        case Decided():
            return replace(
                matter,
                state=S.DECIDED,
                decree_number=event.decree_number,
                decree_date=event.decree_date,
                sanction=event.sanction,
            )
        case DecreeCorrected():
            return replace(matter, decree_number=event.decree_number, decree_date=event.decree_date)
        case FollowedUp():
            return replace(
                matter,
                # The rest of a partial one is to be decided or reported yet; the decree stands.
                state=S.ACKNOWLEDGED if event.kind == "PARTIAL" else S.REPORTED,
                follow_up_kind=event.kind,
                follow_up_number=event.letter_number,
                follow_up_date=event.letter_date,
                decree_digest=event.decree_digest,
                impossibility=event.reason,
                open_measures=event.open_measures,
                verification="",  # the last one was of what stood before this report
            )
        case Appealed():
            return _appealed(matter, event)
    require(matter, event)
    match event:
        case ClarificationRequested():
            return _asked(matter, event)
        case Recommended():
            return _recommended(matter, event)
        case Corrected():
            _check_letter(matter, event.corrects, "corrects")
            return _corrected(matter, event)
        case DueDateMoved():
            _check_letter(matter, event.letter_number, "letter_number")
            return replace(matter, due_date=_given(event.due_date, "due_date"))
        case Withdrawn():
            _check_letter(matter, event.letter_number, "letter_number")
            return replace(matter, state=S.WITHDRAWN, withdrawal_reason=event.reason)
        case ObjectionAnswered():
            return replace(matter, state=S.ACKNOWLEDGED, due_date=event.due_date or matter.due_date)
        case Verified():
            return _verified(matter, event)
        case overseers.Blocked() | overseers.Unblocked() | overseers.Warned():
            return replace(matter, **overseers.marks(event))
        case overseers.DecreeAnnulled():
            return _annulled(matter, event)
        case TookOver():
            return replace(matter, examiner=event.successor, reports_to=event.reports_to)


def _check_letter(matter: Matter, number: str, field: str) -> None:
    if number != matter.letter_number:
        raise Malformed(
            "another recommendation than the one received", field=field, reason="OTHER_RECOMMENDATION"
        )


def _asked(matter: Matter, event: ClarificationRequested) -> Matter:
    if event.addressee != matter.party:
        raise Malformed("another authority is asked", field="addressee", reason="WRONG_ADDRESSEE")
    if event.letter_date is None:
        raise Malformed("a request has a date", field="letter_date")
    return replace(
        matter,
        state=S.CLARIFICATION_REQUESTED,
        clarification_number=event.letter_number,
        clarification_date=event.letter_date,
        clarification_answer="",
        report_number=event.report_number,
        region=event.region,
    )


def _corrected(matter: Matter, event: Corrected) -> Matter:
    return replace(
        matter,
        correction_number=event.letter_number,
        act=event.act,
        family=event.family,
        sanction_class=event.sanction_class,
        due_date=_given(event.due_date, "due_date"),
    )


def _given(day: date | None, field: str) -> date:
    if day is None:
        raise Malformed("the date is left out", field=field)
    return day


def _recommended(matter: Matter, event: Recommended) -> Matter:
    if event.addressee != matter.party:
        raise Malformed(
            "the recommendation is addressed to another", field="addressee", reason="WRONG_ADDRESSEE"
        )
    for field, day in (("letter_date", event.letter_date), ("due_date", event.due_date)):
        if day is None:
            raise Malformed("a recommendation has a date and a due date", field=field)
    return replace(
        matter,
        state=S.RECEIVED,
        letter_number=event.letter_number,
        letter_date=event.letter_date,
        act=event.act,
        family=event.family,
        sanction_class=event.sanction_class,
        due_date=event.due_date,
        report_number=event.report_number,
        region=event.region,
        event_date=event.event_date,
        employment=event.employment,
    )


def _verified(matter: Matter, event: Verified) -> Matter:
    possible = _VERIFIED.get(event.status)
    if possible is None:
        raise Malformed("not a status of verification", field="status")
    if matter.state not in possible:
        raise WrongState("not possible now; the matter stands at: {state}", state=matter.state)
    after = {
        "CONFORMS": S.COMPLETED,
        "NOT_YET_CONFORMS": S.ACKNOWLEDGED,  # to be reported or decided again; a decree still stands
        "CANNOT_BE_FOLLOWED_UP": S.CANNOT_BE_FOLLOWED_UP,
    }
    return replace(
        matter,
        state=after.get(event.status, matter.state),
        verification=event.status,
        impossibility=event.reason or matter.impossibility,
    )


def _appealed(matter: Matter, event: Appealed) -> Matter:
    """A changed decree is to be reported anew, an annulled one is gone: also after the follow-up was verified."""
    if event.outcome not in ("CHANGED", "ANNULLED"):
        return matter
    return replace(
        _without_follow_up(matter),
        state=S.DECIDED if event.outcome == "CHANGED" else S.ACKNOWLEDGED,
        decree_number=event.decree_number,
        decree_date=event.decree_date,
        sanction=event.sanction,
    )


def _annulled(matter: Matter, event: overseers.DecreeAnnulled) -> Matter:
    """The data holder annulled the decree: another one is to be made, also after the follow-up was verified."""
    overseers.require_standing(event, matter.decree_number)
    return replace(
        _without_follow_up(matter),
        state=S.ACKNOWLEDGED,
        decree_number="",
        decree_date=None,
        sanction="",
        due_date=event.due_date or matter.due_date,
        **overseers.marks(event),
    )


def _without_follow_up(matter: Matter) -> Matter:
    """Forget follow-up and verification: they were of a decree that is gone."""
    return replace(
        matter,
        follow_up_kind="",
        follow_up_number="",
        follow_up_date=None,
        decree_digest="",
        open_measures=(),
        verification="",
    )
