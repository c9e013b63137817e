"""Commands on disclosures: what a transaction does for officers, for the policy and for transfers, and the officers' calls."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from cooperation.disclosure import reads, tables, wire
from cooperation.disclosure.documents.commands import Matters, case_of, keep_document
from cooperation.disclosure.domain import decisions, documents, requests
from cooperation.disclosure.domain.requests import Disclosure
from exchange.context import FactKey
from exchange.delivery.transaction import Transaction
from exchange.statements import protobuf_mapping
from host import case_files, desk_requests
from host.command_rows import CallContext, Function, Method
from netral.disclosure.v1 import service_pb2 as pb
from netral.exchange.v1.person_pb2 import PersonnelFact
from netral.exchange.v1.record_pb2 import Record
from netral.exchange.v1.service_pb2 import Act
from refusals import Malformed, NotFound, WrongState

POLICY, OFFICER = "POLICY", "OFFICER"


# --- who asks ----------------------------------------------------------------------------------------------------


def request_disclosure(
    tx: Transaction, matter: str, known: Sequence[FactKey], command: requests.RequestDisclosure
) -> Record:
    """Ask a holder for data. `known`: the facts that say whether the desk has the matter."""
    case_id = case_of(tx, known)
    if command.holder == tx.party:
        raise Malformed("another party is asked", field="holder")
    holder_roles = roles_of(tx, command.holder)
    rule, event = requests.request(command, tx.party, roles_of(tx, tx.party), holder_roles, tx.today)
    part = b""
    if rule.identify:
        person = case_files.person_of(tx, matter)
        if not person.full_name:
            raise WrongState("the file names nobody for whom it could be asked", reason="NO_PERSON")
        part = wire.part(person=person)
    facts = wire.facts(event)
    type = f"netral.{rule.role}.disclosure_requested.v1"
    id = tx.send(type, command.holder, matter, case_id, facts, part=part)
    disclosure = requests.begin(
        event,
        party=tx.party,
        id=id,
        matter=matter,
        case_id=case_id,
        asker=tx.party,
        role=rule.role,
        holder=command.holder,
        now=tx.now,
    )
    save(tx, disclosure)
    return tx.record("disclosure.request", matter, case_id, disclosure.state, facts)


def order_fetch(tx: Transaction, matter: str, id: str) -> Record:
    """Have the granted documents fetched; nobody is told until they are here."""
    disclosure = asked_here(tx, matter, id)
    return save_and_record(tx, "disclosure.fetch", disclosure, requests.order_fetch(disclosure, tx.now))


def stop_fetch(tx: Transaction, matter: str, id: str, reason: str) -> Record:
    """End the fetching of what the holder does not give any more."""
    disclosure = asked_here(tx, matter, id)
    return save_and_record(
        tx, "disclosure.fetch_stopped", disclosure, requests.stop_fetch(disclosure, reason)
    )


def keep_fetched(tx: Transaction, matter: str, id: str, digest: str) -> Record:
    """Attach a granted document, whose bytes are on the shelf, to the matter."""
    disclosure = asked_here(tx, matter, id)
    found = next((each for each in disclosure.granted if each.digest == digest), None)
    if found is None:
        raise NotFound("no such document is granted")
    event = documents.DocumentAttached(found.digest, found.size, found.media_type, found.kind, id)
    if tx.get(tables.document_key(tx.party, matter, digest)) is not None:
        raise WrongState("this document is attached to the matter", reason="ALREADY_ATTACHED")
    return keep_document(tx, matter, disclosure.case_id, event, "")


def confirm(tx: Transaction, matter: str, id: str) -> Record:
    """Confirm that everything that was granted is here; the holder is told, with the digests."""
    disclosure = asked_here(tx, matter, id)
    keys = (tables.document_key(tx.party, matter, each.digest) for each in disclosure.granted)
    here = {document.digest for key in keys if (document := tx.get(key)) is not None}
    event = requests.receive(disclosure, here)
    tell_holder(tx, disclosure, event)
    return save_and_record(tx, "disclosure.receive", disclosure, event)


# --- who holds ---------------------------------------------------------------------------------------------------


def grant(
    tx: Transaction, matter: str, id: str, command: requests.Grant, given: Sequence[PersonnelFact], by: str
) -> Record:
    """Give what was asked for, as far as the policy allows; who asked is told. `given`: the facts that are entered."""
    disclosure = held_here(tx, matter, id)
    held = tx.get(tables.documents_key(tx.party, matter)) or ()
    event = decisions.grant(disclosure, command, judge(tx, disclosure), held, by, tx.now)
    names = wire.file_names(tx.person_file(matter), (each.digest for each in event.documents))
    part = wire.part(given=given, names=names)
    type = f"netral.{disclosure.of}.disclosure_granted.v1"
    tx.send(
        type, disclosure.asker, matter, disclosure.case_id, wire.facts(event), part=part, cause=disclosure.id
    )
    return save_and_record(tx, "disclosure.grant", disclosure, event)


def by_policy(tx: Transaction, matter: str, id: str) -> Record:
    """Decide a request by the policy alone: refuse what is no longer permitted, and give what needs no officer.

    Raises:
        WrongState: an officer has to decide, or it was decided.
    """
    disclosure = held_here(tx, matter, id)
    judgement = judge(tx, disclosure)
    if judgement.rule is None:
        return refuse(tx, disclosure, judgement.refusal, "", POLICY)
    if not judgement.rule.automatic:
        raise WrongState("an officer decides on this")
    return grant(tx, matter, id, requests.Grant(), (), POLICY)


def hand_over(tx: Transaction, matter: str, id: str, digest: str, offset: int, ticket: str) -> Record:
    """Record that a document goes to who asked, under a ticket with this SHA-256: what, to whom, for what, on whose authority."""
    disclosure = held_here(tx, matter, id)
    if disclosure.role not in roles_of(tx, disclosure.asker):
        raise WrongState("who asked no longer holds the role in which it did", reason="ROLE_NOT_HELD")
    decisions.check_handover(disclosure, digest, offset, tx.today, tx.now)
    event = documents.DocumentDisclosed(
        id,
        digest,
        offset,
        disclosure.asker,
        disclosure.purpose,
        disclosure.legal_basis,
        disclosure.authority,
        ticket,
    )
    facts = wire.facts(event)
    return tx.record("disclosure.hand_over", matter, disclosure.case_id, disclosure.state, facts)


def refuse(tx: Transaction, disclosure: Disclosure, reason: str, remarks: str, by: str) -> Record:
    """Refuse what was asked for; who asked is told."""
    event = decisions.refuse(disclosure, reason, by)
    type = f"netral.{disclosure.of}.disclosure_refused.v1"
    facts, part = wire.facts(event), wire.part(text=remarks)
    tx.send(
        type, disclosure.asker, disclosure.matter, disclosure.case_id, facts, part=part, cause=disclosure.id
    )
    return save_and_record(tx, "disclosure.refuse", disclosure, event)


def judge(tx: Transaction, disclosure: Disclosure) -> decisions.Judgement:
    """Apply the policy to a request, as roles and parties of the case are now."""
    if disclosure.role not in roles_of(tx, disclosure.asker):
        return decisions.Judgement("ROLE_NOT_HELD")
    others = tx.get(tables.case_parties_key(tx.party, disclosure.matter)) or frozenset()
    return decisions.judge(disclosure, others, tx.today)


# --- what they share ---------------------------------------------------------------------------------------------


def roles_of(tx: Transaction, party: str) -> frozenset[str]:
    """The roles that an institution holds now."""
    found = tx.desk.trust.get(party)
    return found.roles_at(tx.now) if found else frozenset()


def _one(tx: Transaction, matter: str, id: str) -> Disclosure:
    found: tuple[Disclosure, ...] = tx.get(tables.disclosures_key(tx.party, matter)) or ()
    for each in found:
        if each.id == id:
            return each
    raise NotFound("there is no such disclosure at this party", field="name")


def asked_here(tx: Transaction, matter: str, id: str) -> Disclosure:
    """A disclosure that this party asked for.

    Raises:
        NotFound: there is none of this id on the matter.
        WrongState: this party was asked.
    """
    disclosure = _one(tx, matter, id)
    if disclosure.asker != tx.party:
        raise WrongState("this party was asked; it did not ask", reason="NOT_THE_ASKER")
    return disclosure


def held_here(tx: Transaction, matter: str, id: str) -> Disclosure:
    """A disclosure that this party was asked for.

    Raises:
        NotFound: there is none of this id on the matter.
        WrongState: this party asked.
    """
    disclosure = _one(tx, matter, id)
    if disclosure.holder != tx.party:
        raise WrongState("this party asked; it was not asked", reason="NOT_THE_HOLDER")
    return disclosure


def tell_holder(tx: Transaction, disclosure: Disclosure, event: requests.DisclosureReceived) -> None:
    """Tell the holder that everything that it granted is here."""
    type = f"netral.{disclosure.role}.disclosure_received.v1"
    facts = wire.facts(event)
    tx.send(type, disclosure.holder, disclosure.matter, disclosure.case_id, facts, cause=disclosure.heard)


def save_and_record(tx: Transaction, action: str, disclosure: Disclosure, event: requests.Event) -> Record:
    """Save a disclosure after an event, and record it."""
    changed = replace(requests.apply(disclosure, event), updated=tx.now)
    save(tx, changed)
    return tx.record(action, disclosure.matter, disclosure.case_id, changed.state, wire.facts(event))


def save(tx: Transaction, disclosure: Disclosure) -> None:
    """Change a disclosure, or add it to those on its matter."""
    key = tables.disclosures_key(tx.party, disclosure.matter)
    tx.save(key, tables.changed(tx.get(key) or (), disclosure))


# --- what officers call ------------------------------------------------------------------------------------------


async def ask(matters: Matters, context: CallContext, request: pb.RequestDisclosureRequest) -> Act:
    """Ask a holder for data on a matter."""
    party, matter = desk_requests.parse_resource_name(request.name)
    command = protobuf_mapping.to_dataclass(request, requests.RequestDisclosure)
    known = [key(party, matter) for key in matters]
    keys = [*known, tables.disclosures_key(party, matter)]

    def handle(tx: Transaction) -> Record:
        return request_disclosure(tx, matter, known, command)

    return await desk_requests.run_command(context.commands, request, party, keys, handle, [(party, matter)])


async def decide_grant(context: CallContext, request: pb.GrantDisclosureRequest) -> Act:
    """Give what was asked for, as an officer."""
    given = list(request.facts)
    fields = tuple(each.field for each in given)
    command = protobuf_mapping.to_dataclass(request, requests.Grant, facts=fields)
    return await _decide(
        context, request, lambda tx, matter, id: grant(tx, matter, id, command, given, OFFICER)
    )


async def decide_refusal(context: CallContext, request: pb.RefuseDisclosureRequest) -> Act:
    """Refuse what was asked for, as an officer."""
    reason = wire.refusal_reason(request)

    def handle(tx: Transaction, matter: str, id: str) -> Record:
        return refuse(tx, held_here(tx, matter, id), reason, request.remarks, OFFICER)

    return await _decide(context, request, handle)


async def decide_fetch(context: CallContext, request: pb.FetchDisclosureRequest) -> Act:
    """Have what was granted fetched, as an officer."""
    return await _decide(context, request, order_fetch)


async def _decide(
    context: CallContext,
    request: pb.GrantDisclosureRequest | pb.RefuseDisclosureRequest | pb.FetchDisclosureRequest,
    handle: Callable[[Transaction, str, str], Record],
) -> Act:
    """Run a command on the request's disclosure."""
    party, id = desk_requests.parse_resource_name(request.name)
    matter = await reads.matter_of(context.desk.database, party, id)
    needed = (tables.disclosures_key, tables.documents_key, tables.case_parties_key)
    return await desk_requests.run_command(
        context.commands,
        request,
        party,
        [key(party, matter) for key in needed],
        lambda tx: handle(tx, matter, id),
        [(party, matter)],
    )


def methods(matters: Matters) -> tuple[Method, ...]:
    """The acts of a host whose parties have these matters."""
    return (
        Function(pb.RequestDisclosureRequest, partial(ask, matters)),
        Function(pb.GrantDisclosureRequest, decide_grant),
        Function(pb.RefuseDisclosureRequest, decide_refusal),
        Function(pb.FetchDisclosureRequest, decide_fetch),
    )
