"""Status of a case, its holder and since when, and the facts of a log that change it. Pure: no I/O, no clock, no protobuf.

A `LogFact` is one fact as the trail has it, in order of the log; `fold_facts` makes a status of them. Legal dates (recommendation, due, follow-up,
verification) are those of the letters; `since` is the instant at which whoever decided it signed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from agreement.data_files import Unknown
from agreement.elections import rules as elections
from agreement.enforcement import sanctions
from agreement.parties import bawaslu_numbers, institutions, offices, posts
from agreement.parties.bawaslu_numbers import ElectionKind
from refusals import Malformed

KINDS: Mapping[str, ElectionKind] = {"PEMILU": "PEMILU", "PILKADA": "PILKADA"}
TIERS: Mapping[str, str] = {
    "agency": "MINISTRY",
    "ministry": "MINISTRY",
    "secretariat": "MINISTRY",
    "president": "MINISTRY",
    "province": "PROVINCE",
    "kabupaten": "REGENCY",
    "kota": "CITY",
}

ORIGINS = ("REPORT", "FINDING")
# Stages of a case (domain notes 5.6), in the order of the flow.
REGISTERED, STUDIED, REFERRED, RETURNED = "REGISTERED", "STUDIED", "REFERRED", "RETURNED"
EXAMINED, RECOMMENDED, OPENED, ACKNOWLEDGED = "EXAMINED", "RECOMMENDED", "OPENED", "ACKNOWLEDGED"
OBJECTED, REJECTED, DECIDED, REPORTED = "OBJECTED", "REJECTED", "DECIDED", "REPORTED"
REPORTED_IMPOSSIBLE, NOT_YET_CONFORMS, NOT_YET_FOLLOWED_UP = (
    "REPORTED_IMPOSSIBLE",
    "NOT_YET_CONFORMS",
    "NOT_YET_FOLLOWED_UP",
)
CONFORMS, CANNOT_BE_FOLLOWED_UP = "CONFORMS", "CANNOT_BE_FOLLOWED_UP"
NOT_A_VIOLATION, NOT_PROVEN, WITHDRAWN = "NOT_A_VIOLATION", "NOT_PROVEN", "WITHDRAWN"
FLOW = (
    REGISTERED,
    STUDIED,
    REFERRED,
    RETURNED,
    EXAMINED,
    RECOMMENDED,
    OPENED,
    ACKNOWLEDGED,
    REJECTED,
    OBJECTED,
    DECIDED,
    REPORTED,
    REPORTED_IMPOSSIBLE,
    NOT_YET_CONFORMS,
    NOT_YET_FOLLOWED_UP,
    CONFORMS,
    CANNOT_BE_FOLLOWED_UP,
    NOT_A_VIOLATION,
    NOT_PROVEN,
    WITHDRAWN,
)
CLOSED = frozenset({CONFORMS, CANNOT_BE_FOLLOWED_UP, NOT_A_VIOLATION, NOT_PROVEN, WITHDRAWN})

Value = str | date | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LogFact:
    """One fact out of a party's log.

    `fact` is the third word of a statement type, or the fact of a record, such as `recommended`. `by` said it to `to`
    (empty for a local act). `index` is the entry that made it count, `time` (UTC) when it was signed. `values` are the
    facts in words: codes, dates, ids. `late`: it came through an old examiner, and may be behind what was said since.
    """

    index: int
    time: datetime
    matter: str
    case_id: str
    fact: str
    by: str
    to: str
    values: Mapping[str, Value] = field(default_factory=dict)
    late: bool = False

    def text(self, name: str, usual: str = "") -> str:
        """A text or code of the fact, `usual` where it has none."""
        value = self.values.get(name, "")
        return value if isinstance(value, str) and value else usual


@dataclass(frozen=True, slots=True)
class CaseStatus:
    """A case as a party's trail tells it (perjalanan perkara). Empty text and None: not known, or not so far.

    `period_date` puts it into a period: the recommendation's date, or the day (Jakarta) on which the case became known.
    `on_time` says whether the follow-up was reported by its due date, None while there is none. `answered`: something
    was heard of the case since it was recommended, so that "nothing done" is an answer and not silence. `known_date`, which
    never changes, is the day on which the case first became known: by its report, its referral, or the log (Jakarta).
    `event_date` is the day of the act, `election_kind` what the form of Bawaslu's number says: PEMILU, PILKADA. `origin` is
    REPORT or FINDING; the classes are those of the sanction that was recommended, and of that which the last decree imposes.
    `offence_step` is where the criminal track beside it stands (Sentra Gakkumdu), `offence_due_date` by when its next step is due.
    `supervisor_office` is that of Bawaslu's number, `examiner_office` the one to which the examiner assigned the case.
    """

    party: str
    matter: str
    case_id: str
    stage: str
    holder: str
    since: datetime
    period_date: date
    log_index: int
    supervisor: str = ""
    examiner: str = ""
    region: str = ""
    province: str = ""
    agency: str = ""
    tier: str = ""
    act: str = ""
    employment: str = ""
    post: str = ""
    recommended_date: date | None = None
    due_date: date | None = None
    followed_up_date: date | None = None
    on_time: bool | None = None
    verified_date: date | None = None
    status: str = ""
    answered: bool = False
    step: str = ""
    step_time: datetime | None = None
    blocked: bool = False
    known_date: date | None = None
    event_date: date | None = None
    election_kind: str = ""
    origin: str = ""
    recommended_class: str = ""
    imposed_class: str = ""
    offence_step: str = ""
    offence_due_date: date | None = None
    supervisor_office: str = ""
    examiner_office: str = ""

    @property
    def office(self) -> str:
        """Office that has the case: at the supervisor its own, at others the examiner's; empty if none is known."""
        return office_of(
            self.party,
            self.supervisor,
            self.supervisor_office,
            self.examiner,
            self.examiner_office,
            self.agency,
        )

    @property
    def derived_office(self) -> str:
        """The examiner's office that the case falls to by its agency's region, while it is assigned to none."""
        return "" if self.examiner_office else derived_office_of(self.examiner, self.agency)

    @property
    def quarter(self) -> str:
        """Quarter of the period date, such as `2024-Q4`."""
        return quarter_of(self.period_date)

    @property
    def election(self) -> str:
        """Election to which the case is derived to belong; empty if it is none that is known."""
        return election_of(self.region, self.event_date or self.known_date, self.election_kind)


