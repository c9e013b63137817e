"""The discipline procedure of a matter as it stands (PP 94/2021; Peraturan BKN 6/2022): its stages, and what happened. Its limits are in `due_dates`.

A matter has one proceeding, which begins with its first step and goes along with the matter. What is possible when is in
`rules`; `apply` is the only thing that changes a proceeding.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

from agreement.entities import replace
from agreement.lengths import Code, Digest, Id, Length, Number, Party, Word
from cooperation.oversight.overseers import DecreeAnnulled
from ppk.recommendations.domain import events
from ppk.recommendations.domain.matter import Matter


class Stage(StrEnum):
    """Stage of a proceeding."""

    OPEN = "OPEN"  # belum ada panggilan
    SUMMONED = "SUMMONED"  # panggilan I
    ABSENT = "ABSENT"  # tidak hadir
    SUMMONED_AGAIN = "SUMMONED_AGAIN"  # panggilan II
    ABSENT_TWICE = "ABSENT_TWICE"  # tidak hadir dua kali: decided on the evidence
    EXAMINED = "EXAMINED"  # diperiksa, BAP
    CONCLUDED = "CONCLUDED"  # laporan hasil pemeriksaan
    DECIDED = "DECIDED"  # keputusan
    DELIVERED = "DELIVERED"  # disampaikan
    APPEALED = "APPEALED"  # keberatan atau banding diajukan
    APPEAL_DECIDED = "APPEAL_DECIDED"  # the decree stands


@dataclass(frozen=True)
class Proceeding:
    """The procedure of one matter, without personal data. Dates are legal dates at the authority, digests lower-case hex."""

    party: Party
    id: Id
    stage: Annotated[Stage, Length(20)] = Stage.OPEN
    employee_status: Word = ""
    employee_date: date | None = None
    moved_to: Party = ""
    team_number: Number = ""
    team_date: date | None = None
    team_digest: Digest = ""
    team_units: tuple[str, ...] = ()
    summons_number: Number = ""
    summons_date: date | None = None
    summoned_for: date | None = None
    absences: int = 0
    examined_date: date | None = None
    minutes_digest: Digest = ""
    signature: Word = ""
    mode: Word = ""
    report_number: Number = ""
    report_date: date | None = None
    report_digest: Digest = ""
    decree_number: Number = ""
    decree_date: date | None = None
    sanction_class: Code = ""
    delivered_date: date | None = None
    delivery_way: Code = ""
    appeal_kind: Word = ""
    appeal_number: Number = ""
    appeal_date: date | None = None
    appeal_outcome: Word = ""
    appeal_decision_number: Number = ""
    appeal_decision_date: date | None = None
    release_number: Number = ""
    release_date: date | None = None
    release_end_date: date | None = None
    council_number: Number = ""
    council_date: date | None = None
    council_digest: Digest = ""
    council_members: int = 0
    defence: Word = ""
    defence_date: date | None = None
    council_decision_number: Number = ""
    council_decision_date: date | None = None
    council_class: Code = ""


@dataclass(frozen=True)
class Procedure:
    """A matter with its proceeding, which is there from its first step on."""

    matter: Matter
    proceeding: Proceeding

    @property
    def id(self) -> str:
        return self.matter.id

    @property
    def case_id(self) -> str:
        return self.matter.case_id

    @property
    def state(self) -> str:
        return self.matter.state


# --- events: a step that is recorded as the authority did it is asked for, checked and kept as one value ------------


@dataclass(frozen=True)
class EmployeeChecked:
    """It was looked up whose employee the person is."""

    status: str
    status_date: date
    moved_to: str


@dataclass(frozen=True)
class TeamFormed:
    """There is a team."""

    decree_number: str
    decree_date: date
    decree_digest: str
    units: tuple[str, ...]


@dataclass(frozen=True)
class Summoned:
    """The person was summoned for the first or second time."""

    ordinal: int
    letter_number: str
    letter_date: date
    examination_date: date


@dataclass(frozen=True)
class Absent:
    """The person did not come to the first or second summons."""

    ordinal: int
    examination_date: date


@dataclass(frozen=True)
class Examined:
    """There are minutes."""

    examination_date: date
    minutes_digest: str
    signature: str
    mode: str


@dataclass(frozen=True)
class ExaminationConcluded:
    """There is a report."""

    report_number: str
    report_date: date
    report_digest: str


@dataclass(frozen=True)
class ReleasedFromDuty:
    """The person is released from duty until the decree of discipline."""

    decree_number: str
    decree_date: date
    start_date: date


@dataclass(frozen=True)
class CouncilFormed:
    """A council (Majelis Kode Etik) sits on the matter; `members` beside chair and secretary."""

    decree_number: str
    decree_date: date
    decree_digest: str
    members: int


@dataclass(frozen=True)
class DefenceGiven:
    """The person had the chance of defence before the council, and used it in a way."""

    defence_date: date
    way: str


@dataclass(frozen=True)
class CouncilDecided:
    """The council decided, and recommends a class of sanction."""

    decision_number: str
    decision_date: date
    decision_digest: str
    sanction_class: str


@dataclass(frozen=True)
class Delivered:
    """The decision was delivered."""

    delivered_date: date
    way: str


@dataclass(frozen=True)
class Progressed:
    """A step as the examiner hears of it: its kind and date."""

    kind: str
    step_date: date


CouncilStep = CouncilFormed | DefenceGiven | CouncilDecided
Progress = TeamFormed | Summoned | Absent | Examined | ExaminationConcluded | Delivered | CouncilStep
Step = EmployeeChecked | Progress | ReleasedFromDuty
Event = Step | events.Decided | events.DecreeCorrected | events.Appealed | DecreeAnnulled

S = Stage


def apply(proceeding: Proceeding, event: Event) -> Proceeding:
    """The proceeding after an event, which was checked before."""
    match event:
        case EmployeeChecked():
            return replace(
                proceeding,
                employee_status=event.status,
                employee_date=event.status_date,
                moved_to=event.moved_to,
            )
        case TeamFormed():
            return _with_team(proceeding, event)
        case Summoned():
            return replace(
                proceeding,
                stage=S.SUMMONED if event.ordinal == 1 else S.SUMMONED_AGAIN,
                summons_number=event.letter_number,
                summons_date=event.letter_date,
                summoned_for=event.examination_date,
            )
        case Absent():
            stage = S.ABSENT if event.ordinal == 1 else S.ABSENT_TWICE
            return replace(proceeding, stage=stage, absences=event.ordinal)
        case Examined():
            return replace(
                proceeding,
                stage=S.EXAMINED,
                examined_date=event.examination_date,
                minutes_digest=event.minutes_digest,
                signature=event.signature,
                mode=event.mode,
            )
        case ExaminationConcluded():
            return replace(
                proceeding,
                stage=S.CONCLUDED,
                report_number=event.report_number,
                report_date=event.report_date,
                report_digest=event.report_digest,
            )
        case CouncilFormed() | DefenceGiven() | CouncilDecided():
            return _before_council(proceeding, event)
        case ReleasedFromDuty():
            number, day = event.decree_number, event.start_date
            return replace(proceeding, release_number=number, release_date=day, release_end_date=None)
        case events.Decided():
            return _decided(proceeding, event.decree_number, event.decree_date, event.sanction_class)
        case events.DecreeCorrected():
            return _corrected(proceeding, event)
        case Delivered():
            return replace(
                proceeding,
                stage=S.DELIVERED,
                delivered_date=event.delivered_date,
                delivery_way=event.way,
            )
        case events.Appealed():
            return _appealed(proceeding, event)
        case DecreeAnnulled():
            return _without_decree(_without_appeal(proceeding))


def _with_team(proceeding: Proceeding, event: TeamFormed) -> Proceeding:
    """With its team, which examines anew what the superior alone had examined: that stays in the trail."""
    formed = replace(
        proceeding,
        team_number=event.decree_number,
        team_date=event.decree_date,
        team_digest=event.decree_digest,
        team_units=event.units,
    )
    if proceeding.stage not in (S.EXAMINED, S.CONCLUDED) or proceeding.examined_date is None:
        return formed
    return replace(
        formed,
        stage=S.OPEN,
        summons_number="",
        summons_date=None,
        summoned_for=None,
        absences=0,
        examined_date=None,
        minutes_digest="",
        signature="",
        mode="",
        report_number="",
        report_date=None,
        report_digest="",
    )


def _before_council(proceeding: Proceeding, event: CouncilStep) -> Proceeding:
    match event:
        case CouncilFormed():
            return replace(
                proceeding,
                council_number=event.decree_number,
                council_date=event.decree_date,
                council_digest=event.decree_digest,
                council_members=event.members,
            )
        case DefenceGiven():
            return replace(proceeding, defence=event.way, defence_date=event.defence_date)
        case CouncilDecided():
            return replace(
                proceeding,
                council_decision_number=event.decision_number,
                council_decision_date=event.decision_date,
                council_class=event.sanction_class,
            )


def _decided(proceeding: Proceeding, number: str, day: date | None, sanction_class: str) -> Proceeding:
    """A new decree: nothing of the former one's delivery is its own."""
    return replace(
        proceeding,
        release_end_date=proceeding.release_end_date or (day if proceeding.release_number else None),
        stage=S.DECIDED,
        decree_number=number,
        decree_date=day,
        sanction_class=sanction_class,
        delivered_date=None,
        delivery_way="",
    )


