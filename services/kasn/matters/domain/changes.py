"""Changes of a matter by events. `hear` checks who said it; `apply` is the only thing that changes a matter."""

from agreement.enforcement.offences import FORWARDED
from agreement.entities import replace
from cooperation.oversight import overseers
from cooperation.oversight.overseers import OverseerEvent
from kasn.matters.domain.due_dates import DueDateMoved
from kasn.matters.domain.events import (
    Accepted,
    Acknowledged,
    Appealed,
    Assigned,
    ClarificationHeld,
    ClarificationRequested,
    Clarified,
    Completed,
    CompletionRequested,
    ConflictDeclared,
    Corrected,
    Decided,
    DecreeCorrected,
    Event,
    FollowedUp,
    HeardEvent,
    NotProven,
    Objected,
    ObjectionAnswered,
    OffenceEvent,
    OffenceForwarded,
    OffenceProgressed,
    Opened,
    Progressed,
    Recommended,
    Referred,
    Rejected,
    Returned,
    Verified,
    Withdrawn,
)
from kasn.matters.domain.matter import Matter, State
from kasn.matters.domain.states import require
from refusals import Malformed, NotAllowed, WrongState

S = State


def hear(matter: Matter, event: HeardEvent, sender: str) -> Matter:
    """The matter after what supervisor, addressee or an overseer says.

    Raises:
        NotAllowed: the sender is not the one who may say it: supervisor, addressee, or the authority that was asked.
        WrongState: it does not fit the state, or reports a sanction that was not decided.
        Malformed: a report that does not say of what.
    """
    if isinstance(event, Referred):
        if event.examiner != matter.party:
            raise NotAllowed("referred to another examiner", reason="NOT_THE_EXAMINER")
        if matter.supervisor not in ("", sender):
            raise NotAllowed("another supervisor referred it", reason="NOT_THE_SUPERVISOR")
        require(matter, event)
        return apply(replace(matter, supervisor=sender), event)
    if isinstance(event, Completed | OffenceEvent):
        if sender != matter.supervisor:
            raise NotAllowed("another supervisor referred it", reason="NOT_THE_SUPERVISOR")
        require(matter, event)
        return apply(matter, event)
    if isinstance(event, Clarified):
        if sender != matter.clarification_addressee:
            raise NotAllowed("the sender was not asked", reason="NOT_ASKED")
        require(matter, event)
        return apply(matter, event)
    if isinstance(event, OverseerEvent):
        require(matter, event)
        if isinstance(event, overseers.DecreeAnnulled):
            overseers.require_standing(event, matter.decree_number)
        return apply(matter, event)
    if sender != matter.addressee:
        raise NotAllowed("the recommendation is not addressed to the sender", reason="NOT_THE_ADDRESSEE")
    require(matter, event)
    if isinstance(event, FollowedUp):
        if not event.kind:
            raise Malformed("not a kind of follow-up", field="kind")
        if event.kind in ("SANCTION_IMPOSED", "PARTIAL") and not matter.decree_number:
            raise WrongState("a sanction is reported before it was decided")
    if isinstance(event, Progressed) and not event.kind:
        raise Malformed("a step without its kind", field="kind")
    if isinstance(event, DecreeCorrected) and event.former_number != matter.decree_number:
        raise WrongState("the correction is of another decree than the one that stands")
    if isinstance(event, Appealed):
        _appealable(matter, event)
    return apply(matter, event)


