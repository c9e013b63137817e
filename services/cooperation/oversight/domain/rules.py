"""Rules on a watched matter: commands of the overseer decided, copies taken up.

A block and a warning are flags beside the state: the follow-up goes on between examiner and authority. An annulled decree opens
what was completed again. Who holds which role is left to the commands; the reasons are the agreement's data.
"""

from collections.abc import Sequence
from datetime import date, datetime

from agreement.enforcement import oversight
from agreement.entities import replace
from agreement.information import legal_bases
from agreement.parties import identifiers, institutions, offices
from cooperation.oversight.domain.matters import (
    AnnulDecree,
    BlockData,
    Blocked,
    Command,
    Corrected,
    DecreeAnnulled,
    DueDateMoved,
    Event,
    HeardEvent,
    OpenCopy,
    Opened,
    OwnEvent,
    Recommended,
    State,
    TookOver,
    UnblockData,
    Unblocked,
    Verified,
    WarnAuthority,
    Warned,
    Watched,
    Withdrawn,
)
from refusals import ActWarning, Malformed, NotAllowed, WrongState

PENDING = frozenset({State.RECEIVED, State.OPENED})
_KNOWN = frozenset(State) - {State.NEW}
_ANNULMENT = "perpres-116-2022-art-19"

POSSIBLE: dict[type[Command | HeardEvent], frozenset[State]] = {
    OpenCopy: frozenset({State.RECEIVED}),
    BlockData: frozenset({State.OPENED}),
    UnblockData: _KNOWN,
    AnnulDecree: frozenset({State.OPENED, State.COMPLETED}),
    WarnAuthority: frozenset({State.OPENED}),
    Recommended: frozenset({State.NEW, State.WITHDRAWN}) | PENDING,  # again: addressed anew
    Corrected: PENDING,
    DueDateMoved: PENDING,
    Withdrawn: PENDING,
    Verified: PENDING | {State.COMPLETED},  # an appeal may take a completed matter back
    DecreeAnnulled: PENDING | {State.COMPLETED},
    Warned: _KNOWN,  # from another sender than the examiner, so it may arrive after the end
    TookOver: _KNOWN,
}
_AFTER = {
    "CONFORMS": State.COMPLETED,
    "CANNOT_BE_FOLLOWED_UP": State.CANNOT_BE_FOLLOWED_UP,
    "NOT_YET_CONFORMS": None,
    "NOT_YET_FOLLOWED_UP": None,
}


def require(watched: Watched, what: Command | HeardEvent) -> None:
    """Refuse what is not possible in the state.

    Raises:
        WrongState: naming the state.
    """
    if watched.state not in POSSIBLE[type(what)]:
        raise WrongState("not possible now; the matter stands at: {state}", state=watched.state)


def blank(party: str, id: str, case_id: str, now: datetime) -> Watched:
    """A matter before any copy of it arrived."""
    return Watched(party, id, case_id, State.NEW, now, now)


def is_superior(party: str) -> bool:
    """True if an institution may be copied as a superior: central ones and provinces, not regencies and cities."""
    known = institutions.institutions().get(party)
    return known is not None and known.kind not in ("kabupaten", "kota")


def is_overdue(state: str, due_date: date | None, addressee: str, now: datetime) -> bool:
    """True if the due day has ended in the addressee's zone at `now` (UTC), with no follow-up that conforms."""
    pending = state in PENDING
    return pending and _has_passed(due_date, addressee, now)


def open_copy(watched: Watched, command: OpenCopy) -> Opened:
    """Open what arrived. Nobody is told: it is a record of this desk."""
    require(watched, command)
    return Opened()


def block(watched: Watched, command: BlockData, today: date, now: datetime) -> Blocked:
    """Block. `today` is the legal date at the data holder, `now` UTC.

    Raises:
        WrongState: the data are blocked already, or the copies do not show what the reason needs.
        Malformed: number, date, office or reason cannot be right.
    """
    require(watched, command)
    if watched.data_blocked:
        raise WrongState("the data are blocked already", reason="BLOCKED_ALREADY")
    number = identifiers.decree_number(command.act_number, field="act_number")
    _between(watched.letter_date, command.act_date, today, "act_date")
    _require_shown(watched, oversight.block_reason(command.reason), now)
    office = offices.office(offices.BKN, command.office).code
    return Blocked(number, command.act_date, office, command.reason, watched.letter_number)


def unblock(watched: Watched, command: UnblockData, today: date, now: datetime) -> Unblocked:
    """Lift the block: the follow-up conforms, or for another listed reason. `today` and `now` as in `block`.

    Raises:
        WrongState: nothing is blocked, or the copies do not show what the reason needs.
        Malformed: number, date, office or reason cannot be right.
    """
    require(watched, command)
    if not watched.data_blocked:
        raise WrongState("the data are not blocked", reason="NOT_BLOCKED")
    number = identifiers.decree_number(command.act_number, field="act_number")
    _between(watched.block_date, command.act_date, today, "act_date")
    _require_shown(watched, oversight.unblock_reason(command.reason), now)
    office = offices.office(offices.BKN, command.office).code
    return Unblocked(
        number, command.act_date, office, command.reason, watched.letter_number, watched.block_number
    )


