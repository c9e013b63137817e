"""Events of a matter at an authority: its own, and those that the examiner and overseers tell it."""

from dataclasses import dataclass
from datetime import date

from cooperation.oversight.overseers import OverseerEvent

# --- what happened here ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Clarified:
    """The authority clarified."""

    letter_number: str
    letter_date: date


@dataclass(frozen=True)
class Opened:
    """An officer has seen it."""


@dataclass(frozen=True)
class Acknowledged:
    """Receipt is confirmed."""

    register_number: str


@dataclass(frozen=True)
class Rejected:
    """It is not for this authority; `moved_to` is the person's new one."""

    reason: str
    moved_to: str = ""


@dataclass(frozen=True)
class Objected:
    """The authority objected."""

    letter_number: str
    letter_date: date


@dataclass(frozen=True)
class Decided:
    """A sanction was imposed."""

    decree_number: str
    decree_date: date
    sanction: str
    sanction_class: str
    measure: str = ""
    measure_basis: str = ""
    measure_amount: str = ""
    measure_months: int = 0
    decided_by: str = ""
    council_number: str = ""
    council_date: date | None = None


@dataclass(frozen=True)
class DecreeCorrected:
    """A typing error in what was said of the decree was corrected."""

    former_number: str
    former_date: date
    decree_number: str
    decree_date: date


@dataclass(frozen=True)
class FollowedUp:
    """The follow-up was reported."""

    kind: str
    letter_number: str
    letter_date: date
    decree_number: str
    decree_digest: str
    reason: str
    open_measures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Appealed:
    """The person's appeal against the decree (keberatan, banding): filed while `outcome` is empty, else decided.

    With CHANGED, another decree takes the former one's place.
    """

    kind: str
    outcome: str
    letter_number: str
    letter_date: date
    decree_number: str = ""
    decree_date: date | None = None
    sanction: str = ""
    sanction_class: str = ""


# --- what the examiner says --------------------------------------------------------------------------------


@dataclass(frozen=True)
class ClarificationRequested:
    """The examiner asks before it decides. The date is None only if a sender left it out; then it is refused."""

    letter_number: str
    letter_date: date | None
    addressee: str
    report_number: str
    region: str


@dataclass(frozen=True)
class Recommended:
    """A recommendation (rekomendasi). The dates are None only if a sender left them out; then it is refused."""

    letter_number: str
    letter_date: date | None
    addressee: str
    act: str
    family: str
    sanction_class: str
    due_date: date | None
    report_number: str
    region: str
    event_date: date | None
    employment: str


@dataclass(frozen=True)
class Corrected:
    """The recommendation was corrected (ralat)."""

    letter_number: str
    corrects: str
    act: str
    family: str
    sanction_class: str
    due_date: date | None


@dataclass(frozen=True)
class DueDateMoved:
    """An amended decree on days off moved the due date. The date is None only if a sender left it out; then it is refused."""

    letter_number: str
    due_date: date | None


@dataclass(frozen=True)
class Withdrawn:
    """The recommendation no longer stands."""

    letter_number: str
    reason: str


@dataclass(frozen=True)
class ObjectionAnswered:
    """The recommendation is maintained against the objection."""

    letter_number: str
    letter_date: date | None
    due_date: date | None = None


@dataclass(frozen=True)
class Verified:
    """The follow-up, or its absence, was verified."""

    status: str
    reason: str


@dataclass(frozen=True)
class TookOver:
    """The next examiner has the matter (SE MenPANRB 4/2024): the authority turns to it."""

    predecessor: str
    successor: str
    reports_to: str


OwnEvent = (
    Clarified
    | Opened
    | Acknowledged
    | Rejected
    | Objected
    | Decided
    | DecreeCorrected
    | FollowedUp
    | Appealed
)
HeardEvent = (
    ClarificationRequested
    | Recommended
    | Corrected
    | DueDateMoved
    | Withdrawn
    | ObjectionAnswered
    | Verified
    | TookOver
    | OverseerEvent
)
Event = OwnEvent | HeardEvent