def apply(matter: Matter, event: Event) -> Matter:
    """The matter after an event."""
    match event:
        case Referred():
            return _referred(matter, event)
        case CompletionRequested():
            return replace(
                matter,
                state=S.INCOMPLETE,
                missing=event.missing,
                completion_number=event.letter_number,
            )
        case Completed():
            return _completed(matter, event)
        case OffenceForwarded():
            return _offence_forwarded(matter, event)
        case OffenceProgressed():
            return _offence_progressed(matter, event)
        case Accepted():
            return replace(matter, state=S.EXAMINING, register_number=event.register_number)
        case Assigned():
            return replace(matter, office=event.office)
        case Returned():
            return replace(matter, state=S.RETURNED, return_reason=event.reason)
        case ClarificationRequested():
            return replace(
                matter,
                clarification_number=event.letter_number,
                clarification_date=event.letter_date,
                clarification_addressee=event.addressee,
                clarification_answer="",
            )
        case Clarified():
            return replace(matter, clarification_answer=event.letter_number)
        case ClarificationHeld():
            return replace(
                matter,
                held_date=event.held_date,
                attendance=event.attendance,
                minutes_digest=event.minutes_digest,
            )
        case ConflictDeclared():
            return replace(
                matter,
                state=S.CONFLICTED if matter.addressee else matter.state,
                conflicted=event.institution,
                conflict_ground=event.ground,
            )
        case NotProven():
            return replace(
                matter,
                state=S.NOT_PROVEN,
                decision_number=event.decision_number,
                decision_date=event.decision_date,
            )
        case Recommended():
            return _recommended(matter, event)
        case Opened():
            return replace(matter, state=S.OPENED)
        case Acknowledged():
            return replace(matter, state=S.ACKNOWLEDGED)
        case ObjectionAnswered():
            return _answered(matter, event)
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
                state=S.ACKNOWLEDGED if event.kind == "PARTIAL" else S.FOLLOWED_UP,
                follow_up_kind=event.kind,
                follow_up_number=event.letter_number,
                follow_up_date=event.letter_date,
                open_measures=event.open_measures,
                verification="",  # the last one was of what stood before this report
            )
        case Corrected():
            return _corrected(matter, event)
        case DueDateMoved():
            return replace(matter, due_date=event.due_date, due_calendar=event.calendar)
        case Progressed():
            return replace(matter, last_step=event.kind, last_step_date=event.step_date)
        case Appealed():
            return _appealed(matter, event)
        case Withdrawn():
            return replace(matter, state=S.WITHDRAWN, withdrawal_reason=event.reason)
        case Verified():
            return _verified(matter, event)
        case overseers.Blocked() | overseers.Unblocked() | overseers.Warned():
            return replace(matter, **overseers.marks(event))
        case overseers.DecreeAnnulled():
            return _annulled(matter, event)


def _referred(matter: Matter, event: Referred) -> Matter:
    return replace(
        matter,
        state=S.REFERRED,
        report_number=event.report_number,
        referral_number=event.letter_number,
        referral_date=event.letter_date,
        region=event.region,
        event_date=event.event_date,
        employer=event.employer,
        employment=event.employment,
        study_number=event.study_number,
        study_digest=event.study_digest,
        evidence_digests=event.evidence_digests,
        suspected_acts=event.suspected_acts,
        supervisor_office=event.office,
        return_reason="",
        missing=(),
        completion_number="",
    )


def _completed(matter: Matter, event: Completed) -> Matter:
    return replace(
        matter,
        state=S.REFERRED,
        missing=(),
        study_number=event.study_number or matter.study_number,
        study_digest=event.study_digest or matter.study_digest,
        evidence_digests=matter.evidence_digests + event.evidence_digests,
    )


def _offence_forwarded(matter: Matter, event: OffenceForwarded) -> Matter:
    return replace(
        matter,
        offence_number=event.letter_number,
        offence_date=event.letter_date,
        offences=event.offences,
        offence_step=FORWARDED,
        offence_step_date=event.received_date,
        offence_due_date=event.due_date,
    )


def _offence_progressed(matter: Matter, event: OffenceProgressed) -> Matter:
    return replace(
        matter,
        offence_step=event.step,
        offence_step_date=event.step_date,
        offence_due_date=event.due_date,
    )


def _answered(matter: Matter, event: ObjectionAnswered) -> Matter:
    stood = (f"{event.paused_since}/{event.paused_until}",) if event.paused_since else ()
    return replace(
        matter,
        state=S.ACKNOWLEDGED,
        due_date=event.due_date or matter.due_date,
        due_calendar=event.due_calendar or matter.due_calendar,
        pauses=matter.pauses + stood,
    )


