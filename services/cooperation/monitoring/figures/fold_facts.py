"""Folds the facts of a party's log into the status of each case. Pure: no I/O, no clock, no protobuf.

`apply_fact` gives the case after a fact. An answer to a recommendation that has no change of its own says that somebody deals
with it; any other fact that is not known changes nothing, so that facts that agencies announce later do no harm.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from zoneinfo import ZoneInfo

from agreement.clocks import escalation
from agreement.enforcement.offences import FORWARDED
from agreement.information import legal_bases
from cooperation.monitoring.figures.case_status import (
    ACKNOWLEDGED,
    CANNOT_BE_FOLLOWED_UP,
    CLOSED,
    CONFORMS,
    DECIDED,
    EXAMINED,
    FLOW,
    NOT_A_VIOLATION,
    NOT_PROVEN,
    NOT_YET_CONFORMS,
    NOT_YET_FOLLOWED_UP,
    OBJECTED,
    OPENED,
    RECOMMENDED,
    REFERRED,
    REGISTERED,
    REJECTED,
    REPORTED,
    REPORTED_IMPOSSIBLE,
    RETURNED,
    STUDIED,
    WITHDRAWN,
    CaseStatus,
    LogFact,
    class_of,
    class_of_sanction,
    election_kind_of,
    origin_of,
    post_of,
    supervisor_office_of,
    tier_of,
)

_JAKARTA = ZoneInfo("Asia/Jakarta")


def fold(
    party: str, happenings: Iterable[LogFact], known: Mapping[str, CaseStatus] | None = None
) -> dict[str, CaseStatus]:
    """Every case that the happenings touch, by matter, on from what is `known`."""
    found: dict[str, CaseStatus] = {}
    for happening in happenings:
        before = found.get(happening.matter) or (known or {}).get(happening.matter)
        after = apply_fact(party, before, happening)
        if after is not None:
            found[happening.matter] = after
    return found


def apply_fact(party: str, before: CaseStatus | None, happening: LogFact) -> CaseStatus | None:
    """The case after a happening; None if there is none and this begins none."""
    answers = happening.fact in _answers()
    change = _CHANGES.get(happening.fact, (lambda case, _: case) if answers else None)
    if change is None or not happening.matter:
        return before
    if before is None:
        if happening.fact not in _BEGINNINGS:
            return None
        before = _begin(party, happening)
    after = change(before, happening)
    behind = happening.late and happening.fact not in _TAKES_BACK
    if behind and FLOW.index(after.stage) < FLOW.index(before.stage):
        after = replace(after, stage=before.stage, holder=before.holder, since=before.since)
    if answers and after.recommended_date is not None:
        after = replace(after, answered=True)
    return replace(after, log_index=happening.index)


_BEGINNINGS = frozenset(
    {"registered", "referred", "recommended", "transferred", "took_over", "clarification_requested"}
)


# Facts that take a case back by what they say themselves, so that a stage of before does not show that they are behind.
_TAKES_BACK = frozenset({"decree_annulled", "appealed"})


@cache
def _answers() -> frozenset[str]:
    """The facts that tell that somebody deals with a recommendation; the agreement lists their statement types."""
    return frozenset(
        type.split(".")[2] for type, listed in legal_bases.statement_types().items() if listed.answers
    )


# Where a first fact says itself since when the case is known.
_KNOWN = {"registered": "known_date", "referred": "letter_date", "transferred": "referral_date"}


def _begin(party: str, happening: LogFact) -> CaseStatus:
    day = happening.time.astimezone(_JAKARTA).date()
    return CaseStatus(
        party,
        happening.matter,
        happening.case_id,
        REGISTERED,
        "",
        happening.time,
        day,
        happening.index,
        known_date=_day(happening, _KNOWN.get(happening.fact, "")) or day,
    )


# --- what each fact changes ---------------------------------------------------------------------------------------


def _to(case: CaseStatus, stage: str, holder: str, happening: LogFact) -> CaseStatus:
    """On to a stage; whoever holds it already goes on holding it since then."""
    since = case.since if holder == case.holder else happening.time
    return replace(case, stage=stage, holder=holder, since=since)


def _text(happening: LogFact, name: str, usual: str = "") -> str:
    return happening.text(name, usual)


def _day(happening: LogFact, name: str) -> date | None:
    value = happening.values.get(name)
    return value if isinstance(value, date) else None


def _described(case: CaseStatus, happening: LogFact, agency: str = "") -> CaseStatus:
    """Take place, act and employer from the fact into the case."""
    agency = agency or _text(happening, "addressee") or _text(happening, "employer") or case.agency
    region = _text(happening, "region", case.region)
    return replace(
        case,
        region=region,
        province=region[:2],
        agency=agency,
        tier=tier_of(agency) if agency != case.agency else case.tier,
        act=_text(happening, "act", case.act),
        employment=_text(happening, "employment", case.employment),
        post=post_of(happening, case.post),
        event_date=_day(happening, "event_date") or case.event_date,
        election_kind=election_kind_of(happening) or case.election_kind,
        origin=origin_of(happening) or case.origin,
        supervisor_office=supervisor_office_of(happening) or case.supervisor_office,
    )


def _assigned(case: CaseStatus, happening: LogFact) -> CaseStatus:
    """The examiner assigned the case to one of its offices; neither stage nor turn changes."""
    return replace(case, examiner_office=_text(happening, "office"))


def _registered(case: CaseStatus, happening: LogFact) -> CaseStatus:
    case = replace(_described(case, happening), supervisor=happening.by)
    return _to(case, REGISTERED, happening.by, happening)


def _studied(case: CaseStatus, happening: LogFact) -> CaseStatus:
    if _text(happening, "conclusion") == "NOT_A_VIOLATION":
        return _to(case, NOT_A_VIOLATION, "", happening)
    return _to(case, STUDIED, happening.by, happening)


def _referred(case: CaseStatus, happening: LogFact) -> CaseStatus:
    case = replace(_described(case, happening), supervisor=happening.by, examiner=happening.to)
    return _to(case, REFERRED, happening.to, happening)


def _recommended(case: CaseStatus, happening: LogFact) -> CaseStatus:
    """A recommendation stands; one that is addressed anew begins anew, with nothing of the former addressee's."""
    addressee = _text(happening, "addressee", happening.to)
    day = _day(happening, "letter_date") or happening.time.astimezone(_JAKARTA).date()
    case = replace(
        _described(case, happening, addressee),
        examiner=happening.by,
        period_date=day,
        recommended_date=day,
        due_date=_day(happening, "due_date"),
        followed_up_date=None,
        on_time=None,
        verified_date=None,
        status="",
        answered=False,
        step="",
        step_time=None,
        recommended_class=class_of(happening),
        imposed_class="",
    )
    return _to(case, RECOMMENDED, addressee, happening)


