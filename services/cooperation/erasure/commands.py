"""Commands on erasures and holds: what a transaction does for the executor and for those who say so, and the officers' calls."""

from collections.abc import Sequence
from dataclasses import replace

from agreement.parties import institutions
from cooperation.erasure import reads, same_person, tables, wire
from cooperation.erasure.domain import holds, orders
from cooperation.erasure.domain.holds import Hold
from cooperation.erasure.domain.orders import Dealings, Erasure, Outcome
from cooperation.erasure.tables import DEALINGS, ERASURES
from exchange.delivery.transaction import Transaction
from host import desk_requests
from host.command_rows import CallContext, Function
from netral.erasure.v1 import service_pb2 as pb
from netral.exchange.v1.record_pb2 import Record
from netral.exchange.v1.service_pb2 import Act
from refusals import NotAllowed, NotFound

ROLES = (
    institutions.SUPERVISOR,
    institutions.EXAMINER,
    institutions.PERSONNEL_AUTHORITY,
    institutions.DATA_HOLDER,
    institutions.WARNER,
)


def _type(tx: Transaction, fact: str) -> str:
    """The type under which this party may say it: by the first role that it holds, or keeps for handing over.

    Raises:
        NotAllowed: it holds none.
    """
    for role in ROLES:
        if tx.desk.may_send(tx.party, f"netral.{role}.{fact}.v1", role, tx.now):
            return f"netral.{role}.{fact}.v1"
    raise NotAllowed("this party holds no role", reason="ROLE_NOT_HELD")


# --- orders ------------------------------------------------------------------------------------------------------


def stop(tx: Transaction, matter: str) -> Record:
    """A hold stops the order; who ordered is told."""
    erasure, held = ERASURES.existing(tx, matter), _standing(tx, matter)
    stopped = orders.hold(erasure, tx.now)
    ERASURES.save(tx, matter, stopped)
    _answer(tx, stopped, Outcome.HELD)
    event = orders.ErasureHeld(stopped.order, tuple(each.id for each in held), stopped.asked)
    return tx.record("erasure.hold", matter, stopped.case_id, stopped.state, wire.EVENTS.to_message(event))


def begin(tx: Transaction, matter: str) -> Record:
    """Begin to carry out an order that nothing stops: from here on nothing can."""
    started = orders.start(ERASURES.existing(tx, matter), bool(_standing(tx, matter)), tx.now)
    ERASURES.save(tx, matter, started)
    event = orders.ErasureBegun(started.order)
    return tx.record("erasure.begin", matter, started.case_id, started.state, wire.EVENTS.to_message(event))


def finish(
    tx: Transaction,
    matter: str,
    emptied: Sequence[str],
    documents: int,
    *,
    had_key: bool,
    origins: Sequence[str] = (),
) -> Record:
    """The key is destroyed: what it opened is deleted, who ordered is told, and whoever got data since the order too.

    `origins` are what the matter came of and whose keys are destroyed with it.
    """
    erasure, dealings = ERASURES.existing(tx, matter), dealings_of(tx, matter)
    done = orders.finish(erasure, len(emptied), documents, had_key, tx.now)
    done = _ask(tx, done, orders.to_ask(done, dealings))  # whoever got data since
    ERASURES.save(tx, matter, done)
    for each in (matter, *origins):
        tx.save(tables.forgotten_key(tx.party, each), True)
    _answer(tx, done, Outcome(done.state))
    event = orders.ErasureCarriedOut(
        done.order,
        done.ordered_by,
        done.basis,
        done.ground,
        done.state,
        tuple(emptied),
        documents,
        done.asked if done.ordered_by != tx.party else (),
    )
    return tx.record("erasure.carry_out", matter, done.case_id, done.state, wire.EVENTS.to_message(event))


def pass_on(tx: Transaction, erasure: Erasure, dealings: Dealings) -> None:
    """Save an order, and pass it on to those who may have the data."""
    asked = _ask(tx, erasure, orders.to_ask(erasure, dealings))
    ERASURES.save(tx, erasure.id, asked)


def _ask(tx: Transaction, erasure: Erasure, parties: tuple[str, ...]) -> Erasure:
    facts = wire.EVENTS.to_message(orders.said(erasure))
    for party in parties:
        tx.send(_type(tx, "erasure_ordered"), party, erasure.id, erasure.case_id, facts)
    return orders.ask(erasure, parties)


def _answer(tx: Transaction, erasure: Erasure, outcome: Outcome) -> None:
    if erasure.ordered_by == tx.party:
        return
    event = orders.ErasureAnswered(erasure.order, outcome, erasure.asked)
    type = _type(tx, "erasure_answered")
    tx.send(type, erasure.ordered_by, erasure.id, erasure.case_id, wire.EVENTS.to_message(event))


def dealings_of(tx: Transaction, matter: str) -> Dealings:
    """The party's exchanges on a matter."""
    return DEALINGS.find(tx, matter) or Dealings()


def _standing(tx: Transaction, matter: str) -> list[Hold]:
    """The holds that stop an erasure of this matter now."""
    of = (*holds_on(tx, matter), *holds_on(tx, ""))
    return [each for each in of if each.stands]


def holds_on(tx: Transaction, target: str) -> tuple[Hold, ...]:
    """All holds on a matter ("": on all that the party holds), lifted ones too."""
    return tx.get(tables.holds_key(tx.party, target)) or ()


