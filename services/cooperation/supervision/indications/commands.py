"""Facts in, decision, buffered writes and statements out: an authority's team, and what Bawaslu tells it."""

from collections.abc import Collection
from dataclasses import replace

from agreement.parties import institutions
from cooperation.supervision.indications import domain, tables, wire
from cooperation.supervision.indications.wire import Record
from cooperation.supervision.shared_tables import NUMBER
from exchange.delivery.entity_store import use_number
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from refusals import NotAllowed, NotFound, Unavailable

PASSED = "netral.personnel_authority.information_passed.v1"


def record(tx: Transaction, command: domain.RecordIndication, teams: Collection[str], part: bytes) -> Record:
    """Record an indication; `part` has links, remarks and the person, `teams` the registered teams' numbers."""
    _require_authority(tx)
    event = domain.record(command, teams, tx.today)
    indication = domain.begin(tx.party, tx.desk.new_id(), event, tx.now)
    tx.save(tables.indication_key(tx.party, indication.id), indication)
    return _recorded(tx, "supervision.record", indication, event, part)


def settle(tx: Transaction, id: str, command: domain.SettleIndication, part: bytes) -> Record:
    """Settle an indication by guidance; it stays here."""
    indication = indication_for_change(tx, id)
    event = domain.settle(indication, command, tx.today)
    return _done(tx, "supervision.settle", indication, event, part)


def pass_on(tx: Transaction, id: str, command: domain.PassIndication, remarks: str) -> Record:
    """Pass an indication to the supervisor, with its file, sealed."""
    indication = indication_for_change(tx, id)
    event = domain.pass_on(indication, command, tx.today)
    supervisors = tx.desk.trust.holders("supervisor", tx.now)
    if len(supervisors) != 1:
        raise Unavailable("nobody, or more than one, holds the supervisor role now", reason="NO_SUPERVISOR")
    use_number(tx, "letter", event.letter_number, id, field="letter_number", word=NUMBER)
    part = wire.part_to_pass(tx, id, remarks)
    statement = tx.send(PASSED, supervisors[0], id, id, wire.facts(event), part=part)
    passed = replace(indication, supervisor=supervisors[0], statement=statement)
    return _done(tx, "supervision.pass", passed, event, wire.part(remarks))


def receive_answer(tx: Transaction, received: IncomingStatement) -> None:
    """Bawaslu tells of a stage."""
    indication = indication_for_change(tx, received.matter)
    event = wire.event(received.facts, domain.Answered)
    heard = domain.hear(indication, event, received.sender, received.case_id, received.id)
    tx.save(tables.indication_key(tx.party, indication.id), replace(heard, updated=tx.now))


def indication_for_change(tx: Transaction, id: str) -> domain.Indication:
    """The indication, loaded for change.

    Raises:
        NotFound: this party has no such indication.
    """
    indication: domain.Indication | None = tx.get(tables.indication_key(tx.party, id))
    if indication is None:
        raise NotFound("there is no such indication at this party", field="name")
    return indication


def _require_authority(tx: Transaction) -> None:
    party = tx.desk.trust.get(tx.party)
    if party is None or not party.holds(institutions.PERSONNEL_AUTHORITY, tx.now):
        raise NotAllowed("only a personnel authority has a team of its own", reason="ROLE_NOT_HELD")


def _done(
    tx: Transaction,
    action: str,
    indication: domain.Indication,
    event: domain.Settled | domain.Passed,
    part: bytes,
) -> Record:
    changed = replace(domain.apply(indication, event), updated=tx.now)
    tx.save(tables.indication_key(tx.party, indication.id), changed)
    return _recorded(tx, action, changed, event, part)


def _recorded(
    tx: Transaction, action: str, indication: domain.Indication, event: domain.Event, part: bytes
) -> Record:
    return tx.record(action, indication.id, indication.id, indication.state, wire.facts(event), part)