def _corrected(case: CaseStatus, happening: LogFact) -> CaseStatus:
    """A correction (ralat), or a decree that moves the due date, changes what it says and nothing else."""
    due = _day(happening, "due_date") or case.due_date
    recommended_class = class_of(happening, case.recommended_class)
    return _on_time(replace(_described(case, happening), due_date=due, recommended_class=recommended_class))


def _decided(case: CaseStatus, happening: LogFact) -> CaseStatus:
    """A decree; one that comes later takes the place of the one before."""
    case = replace(case, imposed_class=class_of(happening))
    return _to(case, DECIDED, case.agency, happening)


def _without_decree(case: CaseStatus, happening: LogFact) -> CaseStatus:
    """The decree is gone, and what was reported and verified with it: another one is awaited."""
    gone = replace(case, followed_up_date=None, on_time=None, verified_date=None, status="", imposed_class="")
    return _to(gone, ACKNOWLEDGED, case.agency, happening)


def _annulled(case: CaseStatus, happening: LogFact) -> CaseStatus:
    """BKN annulled the decree; the ladder begins again, on the day that its act sets or else on the former one."""
    if case.stage in CLOSED - {CONFORMS}:
        return case
    due, blocked = _day(happening, "due_date") or case.due_date, case.blocked
    step, since = ("BLOCKED", case.step_time) if blocked else ("", None)
    return _without_decree(replace(case, due_date=due, step=step, step_time=since), happening)


def _appealed(case: CaseStatus, happening: LogFact) -> CaseStatus:
    """An appeal that was decided: another decree takes the former one's place, or none does."""
    if case.stage in CLOSED - {CONFORMS}:
        return case
    match _text(happening, "outcome"):
        case "ANNULLED":
            return _without_decree(case, happening)
        case "CHANGED":
            return _decided(_without_decree(case, happening), happening)
        case _:
            return case


def _followed_up(case: CaseStatus, happening: LogFact) -> CaseStatus:
    if _text(happening, "kind") == "CANNOT_BE_FOLLOWED_UP":
        case = replace(case, followed_up_date=None, on_time=None, status="")
        return _to(case, REPORTED_IMPOSSIBLE, case.examiner, happening)
    if _text(happening, "kind") != "SANCTION_IMPOSED":
        return case  # a part of it is not it
    day = _day(happening, "letter_date")
    case = _on_time(replace(case, followed_up_date=day, status=""))
    return _to(case, REPORTED, case.examiner, happening)


