"""Reports (laporan), findings (temuan) and first information at Bawaslu, from when they came in, and the facts that change them.

Pure: no I/O, no clock, no protobuf. What was never registered has no matter, so that only these rows tell of it. A report is known by
its case: a matter that was registered without having been taken in before is a report of its own.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from agreement.enforcement import intake
from agreement.parties import bawaslu_numbers
from cooperation.monitoring.figures.case_status import (
    ORIGINS,
    LogFact,
    election_of,
    quarter_of,
    supervisor_office_of,
)
from refusals import Malformed

_JAKARTA = ZoneInfo("Asia/Jakarta")

INFORMATION = "INFORMATION"
"""The origin of what is first information (informasi awal) and no finding yet."""

# States of a report, in the order of the way.
INFORMED, CLOSED, RECEIVED, TO_COMPLETE = "INFORMED", "CLOSED", "RECEIVED", "TO_COMPLETE"
NOT_REGISTERED, REGISTERED, CONCLUDED = "NOT_REGISTERED", "REGISTERED", "CONCLUDED"


@dataclass(frozen=True, slots=True)
class ReportStatus:
    """A report, a finding or first information as its party's trail tells it. Empty text and None: not known, or not so far.

    `period_date` puts it into a period: the day on which it came in, or, if it was registered at once, became known. `reason` is why it
    was not registered. `event_date` is the day of the act, `known_date` the one on which it became known, `election_kind` what Bawaslu
    says: PEMILU, PILKADA, `office` Bawaslu's that has it. Legal dates are the desk's.
    """

    party: str
    case_id: str
    state: str
    origin: str
    period_date: date
    log_index: int
    region: str = ""
    province: str = ""
    reason: str = ""
    event_date: date | None = None
    known_date: date | None = None
    election_kind: str = ""
    office: str = ""

    @property
    def quarter(self) -> str:
        """Quarter of the period date, such as `2024-Q4`."""
        return quarter_of(self.period_date)

    @property
    def election(self) -> str:
        """Election to which it is derived to belong; empty if it is none that is known."""
        return election_of(self.region, self.event_date or self.known_date, self.election_kind)


def fold(
    party: str, facts: Iterable[LogFact], known: Mapping[str, ReportStatus] | None = None
) -> dict[str, ReportStatus]:
    """Every report that the facts touch, by case, on from what is `known`."""
    found: dict[str, ReportStatus] = {}
    for fact in facts:
        change = _CHANGES.get(fact.fact)
        if change is None or not fact.case_id or fact.by != party:
            continue
        before = found.get(fact.case_id) or (known or {}).get(fact.case_id)
        if before is None and fact.fact not in _BEGINNINGS:
            continue
        after = change(before or _begin(party, fact), fact)
        found[fact.case_id] = replace(after, log_index=fact.index)
    return found


def touched(facts: Iterable[LogFact]) -> set[str]:
    """The cases whose reports the facts may change."""
    return {fact.case_id for fact in facts if fact.fact in _CHANGES}


def _begin(party: str, fact: LogFact) -> ReportStatus:
    day = fact.time.astimezone(_JAKARTA).date()
    return ReportStatus(party, fact.case_id, RECEIVED, "", day, fact.index)


# --- what each fact changes ---------------------------------------------------------------------------------------


def _text(fact: LogFact, name: str) -> str:
    value = fact.values.get(name, "")
    return value if isinstance(value, str) else ""


def _day(fact: LogFact, name: str) -> date | None:
    value = fact.values.get(name)
    return value if isinstance(value, date) else None


def _described(report: ReportStatus, fact: LogFact, origin: str, state: str, came_in: str) -> ReportStatus:
    """Take place and days from the fact by which it came in; `came_in` names its date."""
    region = _text(fact, "region") or report.region
    return replace(
        report,
        state=state,
        origin=origin,
        period_date=_day(fact, came_in) or report.period_date,
        region=region,
        province=region[:2],
        event_date=_day(fact, "event_date") or report.event_date,
        known_date=_day(fact, "known_date") or report.known_date,
        election_kind=_text(fact, "election") or report.election_kind,
        office=_text(fact, "office") or report.office,
    )


def _registered_matter(report: ReportStatus, fact: LogFact) -> ReportStatus:
    """A matter was registered: of a report that was taken in, or of one that is first heard of here."""
    if report.origin:
        return replace(report, state=REGISTERED)
    origin = _text(fact, "origin")
    found = _described(report, fact, origin if origin in ORIGINS else "", REGISTERED, "known_date")
    return replace(
        found, election_kind=_kind_of_number(_text(fact, "number")), office=supervisor_office_of(fact)
    )


def _kind_of_number(number: str) -> str:
    """The kind of election that the form of Bawaslu's number tells; empty if it is no such number."""
    try:
        return bawaslu_numbers.number(number).election
    except Malformed:
        return ""


def _assessed(report: ReportStatus, fact: LogFact) -> ReportStatus:
    asked = _text(fact, "category") == "COMPLETE"
    return replace(report, state=TO_COMPLETE if asked else RECEIVED)


def _declined(report: ReportStatus, fact: LogFact) -> ReportStatus:
    """Not registered; a reason that the agreement does not know is as good as not stated."""
    reason = _text(fact, "reason")
    known = reason in intake.terms("not_registered")
    return replace(report, state=NOT_REGISTERED, reason=reason if known else "")


def _at(state: str) -> Callable[[ReportStatus, LogFact], ReportStatus]:
    return lambda report, fact: replace(report, state=state)


_CHANGES: Mapping[str, Callable[[ReportStatus, LogFact], ReportStatus]] = {
    "information_received": lambda report, fact: _described(
        report, fact, INFORMATION, INFORMED, "received_date"
    ),
    "information_closed": _at(CLOSED),
    "report_received": lambda report, fact: _described(report, fact, "REPORT", RECEIVED, "received_date"),
    "finding_recorded": lambda report, fact: _described(report, fact, "FINDING", RECEIVED, "found_date"),
    "report_assessed": _assessed,
    "report_completed": _at(RECEIVED),
    "intake_delegated": lambda report, fact: replace(report, office=_text(fact, "office")),
    "registration_declined": _declined,
    "intake_registered": _at(REGISTERED),
    "intake_concluded": _at(CONCLUDED),
    "registered": _registered_matter,
    "study_concluded": _at(CONCLUDED),
}
_BEGINNINGS = frozenset({"information_received", "report_received", "finding_recorded", "registered"})
# Their records count although the same act told an authority's team something else.
OF_INTAKES = frozenset(_CHANGES) - {"registered", "study_concluded"}