def _corrected(proceeding: Proceeding, event: events.DecreeCorrected) -> Proceeding:
    """The same decree by its right number and date, with which a release from duty ended."""
    ended_with_it = proceeding.release_end_date == event.former_date
    return replace(
        proceeding,
        decree_number=event.decree_number,
        decree_date=event.decree_date,
        release_end_date=event.decree_date if ended_with_it else proceeding.release_end_date,
    )


def _appealed(proceeding: Proceeding, event: events.Appealed) -> Proceeding:
    if not event.outcome:
        return replace(
            proceeding,
            stage=S.APPEALED,
            appeal_kind=event.kind,
            appeal_number=event.letter_number,
            appeal_date=event.letter_date,
            appeal_outcome="",
            appeal_decision_number="",
            appeal_decision_date=None,
        )
    decided = replace(
        proceeding,
        stage=S.APPEAL_DECIDED,
        appeal_outcome=event.outcome,
        appeal_decision_number=event.letter_number,
        appeal_decision_date=event.letter_date,
    )
    if event.outcome == "CHANGED":
        return _decided(decided, event.decree_number, event.decree_date, event.sanction_class)
    return _without_decree(decided) if event.outcome == "ANNULLED" else decided


def _without_decree(proceeding: Proceeding) -> Proceeding:
    """Back to where it was before the decree that was annulled."""
    return replace(_decided(proceeding, "", None, ""), stage=_before_decision(proceeding))