# --- holds -------------------------------------------------------------------------------------------------------


def share_hold(
    tx: Transaction,
    hold: Hold,
    fact: str,
    event: holds.HoldPlaced | holds.HoldLifted,
    case_id: str,
    heard_from: str,
    before: Sequence[str] = (),
) -> None:
    """Keep a hold, and pass it on to whoever has the matter too, and to those who were told `before`."""
    dealings = dealings_of(tx, hold.target) if hold.target else Dealings()
    others = {*dealings.sent_to, *dealings.heard_from, *before}
    parties = holds.to_tell(hold, others, heard_from)
    for party in parties:
        tx.send(_type(tx, fact), party, hold.target, case_id, wire.EVENTS.to_message(event))
    key = tables.holds_key(tx.party, hold.target)
    told = replace(hold, told=tuple(sorted({*hold.told, *before, *parties})))
    tx.save(key, tables.changed(holds_on(tx, hold.target), told))


# --- what officers call ------------------------------------------------------------------------------------------


async def order_erasure(context: CallContext, request: pb.OrderErasureRequest) -> Act:
    """Order the erasure of a matter's personal data, here and wherever they went."""
    party, matter = desk_requests.parse_resource_name(request.name)
    case_id = await reads.case_of(context.desk.database, party, matter)

    def handle(tx: Transaction) -> Record:
        dealings = dealings_of(tx, matter)
        known = ERASURES.find(tx, matter)
        order = tx.desk.new_id()
        event = orders.order(known, dealings, order, party, request.basis, request.ground, tx.today)
        begun = orders.begin(event, party=party, matter=matter, case_id=case_id, heard_from="", now=tx.now)
        pass_on(tx, begun, dealings)
        return tx.record("erasure.order", matter, case_id, begun.state, wire.EVENTS.to_message(event))

    keys = [ERASURES.key(party, matter), DEALINGS.key(party, matter)]
    return await desk_requests.run_command(context.commands, request, party, keys, handle)


async def find_same_person(
    context: CallContext, request: pb.FindSamePersonRequest
) -> pb.FindSamePersonResponse:
    """Record that somebody looks for all matters on a matter's person, then look."""
    party, matter = desk_requests.parse_resource_name(request.name)

    def handle(tx: Transaction) -> Record:
        if not dealings_of(tx, matter).known:
            raise NotFound("there is no such matter at this party", field="name")
        return tx.record("erasure.find_same_person", matter, "", "")

    keys = [DEALINGS.key(party, matter)]
    act = await desk_requests.run_command(context.commands, request, party, keys, handle)
    found = await same_person.same_person(context.desk, party, matter)
    names = [f"institutions/{party}/matters/{each}" for each in found]
    return pb.FindSamePersonResponse(names=names, record=act.record)


async def place_hold(context: CallContext, request: pb.PlaceHoldRequest) -> Act:
    """Stop erasures of a matter, or of all that this party holds; on a matter, whoever has it too is told."""
    party, target = _held(request.name)
    case_id = await reads.case_of(context.desk.database, party, target) if target else ""

    def handle(tx: Transaction) -> Record:
        erasure = ERASURES.find(tx, target) if target else None
        event = holds.place(
            tx.desk.new_id(),
            party,
            request.reason,
            tx.today,
            known=not target or dealings_of(tx, target).known,
            too_late=erasure is not None and erasure.state not in (orders.State.ORDERED, orders.State.HELD),
        )
        hold = Hold(party, event.hold, target, party, event.reason, event.place_date)
        share_hold(tx, hold, "hold_placed", event, case_id, "")
        return tx.record("erasure.place_hold", target, case_id, "PLACED", wire.EVENTS.to_message(event))

    keys = [tables.holds_key(party, target), DEALINGS.key(party, target)]
    keys += [ERASURES.key(party, target)] if target else []
    return await desk_requests.run_command(context.commands, request, party, keys, handle)


async def lift_hold(context: CallContext, request: pb.LiftHoldRequest) -> Act:
    """Lift a hold of this party; those who were told of it are told."""
    party, id = desk_requests.parse_resource_name(request.name)
    target = await reads.target_of(context.desk.database, party, id)
    case_id = await reads.case_of(context.desk.database, party, target) if target else ""

    def handle(tx: Transaction) -> Record:
        lifted = holds.lift(holds_on(tx, target), id, party, tx.today)
        event = holds.HoldLifted(id, party, tx.today)
        share_hold(tx, replace(lifted, told=()), "hold_lifted", event, case_id, "", lifted.told)
        return tx.record("erasure.lift_hold", target, case_id, "LIFTED", wire.EVENTS.to_message(event))

    keys = [tables.holds_key(party, target), DEALINGS.key(party, target)]
    return await desk_requests.run_command(context.commands, request, party, keys, handle)


def _held(name: str) -> tuple[str, str]:
    """Institution and matter ("": everything) of what a hold is placed on."""
    if "/matters/" in name:
        return desk_requests.parse_resource_name(name)
    return desk_requests.parse_institution_name(name, "name"), ""


METHODS = (
    Function(pb.OrderErasureRequest, order_erasure),
    Function(pb.FindSamePersonRequest, find_same_person),
    Function(pb.PlaceHoldRequest, place_hold),
    Function(pb.LiftHoldRequest, lift_hold),
)
