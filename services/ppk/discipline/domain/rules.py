"""The steps of the discipline procedure (PP 94/2021; Peraturan BKN 6/2022): which is possible when, and what it makes happen.

The decree itself is decided with the matter (`matters.impose_sanction`), and asks here whether what its class needs is
there; what that is is data (`agreement.enforcement.procedures`). Limits are never refused, only shown beside what was done: whether
they were kept is a finding.
"""

from dataclasses import dataclass, replace
from datetime import date

from agreement.enforcement import procedures, sanctions
from agreement.parties import identifiers
from ppk.discipline.domain.proceedings import (
    Absent,
    Delivered,
    EmployeeChecked,
    ExaminationConcluded,
    Examined,
    Proceeding,
    Stage,
    Summoned,
    TeamFormed,
)
from ppk.recommendations.domain import commands, events, rules
from ppk.recommendations.domain.matter import Matter, State
from refusals import Malformed, WrongState

# --- commands --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CheckEmployee:
    """Record whose employee the person is (pegawai kami, pindah, pensiun, meninggal, berhenti)."""

    status: str
    status_date: date
    moved_to: str


@dataclass(frozen=True)
class FormTeam:
    """Form the examination team (tim pemeriksa)."""

    decree_number: str
    decree_date: date
    decree_digest: str
    units: tuple[str, ...]


@dataclass(frozen=True)
class Summon:
    """Summon the person: panggilan I, and II after an absence."""

    letter_number: str
    letter_date: date
    examination_date: date


@dataclass(frozen=True)
class RecordAbsence:
    """The person did not come on the day of the summons."""

    examination_date: date


@dataclass(frozen=True)
class RecordExamination:
    """The person was examined (BAP)."""

    examination_date: date
    minutes_digest: str
    signature: str
    mode: str


@dataclass(frozen=True)
class ConcludeExamination:
    """Conclude the examination with its report (laporan hasil pemeriksaan)."""

    report_number: str
    report_date: date
    report_digest: str


@dataclass(frozen=True)
class DeliverDecision:
    """The decision reached the person, or the moral sanction was declared."""

    delivered_date: date
    way: str


@dataclass(frozen=True)
class FileAppeal:
    """The person filed an appeal: OBJECTION (keberatan) or APPEAL (banding)."""

    kind: str
    letter_number: str
    letter_date: date


@dataclass(frozen=True)
class DecideAppeal:
    """The appeal was decided: UPHELD, CHANGED (by another decree) or ANNULLED."""

    outcome: str
    letter_number: str
    letter_date: date
    decree_number: str
    decree_date: date | None
    sanction: str


Examining = FormTeam | Summon | RecordAbsence | RecordExamination | ConcludeExamination
Command = CheckEmployee | Examining | DeliverDecision | FileAppeal | DecideAppeal

S, M = Stage, State
_DECREED = frozenset({M.ACKNOWLEDGED, M.DECIDED, M.REPORTED, M.COMPLETED})
_BEFORE_EXAMINATION = frozenset({S.OPEN, S.SUMMONED, S.ABSENT, S.SUMMONED_AGAIN})

# At which stages a step is possible, and in which states of the matter.
POSSIBLE: dict[type[Command | commands.ImposeSanction], tuple[frozenset[Stage], frozenset[State]]] = {
    CheckEmployee: (frozenset(Stage), frozenset({M.OPENED, M.ACKNOWLEDGED})),
    FormTeam: (_BEFORE_EXAMINATION, frozenset({M.ACKNOWLEDGED})),
    Summon: (frozenset({S.OPEN, S.ABSENT}), frozenset({M.ACKNOWLEDGED})),
    RecordAbsence: (frozenset({S.SUMMONED, S.SUMMONED_AGAIN}), frozenset({M.ACKNOWLEDGED})),
    RecordExamination: (frozenset({S.SUMMONED, S.SUMMONED_AGAIN}), frozenset({M.ACKNOWLEDGED})),
    ConcludeExamination: (frozenset({S.EXAMINED, S.ABSENT_TWICE}), frozenset({M.ACKNOWLEDGED})),
    commands.ImposeSanction: (frozenset(Stage) - {S.APPEALED}, frozenset({M.ACKNOWLEDGED})),
    DeliverDecision: (frozenset({S.DECIDED}), _DECREED),
    FileAppeal: (frozenset({S.DELIVERED, S.APPEAL_DECIDED}), _DECREED),
    DecideAppeal: (frozenset({S.APPEALED}), _DECREED),
}
_TEAM = ("SUPERIOR", "OVERSIGHT", "PERSONNEL")
_STATEMENTS = {"MORAL_CLOSED": "CLOSED_STATEMENT", "MORAL_OPEN": "OPEN_STATEMENT"}


