"""Facts in, decision, buffered writes and statements out: one function per command, one per statement that arrives."""

from collections.abc import Sequence
from dataclasses import replace

from cooperation.disclosure import tables, wire
from cooperation.disclosure.domain import decisions, documents, requests
from cooperation.disclosure.domain.requests import Disclosure
from cooperation.disclosure.wire import PersonnelFact, Record
from exchange.context import FactKey
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from host import case_files
from refusals import Malformed, NotAllowed, NotFound, WrongState

POLICY, OFFICER = "POLICY", "OFFICER"


# --- who asks ----------------------------------------------------------------------------------------------------


def request(
    tx: Transaction, matter: str, known: Sequence[FactKey], command: requests.RequestDisclosure
) -> Record:
    """Ask a holder for data. `known`: the facts that say whether the desk has the matter."""
    case_id = case_of(tx, known)
    if command.holder == tx.party:
        raise Malformed("another party is asked", field="holder")
    holder_roles = _roles(tx, command.holder)
    rule, event = requests.request(command, tx.party, _roles(tx, tx.party), holder_roles, tx.today)
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
    _put(tx, disclosure)
    return tx.record("disclosure.request", matter, case_id, disclosure.state, facts)


def order_fetch(tx: Transaction, matter: str, id: str) -> Record:
    """Have the granted documents fetched; nobody is told until they are here."""
    disclosure = _asked_for(tx, matter, id)
    return _done(tx, "disclosure.fetch", disclosure, requests.order_fetch(disclosure, tx.now))


def stop_fetch(tx: Transaction, matter: str, id: str, reason: str) -> Record:
    """The holder does not give it any more."""
    disclosure = _asked_for(tx, matter, id)
    return _done(tx, "disclosure.fetch_stopped", disclosure, requests.stop_fetch(disclosure, reason))


def keep_fetched(tx: Transaction, matter: str, id: str, digest: str) -> Record:
    """A granted document is on the shelf: attach it to the matter."""
    disclosure = _asked_for(tx, matter, id)
    found = next((each for each in disclosure.granted if each.digest == digest), None)
    if found is None:
        raise NotFound("no such document is granted")
    event = documents.DocumentAttached(found.digest, found.size, found.media_type, found.kind, id)
    if tx.get(tables.document_key(tx.party, matter, digest)) is not None:
        raise WrongState("this document is attached to the matter", reason="ALREADY_ATTACHED")
    return _attach(tx, matter, disclosure.case_id, event, "")


def confirm(tx: Transaction, matter: str, id: str) -> Record:
    """Everything that was granted is here; the holder is told, with the digests."""
    disclosure = _asked_for(tx, matter, id)
    keys = (tables.document_key(tx.party, matter, each.digest) for each in disclosure.granted)
    here = {document.digest for key in keys if (document := tx.get(key)) is not None}
    event = requests.receive(disclosure, here)
    _tell_holder(tx, disclosure, event)
    return _done(tx, "disclosure.receive", disclosure, event)


# --- who holds ---------------------------------------------------------------------------------------------------


def grant(
    tx: Transaction, matter: str, id: str, command: requests.Grant, given: Sequence[PersonnelFact], by: str
) -> Record:
    """Give what was asked for, as far as the policy allows; who asked is told. `given`: the facts that are entered."""
    disclosure = _held(tx, matter, id)
    held = tx.get(tables.documents_key(tx.party, matter)) or ()
    event = decisions.grant(disclosure, command, _judge(tx, disclosure), held, by, tx.now)
    names = wire.file_names(tx.person_file(matter), (each.digest for each in event.documents))
    part = wire.part(given=given, names=names)
    type = f"netral.{disclosure.of}.disclosure_granted.v1"
    tx.send(
        type, disclosure.asker, matter, disclosure.case_id, wire.facts(event), part=part, cause=disclosure.id
    )
    return _done(tx, "disclosure.grant", disclosure, event)


def refuse(tx: Transaction, matter: str, id: str, reason: str, remarks: str, by: str) -> Record:
    """Refuse what was asked for; who asked is told."""
    return _refuse(tx, _held(tx, matter, id), reason, remarks, by)


