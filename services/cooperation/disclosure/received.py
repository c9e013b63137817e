"""Statements on disclosures, one row per type, for every role that asks or holds."""

from dataclasses import replace

from agreement.information import disclosure as rules
from cooperation.disclosure import commands, wire
from cooperation.disclosure.domain import documents, requests
from cooperation.disclosure.domain.requests import Disclosure
from cooperation.disclosure.tables import CASE_PARTIES, DISCLOSURES
from exchange.delivery.inbox.handlers import Handler, IncomingStatement
from exchange.delivery.transaction import Transaction
from host.received_rows import receives, receives_as
from netral.disclosure.v1 import events_pb2 as pb
from refusals import Malformed, NotAllowed, WrongState


def receive_requested(
    tx: Transaction, received: IncomingStatement, event: requests.DisclosureRequested
) -> None:
    """Take up a request: refused at once where the policy says so, else it waits for policy or officer."""
    requests.check_arrived(event)
    if event.request_date != received.time.astimezone(tx.desk.law.zone(received.sender)).date():
        raise Malformed("not the date of the statement", field="request_date")
    if event.of not in commands.roles_of(tx, tx.party):
        raise NotAllowed("this party does not hold that role", reason="ROLE_NOT_HELD")
    disclosure = requests.begin(
        event,
        party=tx.party,
        id=received.id,
        matter=received.matter,
        case_id=received.case_id,
        asker=received.sender,
        role=received.type.split(".")[1],
        holder=tx.party,
        now=tx.now,
    )
    disclosure = replace(disclosure, heard=received.id)
    commands.save(tx, disclosure)
    judgement = commands.judge(tx, disclosure)
    if judgement.rule is None:
        commands.refuse(tx, disclosure, judgement.refusal, "", commands.POLICY)


def receive_granted(tx: Transaction, received: IncomingStatement, event: requests.DisclosureGranted) -> None:
    """Take up a grant. Facts alone are here with the grant, and confirmed at once."""
    disclosure = _answered(tx, received, event.disclosure)
    if len(event.documents) > requests.MAX_DOCUMENTS or not all(
        documents.is_digest(each.digest) and each.size > 0 for each in event.documents
    ):
        raise Malformed("not documents as a grant describes them", field="documents")
    if sorted(wire.given_fields(received.part)) != sorted(event.fields):
        raise Malformed("the personal part has other facts than the grant names", field="fields")
    granted = replace(requests.apply(disclosure, event), updated=tx.now, heard=received.id)
    commands.save(tx, granted)
    if not event.documents:
        confirmed = requests.receive(granted, ())
        commands.tell_holder(tx, granted, confirmed)
        commands.save_and_record(tx, "disclosure.receive", granted, confirmed)


def receive_refused(tx: Transaction, received: IncomingStatement, event: requests.DisclosureRefused) -> None:
    """Take up a refusal."""
    disclosure = _answered(tx, received, event.disclosure)
    commands.save(tx, replace(requests.apply(disclosure, event), updated=tx.now, heard=received.id))


def receive_received(
    tx: Transaction, received: IncomingStatement, event: requests.DisclosureReceived
) -> None:
    """Take up the asker's confirmation of what it received."""
    disclosure = commands.held_here(tx, received.matter, event.disclosure)
    if received.sender != disclosure.asker:
        raise NotAllowed("only who asked confirms", reason="OTHER_PARTY")
    requests.check_confirmed(disclosure, event)
    commands.save(tx, replace(requests.apply(disclosure, event), updated=tx.now, heard=received.id))


def _answered(tx: Transaction, received: IncomingStatement, id: str) -> Disclosure:
    """The disclosure that the holder answers."""
    disclosure = commands.asked_here(tx, received.matter, id)
    if received.sender != disclosure.holder or received.type.split(".")[1] != disclosure.of:
        raise NotAllowed("only who was asked answers", reason="OTHER_PARTY")
    if disclosure.state != requests.State.REQUESTED:
        raise WrongState("the disclosure stands at: {state}", state=disclosure.state)
    return disclosure


# By the role that asks, and by the role that holds.
_FROM_ASKERS = {
    "disclosure_requested": receives(
        pb.DisclosureRequested, requests.DisclosureRequested, receive_requested, DISCLOSURES, CASE_PARTIES
    ),
    "disclosure_received": receives(
        pb.DisclosureReceived, requests.DisclosureReceived, receive_received, DISCLOSURES
    ),
}
_FROM_HOLDERS = {
    "disclosure_granted": receives_as(pb.DisclosureGranted, wire.granted, receive_granted, DISCLOSURES),
    "disclosure_refused": receives(
        pb.DisclosureRefused, requests.DisclosureRefused, receive_refused, DISCLOSURES
    ),
}


def _by_type(rows: dict[str, Handler], roles: set[str]) -> dict[str, Handler]:
    return {f"netral.{role}.{fact}.v1": row for fact, row in rows.items() for role in sorted(roles)}


RECEIVED = _by_type(_FROM_ASKERS, {rule.role for rule in rules.rules()}) | _by_type(
    _FROM_HOLDERS, {rule.of for rule in rules.rules()}
)