def annul(watched: Watched, command: AnnulDecree, today: date, now: datetime) -> DecreeAnnulled:
    """Annul a decree of the addressee (Perpres 116/2022 art. 19(2) e). `today` is the legal date at the data holder.

    Which decree stands is not in the copies, but for the one that was verified (`unusual_annulment`): the addressee refuses the
    annulment of another one.

    Raises:
        Malformed: number, dates, decree or reason cannot be right.
    """
    require(watched, command)
    number = identifiers.decree_number(command.act_number, field="act_number")
    _between(watched.letter_date, command.act_date, today, "act_date")
    if not legal_bases.basis(_ANNULMENT).on(command.act_date):
        raise Malformed("before the regulation that it rests on", field="act_date")
    if command.due_date is not None and command.due_date <= command.act_date:
        raise Malformed("not after the act", field="due_date")
    if command.coordination_number:
        identifiers.decree_number(command.coordination_number, field="coordination_number")
    return DecreeAnnulled(
        act_number=number,
        act_date=command.act_date,
        reason=oversight.annul_reason(command.reason).code,
        recommendation=watched.letter_number,
        decree_number=identifiers.decree_number(command.decree_number, field="decree_number"),
        due_date=command.due_date,
        coordination_number=command.coordination_number,
    )


def unusual_annulment(watched: Watched, event: OwnEvent) -> Sequence[ActWarning]:
    """Warn of an annulment without the coordination that comes before it (Perpres 116/2022 art. 19(3)), or of another decree.

    The decree that was verified may have been corrected since.
    """
    if not isinstance(event, DecreeAnnulled):
        return ()
    found: list[ActWarning] = []
    if not event.coordination_number:
        found.append(
            ActWarning(
                "it is coordinated with the Minister of PANRB and the ministers concerned first",
                reason="NOT_COORDINATED",
            )
        )
    if watched.decree_number not in ("", event.decree_number):
        found.append(
            ActWarning(
                "the decree that was verified is {decree}",
                reason="OTHER_DECREE",
                decree=watched.decree_number,
            )
        )
    return found


def warn(watched: Watched, command: WarnAuthority, today: date, now: datetime) -> Warned:
    """Warn the addressee. `today` is the legal date at the warner, `now` UTC.

    Raises:
        WrongState: the follow-up is not overdue.
        NotAllowed: the addressee is the warner itself, or another's: Kemendagri warns regional authorities, KemenPANRB
            central ones.
        Malformed: the number cannot be one, or the letter is not after the due date.
    """
    require(watched, command)
    if watched.addressee == watched.party:
        raise NotAllowed("nobody warns itself", reason="OWN_MATTER")
    if not institutions.is_over(watched.party, institutions.WARNER, watched.addressee, today):
        raise NotAllowed("another ministry warns this authority", reason="NOT_ITS_AUTHORITY")
    if not is_overdue(watched.state, watched.due_date, watched.addressee, now):
        raise WrongState("the follow-up is not overdue", reason="NOT_OVERDUE")
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    _between(watched.due_date, command.letter_date, today, "letter_date")
    if command.letter_date == watched.due_date:
        raise Malformed("on the due date itself", field="letter_date")
    comply_by = oversight.comply_by(command.letter_date)
    return Warned(number, command.letter_date, comply_by, watched.letter_number, watched.addressee)


def hear(watched: Watched, event: HeardEvent, sender: str, original: str) -> Watched:
    """The matter after a copy. Whoever recommends is the examiner; after a succession that is the successor.

    `original` is the statement that was copied.

    Raises:
        NotAllowed: the next examiner takes over what was not the predecessor's, or for another.
        WrongState: it is not possible in the state.
        Malformed: it is about another recommendation, or incomplete.
    """
    require(watched, event)
    if isinstance(event, TookOver) and (
        event.successor != sender or watched.examiner not in (event.predecessor, sender)
    ):
        raise NotAllowed("the matter was not the predecessor's", reason="NOT_THE_EXAMINER")
    changed = apply(watched, event)
    if isinstance(event, Warned | DecreeAnnulled):
        return changed
    return replace(
        changed,
        examiner=sender,
        original=original if isinstance(event, Recommended) else watched.original,
    )