def by_policy(tx: Transaction, matter: str, id: str) -> Record:
    """Decide a request by the policy alone: refuse what is no longer permitted, and give what needs no officer.

    Raises:
        WrongState: an officer has to decide, or it was decided.
    """
    disclosure = _held(tx, matter, id)
    judgement = _judge(tx, disclosure)
    if judgement.rule is None:
        return _refuse(tx, disclosure, judgement.refusal, "", POLICY)
    if not judgement.rule.automatic:
        raise WrongState("an officer decides on this")
    return grant(tx, matter, id, requests.Grant(), (), POLICY)


def hand_over(tx: Transaction, matter: str, id: str, digest: str, offset: int, ticket: str) -> Record:
    """A document goes to who asked, under a ticket with this SHA-256: what, to whom, for what, on whose authority."""
    disclosure = _held(tx, matter, id)
    if disclosure.role not in _roles(tx, disclosure.asker):
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


def _refuse(tx: Transaction, disclosure: Disclosure, reason: str, remarks: str, by: str) -> Record:
    event = decisions.refuse(disclosure, reason, by)
    type = f"netral.{disclosure.of}.disclosure_refused.v1"
    facts, part = wire.facts(event), wire.part(text=remarks)
    tx.send(
        type, disclosure.asker, disclosure.matter, disclosure.case_id, facts, part=part, cause=disclosure.id
    )
    return _done(tx, "disclosure.refuse", disclosure, event)


def _judge(tx: Transaction, disclosure: Disclosure) -> decisions.Judgement:
    if disclosure.role not in _roles(tx, disclosure.asker):
        return decisions.Judgement("ROLE_NOT_HELD")
    others = tx.get(tables.case_parties_key(tx.party, disclosure.matter)) or frozenset()
    return decisions.judge(disclosure, others, tx.today)


# --- what the other one says -------------------------------------------------------------------------------------


def hear_requested(tx: Transaction, received: IncomingStatement) -> None:
    """Another party asks for data: refused at once where the policy says so, else it waits for policy or officer."""
    event = wire.event(received.facts, requests.DisclosureRequested)
    requests.check_arrived(event)
    if event.request_date != received.time.astimezone(tx.desk.law.zone(received.sender)).date():
        raise Malformed("not the date of the statement", field="request_date")
    if event.of not in _roles(tx, tx.party):
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
    _put(tx, disclosure)
    judgement = _judge(tx, disclosure)
    if judgement.rule is None:
        _refuse(tx, disclosure, judgement.refusal, "", POLICY)


def hear_granted(tx: Transaction, received: IncomingStatement) -> None:
    """Take up a grant. Facts alone are here with the grant, and confirmed at once."""
    event = wire.event(received.facts, requests.DisclosureGranted)
    disclosure = _answered(tx, received, event.disclosure)
    if len(event.documents) > requests.MAX_DOCUMENTS or not all(
        documents.is_digest(each.digest) and each.size > 0 for each in event.documents
    ):
        raise Malformed("not documents as a grant describes them", field="documents")
    if sorted(wire.given_fields(received.part)) != sorted(event.fields):
        raise Malformed("the personal part has other facts than the grant names", field="fields")
    granted = replace(requests.apply(disclosure, event), updated=tx.now, heard=received.id)
    _put(tx, granted)
    if not event.documents:
        confirmed = requests.receive(granted, ())
        _tell_holder(tx, granted, confirmed)
        _done(tx, "disclosure.receive", granted, confirmed)


def hear_refused(tx: Transaction, received: IncomingStatement) -> None:
    """Take up a refusal."""
    event = wire.event(received.facts, requests.DisclosureRefused)
    disclosure = _answered(tx, received, event.disclosure)
    _put(tx, replace(requests.apply(disclosure, event), updated=tx.now, heard=received.id))


def hear_received(tx: Transaction, received: IncomingStatement) -> None:
    """Take up the asker's confirmation of what it received."""
    event = wire.event(received.facts, requests.DisclosureReceived)
    disclosure = _held(tx, received.matter, event.disclosure)
    if received.sender != disclosure.asker:
        raise NotAllowed("only who asked confirms", reason="OTHER_PARTY")
    requests.check_confirmed(disclosure, event)
    _put(tx, replace(requests.apply(disclosure, event), updated=tx.now, heard=received.id))


# --- documents ---------------------------------------------------------------------------------------------------