def require(matter: Matter, proceeding: Proceeding, what: Command | commands.ImposeSanction) -> None:
    """Refuse what is not possible at this stage, or in the matter's state.

    Raises:
        WrongState: naming stage or state, and what was tried.
    """
    stages, states = POSSIBLE[type(what)]
    name = type(what).__name__
    if matter.state not in states:
        raise WrongState("{act} is not possible while the matter is {state}", act=name, state=matter.state)
    if proceeding.stage not in stages:
        raise WrongState(
            "{act} is not possible while the procedure is {stage}", act=name, stage=proceeding.stage
        )


def check_employee(
    matter: Matter, proceeding: Proceeding, command: CheckEmployee, today: date
) -> EmployeeChecked:
    """Record whose employee the person is. It may be looked up again.

    Raises:
        Malformed: in the future; a new authority without MOVED or the reverse, or one that is none.
    """
    require(matter, proceeding, command)
    if command.status_date > today:
        raise Malformed("in the future", field="status_date")
    if (command.status == "MOVED") != bool(command.moved_to):
        raise Malformed("named if, and only if, the person moved", field="moved_to")
    if command.moved_to:
        rules.other_authority(matter, command.moved_to)
    return EmployeeChecked(command.status, command.status_date, command.moved_to)


def form_team(matter: Matter, proceeding: Proceeding, command: FormTeam, today: date) -> TeamFormed:
    """Form the team: superior, oversight and personnel are in it; before the examination it may be formed anew.

    Raises:
        Malformed: number, date or digest cannot be right, or a unit is missing.
    """
    require(matter, proceeding, command)
    number = identifiers.decree_number(command.decree_number, field="decree_number")
    rules.between(matter.letter_date, command.decree_date, today, "decree_date")
    identifiers.sha256_hex(command.decree_digest, field="decree_digest")
    if not set(_TEAM) <= set(command.units):
        raise Malformed("superior, oversight and personnel are in every team", field="units")
    return TeamFormed(number, command.decree_date, command.decree_digest, command.units)


def summon(matter: Matter, proceeding: Proceeding, command: Summon, today: date) -> Summoned:
    """Summon the person to a later day; the second summons follows the absence from the first.

    Raises:
        Malformed: number or dates cannot be right.
    """
    require(matter, proceeding, command)
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    rules.between(proceeding.summoned_for or matter.letter_date, command.letter_date, today, "letter_date")
    if command.examination_date <= command.letter_date:
        raise Malformed("not after the summons", field="examination_date")
    return Summoned(proceeding.absences + 1, number, command.letter_date, command.examination_date)


def record_absence(matter: Matter, proceeding: Proceeding, command: RecordAbsence, today: date) -> Absent:
    """The person did not come. After the second time it is decided on the evidence.

    Raises:
        Malformed: another day than the one of the summons, or in the future.
    """
    require(matter, proceeding, command)
    if command.examination_date != proceeding.summoned_for:
        raise Malformed("not the day of the summons", field="examination_date")
    if command.examination_date > today:
        raise Malformed("in the future", field="examination_date")
    return Absent(proceeding.absences + 1, command.examination_date)


def record_examination(
    matter: Matter, proceeding: Proceeding, command: RecordExamination, today: date
) -> Examined:
    """There are minutes; a refusal to sign is noted and stops nothing.

    Raises:
        Malformed: digest or date cannot be right.
    """
    require(matter, proceeding, command)
    rules.between(proceeding.summons_date, command.examination_date, today, "examination_date")
    identifiers.sha256_hex(command.minutes_digest, field="minutes_digest")
    return Examined(command.examination_date, command.minutes_digest, command.signature, command.mode)


def conclude_examination(
    matter: Matter, proceeding: Proceeding, command: ConcludeExamination, today: date
) -> ExaminationConcluded:
    """Conclude the examination.

    Raises:
        Malformed: number, date or digest cannot be right.
    """
    require(matter, proceeding, command)
    number = identifiers.decree_number(command.report_number, field="report_number")
    earliest = proceeding.examined_date or proceeding.summoned_for
    rules.between(earliest, command.report_date, today, "report_date")
    identifiers.sha256_hex(command.report_digest, field="report_digest")
    return ExaminationConcluded(number, command.report_date, command.report_digest)


def allow_sanction(
    matter: Matter, proceeding: Proceeding, command: commands.ImposeSanction, decided: events.Decided
) -> None:
    """Refuse a sanction without what the decree's class needs (`agreement.enforcement.procedures`).

    Raises:
        WrongState: TEAM_REQUIRED, HEARING_REQUIRED; or an appeal is pending.
        Malformed: the decree is older than the minutes.
    """
    require(matter, proceeding, command)
    done = procedures.Done(
        team=bool(proceeding.team_number),
        examined=proceeding.examined_date is not None,
        absences=proceeding.absences,
    )
    # Because a recommendation that does not say the employment is mostly on a PNS.
    employment = matter.employment or "PNS"
    missing = procedures.missing(decided.sanction_class, decided.decree_date, done, employment)
    if missing == "TEAM_REQUIRED":
        raise WrongState("this class needs an examination team", field="sanction", reason=missing)
    if proceeding.examined_date is not None and decided.decree_date < proceeding.examined_date:
        raise Malformed("before the examination", field="decree_date")
    if missing:
        raise WrongState(
            "this class needs minutes of an examination, or two absences", field="sanction", reason=missing
        )


