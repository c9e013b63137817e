"""Events of a matter: the examiner's own, and those that supervisor, authority and overseers tell it."""

from dataclasses import dataclass
from datetime import date

from cooperation.oversight.overseers import OverseerEvent
from kasn.matters.domain.due_dates import DueDateMoved

# --- what happened here ---


@dataclass(frozen=True)
class Accepted:
    """The referral is examined."""

    register_number: str


@dataclass(frozen=True)
class Returned:
    """The referral went back."""

    reason: str


@dataclass(frozen=True)
class Assigned:
    """An office of the examiner has the matter; `offices_digest` is that of the table that was known."""

    office: str
    former_office: str
    offices_digest: str


@dataclass(frozen=True)
class NotProven:
    """Nothing was proven."""

    decision_number: str
    decision_date: date


@dataclass(frozen=True)
class Recommended:
    """A recommendation was issued; re-addressed if `readdressed_from` is set."""

    letter_number: str
    letter_date: date
    addressee: str
    act: str
    family: str
    sanction_class: str
    due_date: date
    readdressed_from: str
    report_number: str
    region: str
    event_date: date | None
    employment: str
    due_rule: str = ""  # empty: the examiner set the date
    reason_codes: tuple[str, ...] = ()
    due_calendar: str = ""


@dataclass(frozen=True)
class ObjectionAnswered:
    """The recommendation is maintained, due on `due_date`; the days from `paused_since` to `paused_until` do not count."""

    letter_number: str
    letter_date: date
    due_date: date | None = None
    due_calendar: str = ""
    paused_since: date | None = None
    paused_until: date | None = None


@dataclass(frozen=True)
class Verified:
    """The follow-up was verified; `decree_number` is that of the reported decree."""

    status: str
    reason: str
    verified_date: date
    decree_number: str = ""


@dataclass(frozen=True)
class CompletionRequested:
    """The supervisor is asked for what is missing."""

    letter_number: str
    letter_date: date
    missing: tuple[str, ...]


@dataclass(frozen=True)
class ClarificationRequested:
    """A personnel authority is asked."""

    letter_number: str
    letter_date: date
    addressee: str
    report_number: str
    region: str


@dataclass(frozen=True)
class ClarificationHeld:
    """The person was heard, or did not come."""

    held_date: date
    attendance: str
    minutes_digest: str


@dataclass(frozen=True)
class ConflictDeclared:
    """A personnel authority cannot decide."""

    institution: str
    ground: str


@dataclass(frozen=True)
class Corrected:
    """The recommendation was corrected; it keeps its number."""

    letter_number: str
    letter_date: date
    corrects: str
    act: str
    family: str
    sanction_class: str
    due_date: date


@dataclass(frozen=True)
class Withdrawn:
    """A recommendation no longer stands; without a letter of its own if it is addressed to another."""

    letter_number: str
    addressee: str
    reason: str
    withdrawal_number: str = ""
    withdrawal_date: date | None = None


# --- what others say ---


@dataclass(frozen=True)
class Referred:
    """The supervisor referred the matter (penerusan)."""

    letter_number: str
    letter_date: date | None
    report_number: str
    region: str
    event_date: date | None
    employer: str
    employment: str
    study_number: str
    study_digest: str
    evidence_digests: tuple[str, ...]
    suspected_acts: tuple[str, ...]
    examiner: str
    office: str = ""


@dataclass(frozen=True)
class Opened:
    """An officer of the addressee has seen it."""


@dataclass(frozen=True)
class Acknowledged:
    """The addressee confirmed receipt."""


@dataclass(frozen=True)
class Rejected:
    """The addressee says it is not for it; `moved_to` is the person's new authority."""

    reason: str
    moved_to: str = ""


@dataclass(frozen=True)
class Objected:
    """The addressee objected."""

    letter_number: str
    letter_date: date | None = None


@dataclass(frozen=True)
class Decided:
    """The addressee imposed a sanction."""

    decree_number: str
    decree_date: date | None
    sanction: str


@dataclass(frozen=True)
class DecreeCorrected:
    """The addressee corrected what it had said of its decree."""

    former_number: str
    decree_number: str
    decree_date: date | None


@dataclass(frozen=True)
class FollowedUp:
    """The addressee reported its follow-up; PARTIAL names the classes of what is still open."""

    kind: str
    letter_number: str
    letter_date: date | None
    open_measures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Progressed:
    """The addressee did a step of its discipline procedure (PP 94/2021)."""

    kind: str
    step_date: date | None


@dataclass(frozen=True)
class Appealed:
    """An appeal against the addressee's decree (keberatan, banding): filed while `outcome` is empty, else decided."""

    outcome: str
    letter_date: date | None
    decree_number: str = ""
    decree_date: date | None = None
    sanction: str = ""


@dataclass(frozen=True)
class Completed:
    """The supervisor completed the referral."""

    letter_number: str
    letter_date: date | None
    study_number: str
    study_digest: str
    evidence_digests: tuple[str, ...]


@dataclass(frozen=True)
class Clarified:
    """The authority that was asked has answered."""

    letter_number: str
    letter_date: date | None


@dataclass(frozen=True)
class OffenceForwarded:
    """The supervisor forwarded an election offence to the police (Sentra Gakkumdu), beside discipline."""

    letter_number: str
    letter_date: date | None
    received_date: date | None
    offences: tuple[str, ...]
    due_date: date | None


@dataclass(frozen=True)
class OffenceProgressed:
    """The supervisor says what police, prosecutor or court did with the offence."""

    step: str
    step_date: date | None
    due_date: date | None


OwnEvent = (
    Accepted
    | Returned
    | Assigned
    | NotProven
    | Recommended
    | ObjectionAnswered
    | Verified
    | DueDateMoved
    | CompletionRequested
    | ClarificationRequested
    | ClarificationHeld
    | ConflictDeclared
    | Corrected
    | Withdrawn
)
AddresseeEvent = (
    Opened
    | Acknowledged
    | Rejected
    | Objected
    | Decided
    | DecreeCorrected
    | FollowedUp
    | Progressed
    | Appealed
)
OffenceEvent = OffenceForwarded | OffenceProgressed
HeardEvent = Referred | Completed | Clarified | OffenceEvent | AddresseeEvent | OverseerEvent
Event = OwnEvent | HeardEvent