def _without_appeal(proceeding: Proceeding) -> Proceeding:
    """An appeal was against a decree that is gone: the next one has its own limits."""
    return replace(
        proceeding,
        appeal_kind="",
        appeal_number="",
        appeal_date=None,
        appeal_outcome="",
        appeal_decision_number="",
        appeal_decision_date=None,
    )


def _before_decision(proceeding: Proceeding) -> Stage:
    """Return the stage at which it was decided: what was examined stays examined."""
    if proceeding.report_number:
        return S.CONCLUDED
    if proceeding.examined_date is not None:
        return S.EXAMINED
    return {0: S.OPEN, 1: S.ABSENT}.get(proceeding.absences, S.ABSENT_TWICE)


def progress(event: Progress) -> Progressed:
    """Progress as the examiner hears of it: the kind of the step and its date."""
    match event:
        case TeamFormed():
            return Progressed("TEAM_FORMED", event.decree_date)
        case Summoned():
            return Progressed("SUMMONED" if event.ordinal == 1 else "SUMMONED_AGAIN", event.letter_date)
        case Absent():
            return Progressed("ABSENT" if event.ordinal == 1 else "ABSENT_TWICE", event.examination_date)
        case Examined():
            return Progressed("EXAMINED", event.examination_date)
        case ExaminationConcluded():
            return Progressed("CONCLUDED", event.report_date)
        case Delivered():
            return Progressed("DELIVERED", event.delivered_date)
        case CouncilFormed():
            return Progressed("COUNCIL_FORMED", event.decree_date)
        case DefenceGiven():
            return Progressed("DEFENCE_GIVEN", event.defence_date)
        case CouncilDecided():
            return Progressed("COUNCIL_DECIDED", event.decision_date)
