"""Circulars (surat edaran) and campaigns: issued to many authorities in one act, opened, and answered by acts.

Sender and addressee each keep what is theirs: a `Campaign` knows its addressees, a `Received` what was asked and done. Who
holds which role is left to the commands; kinds of letters and acts are the agreement's data.

An act in answer to a campaign has the campaign's id in the place of a matter, an act on one's own has its own: the
trail of a campaign is found by one id at both ends.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from agreement.parties import identifiers, institutions, regions
from agreement.prevention import campaigns
from cooperation.prevention.campaigns import readings
from cooperation.prevention.campaigns.units import is_unit
from refusals import Malformed, NotAllowed, WrongState

MAX_PEOPLE = 5_000_000


@dataclass(frozen=True)
class Campaign:
    """A circular or campaign at its sender. Instants are UTC, digests hex."""

    party: str
    id: str
    kind: str
    number: str
    letter_date: date
    due_date: date | None
    asks: tuple[str, ...]
    pledge: str
    document_digest: str
    addressees: tuple[str, ...]
    created: datetime
    updated: datetime


class State(StrEnum):
    """State of a campaign at an addressee."""

    RECEIVED = "RECEIVED"  # masuk, not yet opened by an officer
    OPENED = "OPENED"  # dibuka
    ACTED = "ACTED"  # ditindaklanjuti: at least one act or list is reported
    DONE = "DONE"  # all that was asked for is reported


@dataclass(frozen=True)
class Received:
    """A campaign at an addressee; `done` are the codes of what was reported so far, each once."""

    party: str
    id: str
    sender: str
    state: State
    kind: str
    number: str
    letter_date: date
    due_date: date | None
    asks: tuple[str, ...]
    pledge: str
    document_digest: str
    created: datetime
    updated: datetime
    done: tuple[str, ...] = ()
    heard: str = ""

    @property
    def case_id(self) -> str:
        """Return its own id: a campaign is of no case."""
        return self.id


@dataclass(frozen=True)
class Report:
    """An act of prevention at an authority, or a list of pledges (`pledge_list` and `root` then), as it was told.

    `pledge` is the text that was read, if it was stated with its digest, and `read_by` the post of who read it.
    """

    party: str
    id: str
    authority: str
    campaign: str
    act: str
    created: datetime
    number: str = ""
    act_date: date | None = None
    document_digest: str = ""
    people: int = 0
    units: tuple[str, ...] = ()
    pledge_list: str = ""
    root: str = ""
    pledge: str = ""
    read_by: str = ""


# --- commands and events -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class IssueCampaign:
    """Address a circular or campaign: to those named, to all regional authorities, or to those of an election's regions.

    The latter two of one province, if it is named.
    """

    kind: str
    number: str
    letter_date: date
    due_date: date | None
    asks: tuple[str, ...]
    document_digest: str
    addressees: tuple[str, ...]
    all_regional: bool
    province: str
    election: str = ""


@dataclass(frozen=True)
class Issued:
    """Campaign as each addressee is told of it."""

    kind: str
    number: str
    letter_date: date | None
    due_date: date | None
    asks: tuple[str, ...]
    document_digest: str
    pledge: str
    election: str = ""


@dataclass(frozen=True)
class Opened:
    """The campaign was opened by an officer of the addressee."""

    number: str


@dataclass(frozen=True)
class ReportAct:
    """Report an act: a roll-call held, a task force formed; `pledge` is the text that was read (empty: the usual one)."""

    act: str
    number: str
    act_date: date
    document_digest: str
    people: int
    units: tuple[str, ...]
    pledge: str = ""
    read_by: str = ""


@dataclass(frozen=True)
class Reported:
    """An act as those are told who are to know. The date is None only if left out.

    Of a roll-call: which text of the pledge was read, its digest, and the post of who read it.
    """

    act: str
    number: str
    act_date: date | None
    document_digest: str
    people: int
    units: tuple[str, ...]
    pledge: str = ""
    pledge_digest: str = ""
    read_by: str = ""


Event = Issued | Opened | Reported


def issue(command: IssueCampaign, today: date, parties: Collection[str]) -> tuple[Issued, tuple[str, ...]]:
    """Issue to these addressees. `today` is the legal date at the sender, `parties` who can be reached as an authority.

    Raises:
        Malformed: kind, number, a date, an act or an addressee cannot be right, or there is no addressee.
    """
    kind = campaigns.kind(command.kind).code
    number = identifiers.decree_number(command.number, field="number")
    if command.letter_date > today:
        raise Malformed("in the future", field="letter_date")
    if command.due_date is not None and command.due_date < command.letter_date:
        raise Malformed("before the letter", field="due_date")
    asks = tuple(campaigns.act(code, field=f"asks[{at}]").code for at, code in enumerate(command.asks))
    pledge = (
        readings.text_asked_for(command.election, command.letter_date, today).id
        if any(campaigns.act(code).list for code in asks)
        else ""
    )
    addressees = _addressees(command, parties)
    event = Issued(
        kind,
        number,
        command.letter_date,
        command.due_date,
        asks,
        command.document_digest,
        pledge,
        command.election,
    )
    return event, addressees


def _addressees(command: IssueCampaign, parties: Collection[str]) -> tuple[str, ...]:
    if command.province and (
        command.addressees or regions.region(command.province, field="province").kind != "province"
    ):
        raise Malformed("a province, and only where no addressees are named", field="province")
    if sum((command.all_regional, bool(command.addressees), bool(command.election))) != 1:
        raise Malformed("either addressees, all regional authorities or an election", field="addressees")
    if command.addressees:
        for at, addressee in enumerate(command.addressees):
            institutions.institution(addressee, field=f"addressees[{at}]")
            if addressee not in parties:
                raise Malformed("not an authority that can be reached", field=f"addressees[{at}]")
        return command.addressees
    every = (
        campaigns.addressees_of(command.election)
        if command.election
        else institutions.personnel_authorities()
    )
    found = tuple(each for each in every if each in parties and is_in(each, command.province))
    if not found:
        raise Malformed("there is no such authority that can be reached", field="province")
    return found


def is_in(authority: str, province: str) -> bool:
    """True if a regional authority is in a province (code `PP`; empty: in any). Central ones are in none."""
    region = institutions.institution(authority).region
    return region is not None and (not province or region[:2] == province)


def begin(party: str, id: str, event: Issued, addressees: tuple[str, ...], now: datetime) -> Campaign:
    """A campaign as it was issued at `now` (UTC), whose letter has a date."""
    assert event.letter_date is not None
    return Campaign(
        party,
        id,
        event.kind,
        event.number,
        event.letter_date,
        event.due_date,
        event.asks,
        event.pledge,
        event.document_digest,
        addressees,
        now,
        now,
    )


def receive(party: str, id: str, sender: str, event: Issued, heard: str, now: datetime) -> Received:
    """A campaign arrives.

    Raises:
        Malformed: it has no date, or asks for what is not of the agreement.
    """
    if event.letter_date is None:
        raise Malformed("a letter has a date", field="letter_date")
    campaigns.kind(event.kind)
    for code in event.asks:
        campaigns.act(code, field="asks")
    return Received(
        party,
        id,
        sender,
        State.RECEIVED,
        event.kind,
        event.number,
        event.letter_date,
        event.due_date,
        event.asks,
        event.pledge,
        event.document_digest,
        now,
        now,
        heard=heard,
    )


def open_campaign(campaign: Received) -> Opened:
    """Open what arrived.

    Raises:
        WrongState: it was opened before.
    """
    if campaign.state != State.RECEIVED:
        raise WrongState("not possible now; the campaign stands at: {state}", state=campaign.state)
    return Opened(campaign.number)


def require_opened(state: str) -> None:
    """Refuse an answer to what nobody has opened.

    Raises:
        WrongState: it was not opened.
    """
    if state == State.RECEIVED:
        raise WrongState("the campaign was not opened yet", field="campaign", reason="NOT_OPENED")


def report(command: ReportAct, campaign: Received | None, today: date) -> Reported:
    """Report an act, in answer to a campaign or on the authority's own initiative. `today` is the legal date there.

    Raises:
        Malformed: it is not of the list, is shown by a list of pledges, or lacks what its kind needs.
        WrongState: the campaign was not opened.
    """
    act = campaigns.act(command.act)
    if act.list:
        raise Malformed("shown by a list of pledges, not by a report", field="act", reason="LIST_NEEDED")
    for need, field, given in (
        (campaigns.NUMBER, "number", command.number),
        (campaigns.DOCUMENT, "document_digest", command.document_digest),
        (campaigns.PEOPLE, "people", command.people),
        (campaigns.READER, "read_by", command.read_by),
    ):
        if need in act.needs and not given:
            raise Malformed("this act is reported with it", field=field)
    if command.number:
        identifiers.decree_number(command.number, field="number")
    if command.act_date > today:
        raise Malformed("in the future", field="act_date")
    if command.people > MAX_PEOPLE:
        raise Malformed("more people than there are", field="people")
    for at, unit in enumerate(command.units):
        require_unit(unit, f"units[{at}]")
    if campaign is not None:
        require_opened(campaign.state)
    pledge, digest, read_by = _read(command, act, campaign)
    return Reported(
        act.code,
        command.number,
        command.act_date,
        command.document_digest,
        command.people,
        command.units,
        pledge,
        digest,
        read_by,
    )


def _read(command: ReportAct, act: campaigns.Act, campaign: Received | None) -> tuple[str, str, str]:
    """Name the text that was read at the act, its digest, and the post of who read it; all empty where none is read."""
    if campaigns.READER not in act.needs:
        for field, given in (("pledge", command.pledge), ("read_by", command.read_by)):
            if given:
                raise Malformed("no pledge is read at this act", field=field)
        return "", "", ""
    asked = campaign.pledge if campaign is not None else ""
    text = readings.text_read(command.pledge or asked, command.act_date)
    return text.id, text.sha256, campaigns.reader(command.read_by).code


def heard(event: Reported) -> Reported:
    """An act as an authority tells it.

    Raises:
        Malformed: it is not of the list, is shown by a list of pledges, has no day, or names what is no unit or number.
    """
    act = campaigns.act(event.act)
    if act.list:
        raise Malformed("shown by a list of pledges, not by a report", field="act", reason="LIST_NEEDED")
    if event.act_date is None:
        raise Malformed("an act has a day", field="act_date")
    if event.number:
        identifiers.decree_number(event.number, field="number")
    if not 0 <= event.people <= MAX_PEOPLE:
        raise Malformed("more people than there are", field="people")
    for at, unit in enumerate(event.units):
        require_unit(unit, f"units[{at}]")
    readings.require_reading(event.pledge, event.read_by)
    return event


def report_of(event: Reported, party: str, id: str, authority: str, campaign: str, now: datetime) -> Report:
    """An act of an authority as a party keeps it from `now` (UTC) on; `campaign` is the one that it answers, "" if none."""
    return Report(
        party,
        id,
        authority,
        campaign,
        event.act,
        now,
        event.number,
        event.act_date,
        event.document_digest,
        event.people,
        event.units,
        pledge=event.pledge,
        read_by=event.read_by,
    )


def require_unit(unit: str, field: str) -> None:
    """Refuse what is not a unit code.

    Raises:
        Malformed: it is none.
    """
    if not is_unit(unit):
        raise Malformed(
            "not a unit code: up to 20 capitals, digits, dots and hyphens, not a personal number", field=field
        )


def acted(campaign: Received, act: str) -> Received:
    """The campaign after an act of this code was reported."""
    done = tuple(dict.fromkeys((*campaign.done, act)))
    state = State.DONE if set(campaign.asks) <= set(done) else State.ACTED
    return replace(campaign, done=done, state=state)


def require_addressee(campaign: Campaign | None, sender: str) -> Campaign:
    """The campaign that a sender answers.

    Raises:
        NotAllowed: this party addressed no such campaign to it.
    """
    if campaign is None or sender not in campaign.addressees:
        raise NotAllowed("no such campaign was addressed to the sender", reason="NOT_AN_ADDRESSEE")
    return campaign
