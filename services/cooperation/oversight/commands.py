"""Facts in, decision, buffered writes and statements out: one function per command, one for the copies that arrive."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from agreement.parties import institutions
from cooperation.oversight import tables, wire
from cooperation.oversight.domain import matters, rules
from cooperation.oversight.domain.matters import Blocked, Opened, Unblocked
from cooperation.oversight.wire import Record
from exchange.delivery.entity_store import use_number
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from refusals import NotAllowed, NotFound, Refusal

BLOCKED = "netral.data_holder.blocked.v1"
UNBLOCKED = "netral.data_holder.unblocked.v1"
WARNED = "netral.warner.warned.v1"


def open_copy(tx: Transaction, id: str, command: matters.OpenCopy) -> Record:
    """An officer opens a copy: a record, nobody is told."""
    watched = watched_for_change(tx, id)
    event = rules.open_copy(watched, command)
    return _done(tx, "oversight.open", watched, event)


def block(tx: Transaction, id: str, command: matters.BlockData) -> Record:
    """Block the person's data; authority and examiner are told."""
    watched = watched_for_change(tx, id)
    _require_role(tx, institutions.DATA_HOLDER)
    event = rules.block(watched, command, tx.today, tx.now)
    _claim(tx, "act", event.act_number, id, "act_number")
    _tell(tx, BLOCKED, watched, event, [watched.addressee, watched.examiner])
    return _done(tx, "oversight.block", watched, event)


def unblock(tx: Transaction, id: str, command: matters.UnblockData) -> Record:
    """Lift the block; authority and examiner are told."""
    watched = watched_for_change(tx, id)
    _require_role(tx, institutions.DATA_HOLDER)
    event = rules.unblock(watched, command, tx.today, tx.now)
    _claim(tx, "act", event.act_number, id, "act_number")
    _tell(tx, UNBLOCKED, watched, event, [watched.addressee, watched.examiner])
    return _done(tx, "oversight.unblock", watched, event)


def warn(tx: Transaction, ids: Mapping[str, str], command: matters.WarnAuthority) -> Record:
    """Warn the addressees of many matters in one letter, all or none; gives the record of the first.

    `ids` are the matters, each with the field that names it. Examiner and data holder get copies.
    """
    records = [_warn_one(tx, field, id, command) for id, field in ids.items()]
    _claim(tx, "letter", command.letter_number, next(iter(ids)), "letter_number")
    return records[0]


def _warn_one(tx: Transaction, field: str, id: str, command: matters.WarnAuthority) -> Record:
    watched = watched_for_change(tx, id, field)
    _require_role(tx, institutions.WARNER)
    try:
        event = rules.warn(watched, command, tx.today, tx.now)
    except Refusal as refusal:
        refusal.field = refusal.field or field  # of the matters of a letter it is this one
        raise
    original = _tell(tx, WARNED, watched, event, [watched.addressee])
    copied = [watched.examiner, *tx.desk.trust.holders(institutions.DATA_HOLDER, tx.now)]
    others = [each for each in dict.fromkeys(copied) if each not in (watched.addressee, tx.party)]
    _tell(tx, WARNED, watched, event, others, copy_of=original[0])
    return _done(tx, "oversight.warn", watched, event)


def receive(tx: Transaction, received: IncomingStatement) -> None:
    """Take up a copy (tembusan); that of a recommendation begins the watched matter."""
    if not received.copy_of:
        raise NotAllowed("an overseer is sent copies only", reason="NOT_A_COPY")
    if not _oversees(tx):
        raise NotAllowed("this party oversees nobody", reason="NOT_AN_OVERSEER")
    key = tables.watched_key(tx.party, received.matter)
    event = wire.event(received.facts)
    assert not isinstance(event, Opened | Blocked | Unblocked), type(event)
    watched: matters.Watched | None = tx.get(key)
    if watched is None:
        if not isinstance(event, matters.Recommended):
            raise NotFound("there is no such watched matter at this party", field="name")
        watched = rules.blank(tx.party, received.matter, received.case_id, tx.now)
    changed = rules.hear(watched, event, received.sender, received.copy_of)
    tx.save(key, replace(changed, updated=tx.now, heard=received.id))


def watched_for_change(tx: Transaction, id: str, field: str = "name") -> matters.Watched:
    """The watched matter, loaded for change.

    Raises:
        NotFound: this party watches no such matter.
    """
    watched: matters.Watched | None = tx.get(tables.watched_key(tx.party, id))
    if watched is None:
        raise NotFound("there is no such watched matter at this party", field=field)
    return watched


def _oversees(tx: Transaction) -> bool:
    return rules.is_superior(tx.party) or any(
        _holds(tx, role) for role in (institutions.DATA_HOLDER, institutions.WARNER)
    )


def _holds(tx: Transaction, role: str) -> bool:
    party = tx.desk.trust.get(tx.party)
    return party is not None and party.holds(role, tx.now)


def _require_role(tx: Transaction, role: str) -> None:
    if not _holds(tx, role):
        raise NotAllowed("this party does not hold the role {role}", role=role, reason="ROLE_NOT_HELD")


def _claim(tx: Transaction, kind: str, number: str, id: str, field: str) -> None:
    use_number(tx, kind, number, id, field=field, word=tables.NUMBER)


def _tell(
    tx: Transaction,
    type: str,
    watched: matters.Watched,
    event: matters.OwnEvent,
    recipients: Iterable[str],
    copy_of: str = "",
) -> list[str]:
    facts = wire.facts(event)
    return [
        tx.send(type, each, watched.id, watched.case_id, facts, cause=watched.heard, copy_of=copy_of)
        for each in recipients
    ]


def _done(tx: Transaction, action: str, watched: matters.Watched, event: matters.OwnEvent) -> Record:
    changed = replace(rules.apply(watched, event), updated=tx.now)
    tx.save(tables.watched_key(tx.party, watched.id), changed)
    facts = wire.facts(event)
    return tx.record(action, watched.id, watched.case_id, changed.state, facts)