def attach(tx: Transaction, matter: str, known: Sequence[FactKey], upload: documents.Upload) -> Record:
    """Attach a document whose bytes are on the shelf."""
    case_id = case_of(tx, known)
    event = documents.attach(upload, tx.get(tables.document_key(tx.party, matter, upload.digest)))
    return _attach(tx, matter, case_id, event, upload.file_name)


def read(tx: Transaction, matter: str, digest: str, purpose: str, known: Sequence[FactKey]) -> Record:
    """An officer reads a document: a record."""
    document: documents.Document | None = tx.get(tables.document_key(tx.party, matter, digest))
    if document is None:
        raise NotFound("there is no such document at this party", field="name")
    facts = wire.facts(documents.DocumentRead(digest, purpose))
    return tx.record("disclosure.read_document", matter, case_of(tx, known), "", facts)


def _attach(
    tx: Transaction, matter: str, case_id: str, event: documents.DocumentAttached, file_name: str
) -> Record:
    document = documents.Document(
        tx.party,
        matter,
        event.digest,
        event.size,
        event.media_type,
        event.kind,
        tx.now,
        event.disclosure,
    )
    tx.save(tables.document_key(tx.party, matter, event.digest), document)
    part = wire.part(names={event.digest: file_name}) if file_name else b""
    return tx.record("disclosure.attach_document", matter, case_id, "", wire.facts(event), part)


def case_of(tx: Transaction, known: Sequence[FactKey]) -> str:
    """The case of a matter, of which one of these facts says that the desk has it.

    Raises:
        NotFound: there is no such matter at this party.
    """
    for key in known:
        if (found := tx.get(key)) is not None:
            case_id: str = found.case_id
            return case_id
    raise NotFound("there is no such matter at this party", field="name")


# --- what they share ---------------------------------------------------------------------------------------------


def _roles(tx: Transaction, party: str) -> frozenset[str]:
    """The roles that an institution holds now."""
    found = tx.desk.trust.get(party)
    return frozenset(role for role in found.roles if found.holds(role, tx.now)) if found else frozenset()


def _one(tx: Transaction, matter: str, id: str) -> Disclosure:
    found: tuple[Disclosure, ...] = tx.get(tables.disclosures_key(tx.party, matter)) or ()
    for each in found:
        if each.id == id:
            return each
    raise NotFound("there is no such disclosure at this party", field="name")


def _asked_for(tx: Transaction, matter: str, id: str) -> Disclosure:
    disclosure = _one(tx, matter, id)
    if disclosure.asker != tx.party:
        raise WrongState("this party was asked; it did not ask", reason="NOT_THE_ASKER")
    return disclosure


def _held(tx: Transaction, matter: str, id: str) -> Disclosure:
    disclosure = _one(tx, matter, id)
    if disclosure.holder != tx.party:
        raise WrongState("this party asked; it was not asked", reason="NOT_THE_HOLDER")
    return disclosure


def _answered(tx: Transaction, received: IncomingStatement, id: str) -> Disclosure:
    """The disclosure that the holder answers."""
    disclosure = _asked_for(tx, received.matter, id)
    if received.sender != disclosure.holder or received.type.split(".")[1] != disclosure.of:
        raise NotAllowed("only who was asked answers", reason="OTHER_PARTY")
    if disclosure.state != requests.State.REQUESTED:
        raise WrongState("the disclosure is {state}", state=disclosure.state)
    return disclosure


def _tell_holder(tx: Transaction, disclosure: Disclosure, event: requests.DisclosureReceived) -> None:
    type = f"netral.{disclosure.role}.disclosure_received.v1"
    facts = wire.facts(event)
    tx.send(type, disclosure.holder, disclosure.matter, disclosure.case_id, facts, cause=disclosure.heard)


def _done(tx: Transaction, action: str, disclosure: Disclosure, event: requests.Event) -> Record:
    changed = replace(requests.apply(disclosure, event), updated=tx.now)
    _put(tx, changed)
    return tx.record(action, disclosure.matter, disclosure.case_id, changed.state, wire.facts(event))


def _put(tx: Transaction, disclosure: Disclosure) -> None:
    key = tables.disclosures_key(tx.party, disclosure.matter)
    tx.save(key, tables.changed(tx.get(key) or (), disclosure))