def _verified(case: CaseStatus, happening: LogFact) -> CaseStatus:
    status, day = _text(happening, "status"), _day(happening, "verified_date")
    case = replace(case, status=status, verified_date=day)
    if status == CONFORMS:
        # Who does not hear the authority itself learns of the follow-up here.
        case = _on_time(replace(case, followed_up_date=case.followed_up_date or day))
        return _to(case, CONFORMS, "", happening)
    case = replace(case, followed_up_date=None, on_time=None)
    if status == CANNOT_BE_FOLLOWED_UP:
        return _to(case, CANNOT_BE_FOLLOWED_UP, "", happening)
    stage = NOT_YET_CONFORMS if status == NOT_YET_CONFORMS else NOT_YET_FOLLOWED_UP
    return _to(case, stage, case.agency, happening)


def _on_time(case: CaseStatus) -> CaseStatus:
    if case.followed_up_date is None or case.due_date is None:
        return replace(case, on_time=None)
    return replace(case, on_time=case.followed_up_date <= case.due_date)


def _withdrawn(case: CaseStatus, happening: LogFact) -> CaseStatus:
    """No longer stands; to be addressed anew by the examiner if it only went to the wrong authority."""
    wrong = _text(happening, "reason") == "NOT_ADDRESSEES_EMPLOYEE"
    case = replace(case, followed_up_date=None, on_time=None, status="")
    return _to(case, WITHDRAWN, happening.by if wrong and case.party == happening.by else "", happening)


def _at(stage: str, holder: str) -> Callable[[CaseStatus, LogFact], CaseStatus]:
    """A fact that moves the case to a stage; `holder` names the field that says whose turn it is."""
    return lambda case, happening: _to(case, stage, getattr(case, holder), happening)


def _completed(case: CaseStatus, happening: LogFact) -> CaseStatus:
    return _to(replace(case, post=post_of(happening, case.post)), REFERRED, case.examiner, happening)


def _waits_for(field: str) -> Callable[[CaseStatus, LogFact], CaseStatus]:
    """A question or its answer: the turn changes, the stage does not."""
    return lambda case, happening: _to(case, case.stage, getattr(case, field), happening)


def _asked(case: CaseStatus, happening: LogFact) -> CaseStatus:
    """The authority is asked; where that is the first it hears of a case, the examiner examines it."""
    asked = happening.to or case.agency
    if case.examiner:
        return _to(case, case.stage, asked, happening)
    case = replace(_described(case, happening, asked), examiner=happening.by)
    return _to(case, EXAMINED, asked, happening)


def _step(word: str) -> Callable[[CaseStatus, LogFact], CaseStatus]:
    """A step of the ladder; copies of one letter are one step, and a lower step that comes later takes none back."""
    return lambda case, happening: (
        case
        if escalation.rank(case.step) >= escalation.rank(word)
        else replace(case, step=word, step_time=happening.time)
    )


def _blocked(case: CaseStatus, happening: LogFact) -> CaseStatus:
    return replace(_step("BLOCKED")(case, happening), blocked=True)


# The stage of a case by its state at the old examiner (the words of that desk), and whose turn it is.
_PASSED_IN: Mapping[str, tuple[str, str]] = {
    "REFERRED": (REFERRED, "examiner"),
    "INCOMPLETE": (RETURNED, "supervisor"),
    "RETURNED": (RETURNED, "supervisor"),
    "EXAMINING": (EXAMINED, "examiner"),
    "RECOMMENDED": (RECOMMENDED, "agency"),
    "OPENED": (OPENED, "agency"),
    "ACKNOWLEDGED": (ACKNOWLEDGED, "agency"),
    "REJECTED": (REJECTED, "examiner"),
    "OBJECTED": (OBJECTED, "examiner"),
    "CONFLICTED": (WITHDRAWN, ""),
    "DECIDED": (DECIDED, "agency"),
    "FOLLOWED_UP": (REPORTED, "examiner"),
}
_LAST_VERIFIED = {NOT_YET_CONFORMS, NOT_YET_FOLLOWED_UP}


