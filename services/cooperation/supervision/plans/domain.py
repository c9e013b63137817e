"""Joint supervision (pengawasan bersama): a plan of supervisor and examiner, proposed by one, agreed by the other, noted by both.

PKS 2020 and 2023, third field; what a plan must have was not readable, so it has a period, regions, and the acts in focus.
Dates are legal dates of whoever acts.

A plan is not refused or amended: a new one is proposed.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from agreement.enforcement import violations
from agreement.parties import identifiers, regions
from refusals import Conflict, Malformed, NotAllowed, WrongState


class State(StrEnum):
    """State of a plan."""

    PROPOSED = "PROPOSED"  # diusulkan
    AGREED = "AGREED"  # disepakati


@dataclass(frozen=True)
class Note:
    """A field note (catatan lapangan), or a finding with its matter. `statement` says it (UUIDv7)."""

    author: str
    note_date: date
    region: str
    act: str
    document_digest: str
    matter: str
    statement: str


@dataclass(frozen=True)
class Plan:
    """A plan at one of the two. Instants are UTC, digests lower-case hex; `heard` is the last statement of the other."""

    party: str
    id: str
    state: State
    created: datetime
    updated: datetime
    proposer: str
    partner: str
    number: str
    start_date: date
    end_date: date
    regions: tuple[str, ...]
    acts: tuple[str, ...]
    document_digest: str
    letter_number: str = ""
    agreed_date: date | None = None
    heard: str = ""
    notes: tuple[Note, ...] = ()

    @property
    def case_id(self) -> str:
        """Return its own id: a plan is of no case."""
        return self.id

    @property
    def other(self) -> str:
        """Return the other party of the plan."""
        return self.partner if self.party == self.proposer else self.proposer


@dataclass(frozen=True)
class Proposed:
    """A plan, as it is asked for and as it is told. A date is None only if it was left out."""

    number: str
    start_date: date | None
    end_date: date | None
    regions: tuple[str, ...]
    acts: tuple[str, ...]
    document_digest: str


@dataclass(frozen=True)
class Agreed:
    """Agreement to a plan."""

    letter_number: str
    agreed_date: date | None


@dataclass(frozen=True)
class Noted:
    """A field note."""

    note_date: date | None
    region: str
    act: str
    document_digest: str
    matter: str


Event = Proposed | Agreed | Noted


def propose(event: Proposed) -> Proposed:
    """Propose a plan, or take in what the other proposes.

    Raises:
        Malformed: number, period, regions, acts or digest cannot be right.
    """
    identifiers.decree_number(event.number, field="number")
    if event.start_date is None or event.end_date is None:
        raise Malformed("a plan has a first and a last day", field="start_date")
    if event.end_date < event.start_date:
        raise Malformed("before the first day", field="end_date")
    if not event.regions or not event.acts:
        raise Malformed("a plan has regions and acts in focus", field="acts" if event.regions else "regions")
    for at, code in enumerate(event.regions):
        regions.region(code, field=f"regions[{at}]")
    for at, code in enumerate(event.acts):
        violations.act_of(code, event.start_date, field=f"acts[{at}]")
    identifiers.sha256_hex(event.document_digest, field="document_digest")
    return event


def begin(party: str, id: str, event: Proposed, proposer: str, partner: str, now: datetime) -> Plan:
    """A plan as it was proposed; `event` has passed `propose`. `now` is UTC."""
    assert event.start_date is not None and event.end_date is not None
    return Plan(
        party,
        id,
        State.PROPOSED,
        now,
        now,
        proposer,
        partner,
        event.number,
        event.start_date,
        event.end_date,
        event.regions,
        event.acts,
        event.document_digest,
    )


def agree(plan: Plan, event: Agreed, by: str, today: date | None) -> Plan:
    """The plan after the partner agreed. `today` is its legal date; None where its word is taken.

    Raises:
        NotAllowed: `by` proposed it, or has nothing to do with it.
        WrongState: it was agreed before.
        Malformed: number or date cannot be right.
    """
    if by != plan.partner:
        raise NotAllowed("only who was asked agrees", reason="NOT_OURS_TO_AGREE")
    if plan.state != State.PROPOSED:
        raise WrongState("not possible now; the plan stands at: {state}", state=plan.state)
    number = identifiers.decree_number(event.letter_number, field="letter_number")
    day = _day(event.agreed_date, "agreed_date", today)
    return replace(plan, state=State.AGREED, letter_number=number, agreed_date=day)


def note(plan: Plan, event: Noted, by: str, statement: str, today: date | None) -> Plan:
    """The plan after a field note of either. `today` is the legal date of who notes; None where its word is taken.

    Raises:
        NotAllowed: `by` has nothing to do with it.
        WrongState: it is not agreed.
        Conflict: this note is there already.
        Malformed: day, region, act or digest are not of the plan or cannot be right; a matter without an act.
    """
    if by not in (plan.proposer, plan.partner):
        raise NotAllowed("only who supervises together notes", reason="NOT_OF_THE_PLAN")
    if plan.state != State.AGREED:
        raise WrongState("not possible now; the plan stands at: {state}", state=plan.state)
    day = _day(event.note_date, "note_date", today)
    if not plan.start_date <= day <= plan.end_date:
        raise Malformed("not within the plan's days", field="note_date")
    region = regions.region(event.region, field="region").code
    if region not in plan.regions and region[:2] not in plan.regions:
        raise Malformed("not in the plan's regions", field="region")
    if event.act:
        violations.act_of(event.act, day)
    elif event.matter:
        raise Malformed("a finding says which act", field="act")
    identifiers.sha256_hex(event.document_digest, field="document_digest")
    if any(one.statement == statement for one in plan.notes):
        raise Conflict("this note is there already", reason="NOTE_KNOWN")
    made = Note(by, day, region, event.act, event.document_digest, event.matter, statement)
    return replace(plan, notes=(*plan.notes, made))


def _day(day: date | None, field: str, today: date | None) -> date:
    if day is None:
        raise Malformed("there is no day", field=field)
    if today is not None and day > today:
        raise Malformed("in the future", field=field)
    return day
