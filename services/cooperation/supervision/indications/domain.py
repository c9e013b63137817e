"""A first indication (indikasi awal) at a personnel authority: recorded by its team, settled by guidance or passed to Bawaslu.

Article 003 (Ogan Komering Ilir): a unit inside that detects early, corrects, guides, and turns to Bawaslu on first signs. Here
are codes and dates only; links, remarks and the person are in the encrypted file. Dates are legal dates of the authority.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from agreement.enforcement import violations
from agreement.parties import bawaslu_offices, identifiers, regions
from agreement.prevention import supervision
from refusals import Malformed, NotAllowed, WrongState


class State(StrEnum):
    """State of an indication at the authority."""

    RECORDED = "RECORDED"  # dicatat
    SETTLED = "SETTLED"  # dibina; end
    PASSED = "PASSED"  # disampaikan sebagai informasi awal; what is told of it is in `answers`


@dataclass(frozen=True)
class Answer:
    """Answer of Bawaslu on one stage. `statement` is the evidence; `case_id` the case at Bawaslu (both UUIDv7)."""

    stage: str
    stage_date: date | None
    number: str
    reason: str
    place: int
    matter: str
    case_id: str
    statement: str


@dataclass(frozen=True)
class Indication:
    """An indication without personal data. Instants are UTC, digests lower-case hex.

    `statement` is what passed it on, `supervisor` to whom; `stage` was told last.
    """

    party: str
    id: str
    state: State
    created: datetime
    updated: datetime
    team_number: str
    act: str
    channel: str
    region: str
    seen_date: date
    material_digests: tuple[str, ...]
    guidance: str = ""
    settled_date: date | None = None
    minutes_digest: str = ""
    letter_number: str = ""
    letter_date: date | None = None
    election: str = ""
    office: str = ""
    supervisor: str = ""
    statement: str = ""
    stage: str = ""
    answers: tuple[Answer, ...] = ()

    @property
    def case_id(self) -> str:
        """Return its own id: at the authority an indication is of no case yet."""
        return self.id


# --- commands and events -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RecordIndication:
    """Record what the team saw."""

    team_number: str
    act: str
    channel: str
    region: str
    seen_date: date
    material_digests: tuple[str, ...]


@dataclass(frozen=True)
class Recorded:
    """The indication was recorded."""

    team_number: str
    act: str
    channel: str
    region: str
    seen_date: date
    material_digests: tuple[str, ...]


@dataclass(frozen=True)
class SettleIndication:
    """Settle it by guidance (pembinaan)."""

    guidance: str
    settled_date: date
    minutes_digest: str


@dataclass(frozen=True)
class Settled:
    """The indication was settled by guidance."""

    guidance: str
    settled_date: date
    minutes_digest: str


@dataclass(frozen=True)
class PassIndication:
    """Pass it to Bawaslu as first information (informasi awal)."""

    letter_number: str
    letter_date: date
    election: str
    office: str


@dataclass(frozen=True)
class Passed:
    """The indication was passed to Bawaslu."""

    letter_number: str
    letter_date: date
    team_number: str
    election: str
    office: str
    act: str
    channel: str
    region: str
    seen_date: date
    evidence_digests: tuple[str, ...]


@dataclass(frozen=True)
class Answered:
    """Bawaslu says what became of it."""

    stage: str
    stage_date: date | None
    number: str
    reason: str
    place: int
    matter: str


Event = Recorded | Settled | Passed | Answered


def check_person(employment: str, nip: str, nik: str) -> None:
    """Check the identifiers of a person who is known: NIP for PNS, NI PPPK for PPPK, NIK for PPNPN, who have no NIP.

    Raises:
        Malformed: naming the field, never the value.
    """
    if employment != "PPNPN":
        identifiers.nip(nip, employment, field="person.nip")
    elif nip:
        raise Malformed("PPNPN have no NIP", field="person.nip")
    if nik or employment == "PPNPN":
        identifiers.nik(nik, field="person.nik")


def record(command: RecordIndication, teams: Collection[str], today: date) -> Recorded:
    """Record an indication. `teams` are the numbers under which this authority registered internal teams.

    Raises:
        Malformed: no team is registered under that number; act, channel, region or date cannot be right, or one material is named twice.
    """
    if command.team_number not in teams:
        raise Malformed(
            "no internal team is registered under this number",
            field="team_number",
            reason="TEAM_NOT_REGISTERED",
        )
    if command.seen_date > today:
        raise Malformed("in the future", field="seen_date")
    violations.act_of(command.act, command.seen_date)
    supervision.channel(command.channel)
    regions.region(command.region, field="region")
    if len(set(command.material_digests)) < len(command.material_digests):
        raise Malformed("named twice", field="material")
    return Recorded(
        command.team_number,
        command.act,
        command.channel,
        command.region,
        command.seen_date,
        command.material_digests,
    )


def settle(indication: Indication, command: SettleIndication, today: date) -> Settled:
    """Settle an indication by guidance, with its minutes.

    Raises:
        WrongState: it was settled or passed on before.
        Malformed: kind of guidance or date cannot be right.
    """
    _require_open(indication)
    guidance = supervision.guidance(command.guidance)
    _since_seen(indication, command.settled_date, today, "settled_date")
    return Settled(guidance.code, command.settled_date, command.minutes_digest)


def pass_on(indication: Indication, command: PassIndication, today: date) -> Passed:
    """Pass an indication to Bawaslu, with the digests of what was seen.

    Raises:
        WrongState: it was settled or passed on before, or nothing was seen that could be shown.
        Malformed: number, date or office cannot be right.
    """
    _require_open(indication)
    if not indication.material_digests:
        raise WrongState("there is no material to show", reason="NO_EVIDENCE")
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    _since_seen(indication, command.letter_date, today, "letter_date")
    return Passed(
        letter_number=number,
        letter_date=command.letter_date,
        team_number=indication.team_number,
        election=command.election,
        office=bawaslu_offices.office(command.office),
        act=indication.act,
        channel=indication.channel,
        region=indication.region,
        seen_date=indication.seen_date,
        evidence_digests=indication.material_digests,
    )


def hear(indication: Indication, event: Answered, sender: str, case_id: str, statement: str) -> Indication:
    """The indication after Bawaslu told of a stage.

    Raises:
        NotAllowed: it was not passed to the sender.
        Malformed: there is no such stage, or the stage is of the whole and a person is named, or the reverse.
    """
    if indication.state != State.PASSED or sender != indication.supervisor:
        raise NotAllowed("the information was not passed to the sender", reason="NOT_THE_SUPERVISOR")
    stage = supervision.stage(event.stage)
    if (stage.of == supervision.MATTER) != bool(event.place):
        raise Malformed(
            "a place among the persons goes with what is told of one, and only then", field="place"
        )
    if event.matter and not event.place:
        raise Malformed("a matter is of one person", field="matter")
    answer = Answer(
        stage.code,
        event.stage_date,
        event.number,
        event.reason,
        event.place,
        event.matter,
        case_id,
        statement,
    )
    return replace(indication, stage=stage.code, answers=(*indication.answers, answer))


def begin(party: str, id: str, event: Recorded, now: datetime) -> Indication:
    """An indication as it was recorded at `now` (UTC)."""
    return Indication(
        party,
        id,
        State.RECORDED,
        now,
        now,
        event.team_number,
        event.act,
        event.channel,
        event.region,
        event.seen_date,
        event.material_digests,
    )


def informed(party: str, id: str, event: Passed, statement: str, now: datetime) -> Indication:
    """An indication of which an organiser of elections was told; `statement` is what passed it to Bawaslu."""
    seen = Recorded(
        event.team_number, event.act, event.channel, event.region, event.seen_date, event.evidence_digests
    )
    return replace(apply(begin(party, id, seen, now), event), statement=statement)


def apply(indication: Indication, event: Settled | Passed) -> Indication:
    """The indication after what the authority did."""
    if isinstance(event, Settled):
        return replace(
            indication,
            state=State.SETTLED,
            guidance=event.guidance,
            settled_date=event.settled_date,
            minutes_digest=event.minutes_digest,
        )
    return replace(
        indication,
        state=State.PASSED,
        letter_number=event.letter_number,
        letter_date=event.letter_date,
        election=event.election,
        office=event.office,
    )


def _require_open(indication: Indication) -> None:
    if indication.state != State.RECORDED:
        raise WrongState("not possible now; the indication stands at: {state}", state=indication.state)


def _since_seen(indication: Indication, day: date, today: date, field: str) -> None:
    if day > today:
        raise Malformed("in the future", field=field)
    if day < indication.seen_date:
        raise Malformed("before it was seen", field=field)