def derived_office_of(examiner: str, agency: str) -> str:
    """Derive the examiner's office that an agency falls to; at each asking, and kept nowhere. Empty: none that is known."""
    line = offices.of_authority(examiner, agency)
    return line.code if line else ""


def office_of(
    party: str, supervisor: str, supervisor_office: str, examiner: str, examiner_office: str, agency: str
) -> str:
    """The office of a case as a party tells cases apart; see `CaseStatus.office`."""
    if party == supervisor:
        return supervisor_office
    return examiner_office or derived_office_of(examiner, agency)


def quarter_of(day: date) -> str:
    """The quarter of a day, such as `2024-Q4`."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def election_of(region: str, day: date | None, kind: str) -> str:
    """Derive the election of a case from its region, the day of the act (or on which it became known) and its kind, if known.

    It is derived at each asking and kept nowhere, so that cases of before and corrected data need no new log. Empty: none
    that is known.
    """
    return elections.id_of_case(region, day, KINDS.get(kind))


def tier_of(agency: str) -> str:
    """The tier of an institution: MINISTRY, PROVINCE, REGENCY, CITY; empty if it is none of the agreement."""
    try:
        return TIERS[institutions.institution(agency).kind]
    except Unknown:
        return ""


# --- what a fact says of a case -----------------------------------------------------------------------------------


def origin_of(happening: LogFact) -> str:
    """REPORT or FINDING; empty if the fact does not say."""
    origin = happening.text("origin")
    return origin if origin in ORIGINS else ""


def class_of(happening: LogFact, usual: str = "") -> str:
    """The class of sanction that a fact states; one that the agreement does not know is as good as not stated."""
    code = happening.text("sanction_class", usual)
    return code if code in sanctions.classes() else ""


def class_of_sanction(code: str) -> str:
    """The class of a sanction of the agreement's list; empty for none and for one that is not known here."""
    found = sanctions.sanctions().get(code)
    return found.sanction_class if found else ""


def election_kind_of(happening: LogFact) -> str:
    """The kind of election that the form of Bawaslu's number tells; empty if the fact has no such number."""
    try:
        number = happening.text("report_number") or happening.text("number")
        return bawaslu_numbers.number(number).election
    except Malformed:
        return ""


def supervisor_office_of(happening: LogFact) -> str:
    """The office of Bawaslu that registration, referral or a matter that passes on names, or else the report's number."""
    if happening.fact in ("registered", "referred") and (office := happening.text("office")):
        return office
    number = happening.text("report_number") or happening.text("number")
    return happening.text("supervisor_office") or bawaslu_numbers.office_of(number)


def post_of(happening: LogFact, usual: str) -> str:
    """The category of post; one that the agreement does not know is as good as not stated."""
    code = happening.text("post_category", usual)
    return code if code in posts.posts() else ""