def apply(watched: Watched, event: Event) -> Watched:
    """The matter after an event."""
    match event:
        case Opened():
            return replace(watched, state=State.OPENED)
        case Blocked():
            return replace(
                watched,
                data_blocked=True,
                block_number=event.act_number,
                block_date=event.act_date,
                block_office=event.office,
                block_reason=event.reason,
                unblock_number="",
                unblock_date=None,
                unblock_reason="",
            )
        case Unblocked():
            return replace(
                watched,
                data_blocked=False,
                unblock_number=event.act_number,
                unblock_date=event.act_date,
                unblock_reason=event.reason,
            )
        case DecreeAnnulled():
            return _annulled(watched, event)
        case Warned():
            return _warned(watched, event)
        case Recommended():
            return _recommended(watched, event)
        case Corrected():
            _require_same(watched, event.corrects, "corrects")
            return _corrected(watched, event)
        case DueDateMoved():
            _require_same(watched, event.letter_number, "letter_number")
            return replace(watched, due_date=_given(event.due_date, "due_date"))
        case Withdrawn():
            _require_same(watched, event.letter_number, "letter_number")
            return replace(watched, state=State.WITHDRAWN, withdrawal_reason=event.reason)
        case Verified():
            return _verified(watched, event)
        case TookOver():
            return replace(watched, examiner=event.successor)


def _recommended(watched: Watched, event: Recommended) -> Watched:
    for field, day in (("letter_date", event.letter_date), ("due_date", event.due_date)):
        if day is None:
            raise Malformed("a recommendation has a date and a due date", field=field)
    return replace(
        watched,
        state=State.RECEIVED,
        letter_number=event.letter_number,
        letter_date=event.letter_date,
        addressee=event.addressee,
        act=event.act,
        family=event.family,
        sanction_class=event.sanction_class,
        due_date=event.due_date,
        report_number=event.report_number,
        region=event.region,
        # A former addressee's; a block is of the person's data and stands until it is lifted.
        verification="",
        verified_date=None,
        withdrawal_reason="",
        warning_number="",
        warning_date=None,
        warning_due_date=None,
        decree_number="",
        annulment_number="",
        annulment_date=None,
    )


def _corrected(watched: Watched, event: Corrected) -> Watched:
    return replace(
        watched,
        act=event.act,
        family=event.family,
        sanction_class=event.sanction_class,
        due_date=_given(event.due_date, "due_date"),
    )


def _given(day: date | None, field: str) -> date:
    if day is None:
        raise Malformed("the date is left out", field=field)
    return day


def _verified(watched: Watched, event: Verified) -> Watched:
    if event.status not in _AFTER:
        raise Malformed("not a status of verification", field="status")
    return replace(
        watched,
        state=_AFTER[event.status] or watched.state,
        verification=event.status,
        verified_date=event.verified_date,
        decree_number=event.decree_number,
        impossibility=event.reason,
    )


def _annulled(watched: Watched, event: DecreeAnnulled) -> Watched:
    """Another decree is awaited; what was verified, and warned of, was of the one that is gone. A block stands until it is lifted."""
    _require_same(watched, event.recommendation, "recommendation")
    if event.act_date is None:
        raise Malformed("an annulment has a date", field="act_date")
    return replace(
        watched,
        state=State.OPENED if watched.state == State.COMPLETED else watched.state,
        verification="",
        verified_date=None,
        due_date=event.due_date or watched.due_date,
        warning_number="",
        warning_date=None,
        warning_due_date=None,
        decree_number="",
        annulment_number=event.act_number,
        annulment_date=event.act_date,
    )


def _warned(watched: Watched, event: Warned) -> Watched:
    _require_same(watched, event.recommendation, "recommendation")
    for field, day in (("letter_date", event.letter_date), ("comply_by", event.comply_by)):
        if day is None:
            raise Malformed("a warning has a date and a day to comply by", field=field)
    return replace(
        watched,
        warning_number=event.letter_number,
        warning_date=event.letter_date,
        warning_due_date=event.comply_by,
    )


def _require_same(watched: Watched, letter_number: str, field: str) -> None:
    if letter_number != watched.letter_number:
        raise Malformed(
            "another recommendation than the one received", field=field, reason="OTHER_RECOMMENDATION"
        )


def _require_shown(watched: Watched, reason: oversight.Reason, now: datetime) -> None:
    """Refuse a reason that the copies at this desk do not show."""
    shown = {
        "": True,
        "OVERDUE": is_overdue(watched.state, watched.due_date, watched.addressee, now),
        "WARNING_PASSED": is_overdue(watched.state, watched.due_date, watched.addressee, now)
        and _has_passed(watched.warning_due_date, watched.addressee, now),
        "CONFORMS": watched.state == State.COMPLETED,
        "CANNOT_BE_FOLLOWED_UP": watched.state == State.CANNOT_BE_FOLLOWED_UP,
        "WITHDRAWN": watched.state == State.WITHDRAWN,
    }
    if not shown[reason.needs]:
        raise WrongState(
            "{code} needs {needed}, which the copies here do not show",
            code=reason.code,
            needed=reason.needs,
            field="reason",
            reason="NOT_SHOWN",
        )


def _has_passed(day: date | None, addressee: str, now: datetime) -> bool:
    return day is not None and now.astimezone(institutions.zone(addressee)).date() > day


def _between(earliest: date | None, day: date, today: date, field: str) -> None:
    if day > today:
        raise Malformed("in the future", field=field)
    if earliest is not None and day < earliest:
        raise Malformed("before what it follows from", field=field)