def _transferred(case: CaseStatus, happening: LogFact) -> CaseStatus:
    """The case at the next examiner, as it stood, whatever copies had told it; unless it was referred to it anew."""
    state = _text(happening, "state")
    if happening.to != case.party or state not in _PASSED_IN or case.examiner == happening.to:
        return case
    stage, holder = _PASSED_IN[state]
    status = _text(happening, "verification")
    if state == "FOLLOWED_UP" and _text(happening, "follow_up_kind") == "CANNOT_BE_FOLLOWED_UP":
        stage = REPORTED_IMPOSSIBLE
    elif status in _LAST_VERIFIED and stage in (RECOMMENDED, OPENED, ACKNOWLEDGED, DECIDED):
        stage = status
    recommended = _day(happening, "letter_date") if _text(happening, "letter_number") else None
    step = _step_passed(happening)
    case = replace(
        _described(case, happening),
        supervisor=_text(happening, "supervisor"),
        examiner=happening.to,
        examiner_office="",
        period_date=recommended or case.period_date,
        recommended_date=recommended,
        due_date=_day(happening, "due_date"),
        followed_up_date=_day(happening, "follow_up_date") if stage == REPORTED else None,
        status=status,
        answered=recommended is not None and stage != RECOMMENDED,
        step=step,
        step_time=happening.time if step else None,
        blocked=_is_blocked(happening),
        offence_step=_text(happening, "offence_step"),
        offence_due_date=_day(happening, "offence_due_date"),
        recommended_class=class_of(happening) if recommended else "",
        imposed_class=class_of_sanction(_text(happening, "sanction")),
    )
    turn: str = getattr(case, holder, "")
    if stage == EXAMINED and not _text(happening, "clarification_answer"):
        turn = _text(happening, "clarification_addressee", turn)
    return _to(_on_time(case), stage, turn, happening)


def _is_blocked(happening: LogFact) -> bool:
    return bool(_text(happening, "block_number")) and not _text(happening, "unblock_number")


def _step_passed(happening: LogFact) -> str:
    """Return how far up the escalation a case came before it passed on; when is not known here, but since then.

    An annulment begins the ladder again: what was reached before it was of the decree that is gone. A block stands.
    """
    reached, annulled = happening.values.get("reached", ()), _day(happening, "annulment_date")
    listed = [each.partition(" ") for each in reached] if isinstance(reached, tuple) else []
    steps = {step for step, _, day in listed if annulled is None or day >= annulled.isoformat()}
    if "ESCALATED" in steps or (annulled is None and _text(happening, "escalation_number")):
        return "ESCALATED"
    if _is_blocked(happening):
        return "BLOCKED"
    if "REPRIMANDED" in steps:
        return "REPRIMANDED"
    warned = _day(happening, "warning_date")
    if _text(happening, "warning_number") and (
        annulled is None or (warned is not None and warned >= annulled)
    ):
        return "WARNED"
    return "REMINDED" if "REMINDED" in steps else ""


def _took_over(case: CaseStatus, happening: LogFact) -> CaseStatus:
    """The examiner's role passed on; what the old one held is the new one's turn."""
    holder = happening.by if case.holder in (case.examiner, "") and case.stage not in CLOSED else case.holder
    case = replace(case, examiner=happening.by, examiner_office="")  # the old one's office has it no more
    return _to(case, case.stage, holder, happening)


def _offence(case: CaseStatus, happening: LogFact) -> CaseStatus:
    """A step of the criminal track beside discipline: the stage and whose turn it is stay as they are."""
    step = _text(happening, "step", FORWARDED)
    return replace(case, offence_step=step, offence_due_date=_day(happening, "due_date"))


_CHANGES: Mapping[str, Callable[[CaseStatus, LogFact], CaseStatus]] = {
    "registered": _registered,
    "study_concluded": _studied,
    "referred": _referred,
    "accepted": lambda case, fact: _to(replace(case, examiner=fact.by), EXAMINED, fact.by, fact),
    "assigned": _assigned,
    "returned": _at(RETURNED, "supervisor"),
    "completion_requested": _at(RETURNED, "supervisor"),
    "completed": _completed,
    "clarification_requested": _asked,
    "clarified": _waits_for("examiner"),
    "not_proven": lambda case, happening: _to(case, NOT_PROVEN, "", happening),
    "recommended": _recommended,
    "corrected": _corrected,
    "due_date_moved": _corrected,
    "opened": _at(OPENED, "agency"),
    "acknowledged": _at(ACKNOWLEDGED, "agency"),
    "rejected": _at(REJECTED, "examiner"),
    "objected": _at(OBJECTED, "examiner"),
    "objection_answered": _at(ACKNOWLEDGED, "agency"),
    "decided": _decided,
    "appealed": _appealed,
    "decree_annulled": _annulled,
    "followed_up": _followed_up,
    "verified": _verified,
    "withdrawn": _withdrawn,
    "reminded": _step("REMINDED"),
    "warned": _step("WARNED"),
    "reprimanded": _step("REPRIMANDED"),
    "blocked": _blocked,
    "unblocked": lambda case, happening: replace(case, blocked=False),
    "escalated": _step("ESCALATED"),
    "offence_forwarded": _offence,
    "offence_progressed": _offence,
    "transferred": _transferred,
    "took_over": _took_over,
}