def _corrected(matter: Matter, event: Corrected) -> Matter:
    """Another due date than before was set by the examiner, so that no rule gives it any more."""
    changed = replace(
        matter,
        correction_number=event.letter_number,
        act=event.act,
        family=event.family,
        sanction_class=event.sanction_class,
    )
    if event.due_date == matter.due_date:
        return changed
    return replace(changed, due_date=event.due_date, due_rule="", due_calendar="", pauses=())


def _recommended(matter: Matter, event: Recommended) -> Matter:
    former = (*matter.former_addressees, event.readdressed_from) if event.readdressed_from else ()
    return replace(
        matter,
        said_last=(),  # of a former addressee
        state=S.RECOMMENDED,
        letter_number=event.letter_number,
        letter_date=event.letter_date,
        addressee=event.addressee,
        former_addressees=former,
        act=event.act,
        family=event.family,
        sanction_class=event.sanction_class,
        due_date=event.due_date,
        due_rule=event.due_rule,
        due_calendar=event.due_calendar,
        pauses=(),
        reason_codes=event.reason_codes,
        # What the former addressee said and did is not the new one's.
        rejection_reason="",
        correction_number="",
        objection_number="",
        objection_date=None,
        decree_number="",
        decree_date=None,
        sanction="",
        follow_up_number="",
        follow_up_date=None,
        verification="",
        moved_to="",
        last_step="",
        last_step_date=None,
        appeal="",
        appeal_date=None,
        follow_up_kind="",
        open_measures=(),
        annulment_number="",
        annulment_date=None,
    )


def _appealable(matter: Matter, event: Appealed) -> None:
    if not matter.decree_number:
        raise WrongState("an appeal against a decree that was not decided")
    if event.outcome == "CHANGED" and not event.decree_number:
        raise Malformed("a changed sanction has a decree", field="decree_number")


def _appealed(matter: Matter, event: Appealed) -> Matter:
    """A changed decree is to be reported anew, an annulled one is gone: also after the follow-up was verified."""
    appealed = replace(matter, appeal=event.outcome or "FILED", appeal_date=event.letter_date)
    if event.outcome not in ("CHANGED", "ANNULLED"):
        return appealed
    return replace(
        _without_follow_up(appealed),
        state=S.DECIDED if event.outcome == "CHANGED" else S.ACKNOWLEDGED,
        decree_number=event.decree_number,
        decree_date=event.decree_date,
        sanction=event.sanction,
    )


def _annulled(matter: Matter, event: overseers.DecreeAnnulled) -> Matter:
    """The data holder annulled the decree: another one is awaited, until the day that the act set or else the former one."""
    annulled = replace(
        _without_follow_up(matter),
        state=S.ACKNOWLEDGED,
        decree_number="",
        decree_date=None,
        sanction="",
        appeal="",
        appeal_date=None,
        **overseers.marks(event),
    )
    if event.due_date is None:
        return annulled
    return replace(annulled, due_date=event.due_date, due_rule="", due_calendar="", pauses=())


def _without_follow_up(matter: Matter) -> Matter:
    """Forget follow-up and verification: they were of a decree that is gone."""
    return replace(
        matter,
        follow_up_kind="",
        follow_up_number="",
        follow_up_date=None,
        open_measures=(),
        verification="",
    )


def _verified(matter: Matter, event: Verified) -> Matter:
    after = {
        "CONFORMS": S.COMPLETED,
        "CANNOT_BE_FOLLOWED_UP": S.CANNOT_BE_FOLLOWED_UP,
        "NOT_YET_CONFORMS": S.ACKNOWLEDGED,  # to be reported or decided again; a decree still stands
        "NOT_YET_FOLLOWED_UP": matter.state,
    }
    return replace(matter, state=after[event.status], verification=event.status, impossibility=event.reason)
