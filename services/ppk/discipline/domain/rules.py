"""The steps of the discipline procedure (PP 94/2021; Peraturan BKN 6/2022): which is possible when, and what it makes happen.

Limits are never refused, only shown beside what was done: whether they were kept is a finding. Commands on the recommendation that
need the procedure are left to `on_recommendation`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from agreement.clocks import calendar
from agreement.enforcement import appeals, sanctions
from agreement.entities import replace
from agreement.parties import identifiers, institutions
from ppk.discipline.domain.due_dates import limit_of
from ppk.discipline.domain.proceedings import (
    Absent,
    CouncilDecided,
    CouncilFormed,
    DefenceGiven,
    Delivered,
    EmployeeChecked,
    ExaminationConcluded,
    Examined,
    Procedure,
    Proceeding,
    ReleasedFromDuty,
    Stage,
    Step,
    Summoned,
    TeamFormed,
)
from ppk.recommendations.domain import commands, events, rules
from ppk.recommendations.domain.matter import State
from refusals import ActWarning, Malformed, WrongState

Event = Step | events.OwnEvent

# --- commands --------------------------------------------------------------------------------------------------


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
class CorrectDecree:
    """Correct a typing error in what was said of the decree: its number, its date, or both."""

    decree_number: str
    decree_date: date | None


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


Command = Summon | RecordAbsence | CorrectDecree | FileAppeal | DecideAppeal
Asked = Command | Step | commands.ImposeSanction

S, M = Stage, State
_DECREED = frozenset({M.ACKNOWLEDGED, M.DECIDED, M.REPORTED, M.COMPLETED})
_BEFORE_EXAMINATION = frozenset({S.OPEN, S.SUMMONED, S.ABSENT, S.SUMMONED_AGAIN})
_AFTER_EXAMINATION = frozenset({S.EXAMINED, S.CONCLUDED, S.ABSENT_TWICE})


@dataclass(frozen=True)
class Possible:
    """An act by its name, the stages at which it is possible, and the states of the matter; `without_team`: further stages, while there is no team."""

    act: str
    stages: frozenset[Stage]
    states: frozenset[State] = frozenset({M.ACKNOWLEDGED})
    without_team: frozenset[Stage] = frozenset()

    def at_stage(self, proceeding: Proceeding) -> bool:
        """Say whether it is possible at the stage that a proceeding is in."""
        further = frozenset[Stage]() if proceeding.team_number else self.without_team
        return proceeding.stage in self.stages | further

    def is_at(self, known: Procedure) -> bool:
        """Say whether it is possible at the stage and in the state that they are in."""
        return self.at_stage(known.proceeding) and known.matter.state in self.states


POSSIBLE: dict[type[Asked], Possible] = {
    EmployeeChecked: Possible("CheckEmployee", frozenset(Stage), frozenset({M.OPENED, M.ACKNOWLEDGED})),
    TeamFormed: Possible("FormTeam", _BEFORE_EXAMINATION, without_team=frozenset({S.EXAMINED, S.CONCLUDED})),
    Summon: Possible("Summon", frozenset({S.OPEN, S.ABSENT})),
    RecordAbsence: Possible("RecordAbsence", frozenset({S.SUMMONED, S.SUMMONED_AGAIN})),
    Examined: Possible("RecordExamination", frozenset({S.SUMMONED, S.SUMMONED_AGAIN})),
    ExaminationConcluded: Possible("ConcludeExamination", frozenset({S.EXAMINED, S.ABSENT_TWICE})),
    CouncilFormed: Possible("FormCouncil", _BEFORE_EXAMINATION),
    DefenceGiven: Possible("RecordDefence", _AFTER_EXAMINATION),
    CouncilDecided: Possible("RecordCouncilDecision", _AFTER_EXAMINATION),
    ReleasedFromDuty: Possible("ReleaseFromDuty", frozenset({S.EXAMINED, S.CONCLUDED})),
    commands.ImposeSanction: Possible("ImposeSanction", frozenset(Stage) - {S.APPEALED}),
    CorrectDecree: Possible(
        "CorrectDecree", frozenset({S.DECIDED, S.DELIVERED, S.APPEALED, S.APPEAL_DECIDED}), _DECREED
    ),
    Delivered: Possible("DeliverDecision", frozenset({S.DECIDED}), _DECREED),
    FileAppeal: Possible("FileAppeal", frozenset({S.DELIVERED, S.APPEAL_DECIDED}), _DECREED),
    DecideAppeal: Possible("DecideAppeal", frozenset({S.APPEALED}), _DECREED),
}
_TEAM = ("SUPERIOR", "OVERSIGHT", "PERSONNEL")
_STATEMENTS = {"MORAL_CLOSED": "CLOSED_STATEMENT", "MORAL_OPEN": "OPEN_STATEMENT"}


def require(known: Procedure, asked: Asked) -> None:
    """Refuse what is not possible at this stage, or in the matter's state.

    Raises:
        WrongState: naming stage or state.
    """
    possible = POSSIBLE[type(asked)]
    state, stage = known.matter.state, known.proceeding.stage
    if state not in possible.states:
        raise WrongState("not possible now; the matter stands at: {state}", state=state)
    if not possible.at_stage(known.proceeding):
        raise WrongState("not possible now; the procedure stands at: {stage}", stage=stage)


def check_employee(known: Procedure, said: EmployeeChecked, today: date) -> EmployeeChecked:
    """Record whose employee the person is. It may be looked up again.

    Raises:
        Malformed: in the future; a new authority without MOVED or the reverse, or one that is none.
    """
    require(known, said)
    if said.status_date > today:
        raise Malformed("in the future", field="status_date")
    if (said.status == "MOVED") != bool(said.moved_to):
        raise Malformed("named if, and only if, the person moved", field="moved_to")
    if said.moved_to:
        rules.other_authority(known.matter, said.moved_to)
    return said


def form_team(known: Procedure, said: TeamFormed, today: date) -> TeamFormed:
    """Form the team: superior, oversight and personnel are in it; before the examination it may be formed anew.

    It may also follow the superior's own examination, which then shows too little: a heavier class needs a team (PP 94/2021
    art. 27 to 29), as after the annulment of a light decree. The team examines anew.

    Raises:
        WrongState: a team has examined already, or no decree is awaited.
        Malformed: number, date or digest cannot be right, or a unit is missing.
    """
    require(known, said)
    number = _decree(known, said.decree_number, said.decree_date, today)
    identifiers.sha256_hex(said.decree_digest, field="decree_digest")
    if not set(_TEAM) <= set(said.units):
        raise Malformed("superior, oversight and personnel are in every team", field="units")
    return replace(said, decree_number=number)


def _decree(known: Procedure, number: str, day: date, today: date) -> str:
    """The number of a decree by which the authority acts on the recommendation, on a day that can be right."""
    rules.between(known.matter.letter_date, day, today, "decree_date")
    return identifiers.decree_number(number, field="decree_number")


def summon(known: Procedure, command: Summon, today: date) -> Summoned:
    """Summon the person to a later day; the second summons follows the absence from the first.

    Raises:
        Malformed: number or dates cannot be right.
    """
    require(known, command)
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    rules.between(
        known.proceeding.summoned_for or known.matter.letter_date, command.letter_date, today, "letter_date"
    )
    if command.examination_date <= command.letter_date:
        raise Malformed("not after the summons", field="examination_date")
    return Summoned(known.proceeding.absences + 1, number, command.letter_date, command.examination_date)


def on_a_day_off(known: Procedure, summoned: Event) -> Sequence[ActWarning]:
    """Warn of an examination on a day off at the authority: a weekend, a public holiday, collective leave, its voting day.

    No rule forbids it; but PP 94/2021 art. 26 counts working days, and whoever stays away will say why.
    """
    if not isinstance(summoned, Summoned):
        return ()
    off = calendar.latest(institutions.region_of(known.proceeding.party)).off(summoned.examination_date)
    if off is None:
        return ()
    return [
        ActWarning(
            "the examination is on a day off: {names}", reason="ON_A_DAY_OFF", names=", ".join(off.names)
        )
    ]


def record_absence(known: Procedure, command: RecordAbsence, today: date) -> Absent:
    """The person did not come. After the second time it is decided on the evidence.

    Raises:
        Malformed: another day than the one of the summons, or in the future.
    """
    require(known, command)
    if command.examination_date != known.proceeding.summoned_for:
        raise Malformed("not the day of the summons", field="examination_date")
    if command.examination_date > today:
        raise Malformed("in the future", field="examination_date")
    return Absent(known.proceeding.absences + 1, command.examination_date)


def record_examination(known: Procedure, said: Examined, today: date) -> Examined:
    """There are minutes; a refusal to sign is noted and stops nothing.

    Raises:
        Malformed: digest or date cannot be right.
    """
    require(known, said)
    rules.between(known.proceeding.summons_date, said.examination_date, today, "examination_date")
    identifiers.sha256_hex(said.minutes_digest, field="minutes_digest")
    return said


def conclude_examination(known: Procedure, said: ExaminationConcluded, today: date) -> ExaminationConcluded:
    """Conclude the examination.

    Raises:
        Malformed: number, date or digest cannot be right.
    """
    require(known, said)
    number = identifiers.decree_number(said.report_number, field="report_number")
    earliest = known.proceeding.examined_date or known.proceeding.summoned_for
    rules.between(earliest, said.report_date, today, "report_date")
    identifiers.sha256_hex(said.report_digest, field="report_digest")
    return replace(said, report_number=number)


def release_from_duty(known: Procedure, said: ReleasedFromDuty, today: date) -> ReleasedFromDuty:
    """Release the person from duty, once, until the decree of discipline (PP 94/2021 art. 31).

    Raises:
        WrongState: not a PNS, or released already; TEAM_REQUIRED, HEARING_REQUIRED.
        Malformed: number or dates cannot be right.
    """
    require(known, said)
    # Because PP 94/2021 is on PNS, and CPNS by art. 43; what the recommendation does not say refuses nothing.
    if known.matter.employment not in ("", "PNS", "CPNS"):
        raise WrongState("only a PNS is released from duty")
    # Because severe discipline, which has to be probable (31(1)), is examined by a team (29(2)).
    if not known.proceeding.team_number:
        raise WrongState("a release from duty needs an examination team", reason="TEAM_REQUIRED")
    # Because it begins with the examination at the earliest (31(1)); a report of two absences has none.
    if known.proceeding.examined_date is None:
        raise WrongState("a release from duty needs minutes of an examination", reason="HEARING_REQUIRED")
    if known.proceeding.release_number and known.proceeding.release_end_date is None:
        raise WrongState("the person is released from duty already")
    number = _decree(known, said.decree_number, said.decree_date, today)
    if said.start_date < known.proceeding.examined_date:
        raise Malformed("before the examination", field="start_date")
    return replace(said, decree_number=number)


def correct_decree(known: Procedure, command: CorrectDecree, today: date) -> events.DecreeCorrected:
    """Correct what was said of the decree. It is the same decree: its sanction, delivery and follow-up stay.

    Raises:
        Malformed: nothing would change; number or date cannot be right, or the sanction is not one of that date.
    """
    require(known, command)
    kept = known.proceeding
    if kept.decree_date is None:
        raise WrongState("there is no decree to correct")
    number, day = command.decree_number or kept.decree_number, command.decree_date or kept.decree_date
    if (number, day) == (kept.decree_number, kept.decree_date):
        raise Malformed("number and date of the decree stand so already", field="decree_number")
    number = _decree(known, number, day, today)
    if kept.examined_date is not None and day < kept.examined_date:
        raise Malformed("before the examination", field="decree_date")
    if kept.council_decision_date is not None and day < kept.council_decision_date:
        raise Malformed("before the council's decision", field="decree_date")
    if kept.delivered_date is not None and day > kept.delivered_date:
        raise Malformed("after its delivery", field="decree_date")
    matter = known.matter
    if matter.employment and matter.event_date is not None:
        sanctions.check(matter.sanction, matter.employment, matter.event_date, day, field="decree_date")
    return events.DecreeCorrected(kept.decree_number, kept.decree_date, number, day)


def deliver(known: Procedure, said: Delivered, today: date) -> Delivered:
    """The decision was delivered; a moral sanction is declared, open or closed as it was decided (PP 42/2004 art. 15).

    Raises:
        Malformed: the date cannot be right, or the way does not go with the sanction.
    """
    require(known, said)
    rules.between(known.proceeding.decree_date, said.delivered_date, today, "delivered_date")
    statement = _STATEMENTS.get(known.proceeding.sanction_class)
    if statement and said.way != statement:
        raise Malformed("not how this moral sanction is declared", field="way")
    if not statement and said.way in _STATEMENTS.values():
        raise Malformed("a statement goes with a moral sanction only", field="way")
    return said


def file_appeal(known: Procedure, command: FileAppeal, today: date) -> events.Appealed:
    """The person filed an appeal against the decree that was delivered.

    Raises:
        Malformed: number or date cannot be right.
    """
    require(known, command)
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    earliest = known.proceeding.appeal_decision_date or known.proceeding.delivered_date
    rules.between(earliest, command.letter_date, today, "letter_date")
    return events.Appealed(command.kind, "", number, command.letter_date)


def unusual_appeal(known: Procedure, filed: Event) -> Sequence[ActWarning]:
    """Warn of a remedy of the wrong kind, or after its limit: whoever decides on it will not receive it (PP 79/2021)."""
    matter, proceeding = known.matter, known.proceeding
    if not isinstance(filed, events.Appealed) or filed.outcome:
        return ()
    if proceeding.delivered_date is None or proceeding.decree_date is None:
        return ()
    remedy = appeals.remedy("PPK", matter.sanction, matter.employment or "PNS", proceeding.decree_date)
    if remedy is None or remedy.kind == "NONE":
        return ()
    if filed.kind != remedy.kind:
        return [
            ActWarning(
                "against this decree there is the remedy {remedy}, to {decides}",
                reason="ANOTHER_REMEDY",
                remedy=remedy.kind,
                decides=remedy.to,
            )
        ]
    due = limit_of(remedy.limit, proceeding.delivered_date, proceeding.party)
    if due is not None and filed.letter_date is not None and filed.letter_date > due:
        return [
            ActWarning(
                "the remedy could be lodged until {day}", reason="AFTER_THE_LIMIT", day=due.isoformat()
            )
        ]
    return ()


def decide_appeal(known: Procedure, command: DecideAppeal, today: date) -> events.Appealed:
    """The appeal was decided; CHANGED brings the decree that takes the former one's place.

    Raises:
        Malformed: numbers, dates or sanction cannot be right, or do not go with the outcome.
    """
    require(known, command)
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    rules.between(known.proceeding.appeal_date, command.letter_date, today, "letter_date")
    decided = events.Appealed(known.proceeding.appeal_kind, command.outcome, number, command.letter_date)
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