def deliver(matter: Matter, proceeding: Proceeding, command: DeliverDecision, today: date) -> Delivered:
    """The decision was delivered; a moral sanction is declared, open or closed as it was decided (PP 42/2004 art. 15).

    Raises:
        Malformed: the date cannot be right, or the way does not go with the sanction.
    """
    require(matter, proceeding, command)
    rules.between(proceeding.decree_date, command.delivered_date, today, "delivered_date")
    statement = _STATEMENTS.get(proceeding.sanction_class)
    if statement and command.way != statement:
        raise Malformed("not how this moral sanction is declared", field="way")
    if not statement and command.way in _STATEMENTS.values():
        raise Malformed("a statement goes with a moral sanction only", field="way")
    return Delivered(command.delivered_date, command.way)


def file_appeal(matter: Matter, proceeding: Proceeding, command: FileAppeal, today: date) -> events.Appealed:
    """The person filed an appeal against the decree that was delivered.

    Raises:
        Malformed: number or date cannot be right.
    """
    require(matter, proceeding, command)
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    earliest = proceeding.appeal_decision_date or proceeding.delivered_date
    rules.between(earliest, command.letter_date, today, "letter_date")
    return events.Appealed(command.kind, "", number, command.letter_date)


def decide_appeal(
    matter: Matter, proceeding: Proceeding, command: DecideAppeal, today: date
) -> events.Appealed:
    """The appeal was decided; CHANGED brings the decree that takes the former one's place.

    Raises:
        Malformed: numbers, dates or sanction cannot be right, or do not go with the outcome.
    """
    require(matter, proceeding, command)
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    rules.between(proceeding.appeal_date, command.letter_date, today, "letter_date")
    decided = events.Appealed(proceeding.appeal_kind, command.outcome, number, command.letter_date)
    new = {
        "decree_number": command.decree_number,
        "decree_date": command.decree_date,
        "sanction": command.sanction,
    }
    for field, value in new.items():
        if bool(value) != (command.outcome == "CHANGED"):
            raise Malformed("given if, and only if, the sanction is changed", field=field)
    if command.decree_date is None:
        return decided
    rules.between(command.letter_date, command.decree_date, today, "decree_date")
    sanction = sanctions.sanction(command.sanction, field="sanction")
    return replace(
        decided,
        decree_number=identifiers.decree_number(command.decree_number, field="decree_number"),
        decree_date=command.decree_date,
        sanction=sanction.code,
        sanction_class=sanction.sanction_class,
    )


def reject(
    matter: Matter, proceeding: Proceeding, command: commands.RejectRecommendation, today: date
) -> events.Rejected:
    """Reject a recommendation, as the check of the employment found.

    Raises:
        WrongState: CHECK_SAYS_OTHERWISE.
    """
    rejected = rules.reject(matter, command)
    agree_with_check(proceeding, command)
    return rejected


def impose_sanction(
    matter: Matter, proceeding: Proceeding, command: commands.ImposeSanction, today: date
) -> events.Decided:
    """Impose a sanction by decree, with what its class needs in the procedure.

    Raises:
        WrongState: it needs a team or a hearing, or an appeal is pending.
    """
    decided = rules.impose_sanction(matter, command, today)
    allow_sanction(matter, proceeding, command, decided)
    return decided


def report_follow_up(
    matter: Matter, proceeding: Proceeding, command: commands.ReportFollowUp, today: date
) -> events.FollowedUp:
    """Report the follow-up, as the check of the employment found.

    Raises:
        WrongState: CHECK_SAYS_OTHERWISE.
    """
    reported = rules.report_follow_up(matter, command, today)
    agree_with_check(proceeding, command)
    return reported


def agree_with_check(
    proceeding: Proceeding, command: commands.RejectRecommendation | commands.ReportFollowUp
) -> None:
    """Refuse to say of the person what the check of the employment, if there was one, found otherwise.

    Raises:
        WrongState: CHECK_SAYS_OTHERWISE.
    """
    found = proceeding.employee_status
    if isinstance(command, commands.RejectRecommendation):
        fits: tuple[str, ...] = ("NOT_OURS",) if command.reason == "NOT_OUR_EMPLOYEE" else ("MOVED",)
    elif command.kind == "CANNOT_BE_FOLLOWED_UP":
        fits = procedures.impossibility(command.reason).employee
    else:
        return
    if found and found not in fits:
        raise WrongState(
            "the check of the employment found otherwise", field="reason", reason="CHECK_SAYS_OTHERWISE"
        )
