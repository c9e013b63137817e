"""Facts in, decision, buffered writes and statements out: one function per command, one per statement that arrives."""

from collections.abc import Sequence
from dataclasses import replace

from agreement.parties import institutions
from cooperation.erasure import tables, wire
from cooperation.erasure.domain import holds, orders
from cooperation.erasure.domain.holds import Hold
from cooperation.erasure.domain.orders import Dealings, Erasure, Outcome
from cooperation.erasure.wire import Claimed, Record
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from refusals import Malformed, NotAllowed, NotFound

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


def order(tx: Transaction, matter: str, case_id: str, basis: str, ground: str) -> Record:
    """Order the erasure of a matter's personal data, here and wherever they went."""
    dealings = _dealings(tx, matter)
    event = orders.order(
        tx.get(tables.erasure_key(tx.party, matter)),
        dealings,
        tx.desk.new_id(),
        tx.party,
        basis,
        ground,
        tx.today,
    )
    begun = orders.begin(event, party=tx.party, matter=matter, case_id=case_id, heard_from="", now=tx.now)
    _pass_on(tx, begun, dealings)
    return tx.record("erasure.order", matter, case_id, begun.state, wire.facts(event))


def look_for_person(tx: Transaction, matter: str) -> Record:
    """Somebody looks for all matters on a matter's person: a record, before it is answered.

    Raises:
        NotFound: this party has no such matter.
    """
    if not _dealings(tx, matter).known:
        raise NotFound("there is no such matter at this party", field="name")
    return tx.record("erasure.find_same_person", matter, "", "")


def hear_ordered(tx: Transaction, received: IncomingStatement) -> None:
    """An order comes: from who collected the data, or passed on with its warrant."""
    event = wire.event(received.facts, orders.ErasureOrdered)
    _require_warrant(tx, received, event, event.ordered_by)
    dealings = _dealings(tx, received.matter)
    known = tx.get(tables.erasure_key(tx.party, received.matter))
    if not orders.hear(known, dealings, event, received.sender, tx.party):
        return
    warranted = replace(event, warrant=event.warrant or received.envelope.hex())
    begun = orders.begin(
        warranted,
        party=tx.party,
        matter=received.matter,
        case_id=received.case_id,
        heard_from=received.sender,
        now=tx.now,
    )
    _pass_on(tx, begun, dealings)


def hear_answered(tx: Transaction, received: IncomingStatement) -> None:
    """A holder says what it did about an order of this party."""
    key = tables.erasure_key(tx.party, received.matter)
    event = wire.event(received.facts, orders.ErasureAnswered)
    tx.save(key, orders.answer(tx.get(key), event, received.sender, tx.party, tx.now))


def stop(tx: Transaction, matter: str) -> Record:
    """A hold stops the order; who ordered is told."""
    erasure, held = _erasure(tx, matter), _standing(tx, matter)
    stopped = orders.hold(erasure, tx.now)
    tx.save(tables.erasure_key(tx.party, matter), stopped)
    _answer(tx, stopped, Outcome.HELD)
    event = orders.ErasureHeld(stopped.order, tuple(each.id for each in held), stopped.asked)
    return tx.record("erasure.hold", matter, stopped.case_id, stopped.state, wire.facts(event))


def begin(tx: Transaction, matter: str) -> Record:
    """Nothing stops the order: from here on nothing can."""
    started = orders.start(_erasure(tx, matter), bool(_standing(tx, matter)), tx.now)
    tx.save(tables.erasure_key(tx.party, matter), started)
    event = orders.ErasureBegun(started.order)
    return tx.record("erasure.begin", matter, started.case_id, started.state, wire.facts(event))


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
    erasure, dealings = _erasure(tx, matter), _dealings(tx, matter)
    done = orders.finish(erasure, len(emptied), documents, had_key, tx.now)
    done = _ask(tx, done, orders.to_ask(done, dealings))  # whoever got data since
    tx.save(tables.erasure_key(tx.party, matter), done)
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
    return tx.record("erasure.carry_out", matter, done.case_id, done.state, wire.facts(event))


def _pass_on(tx: Transaction, erasure: Erasure, dealings: Dealings) -> None:
    asked = _ask(tx, erasure, orders.to_ask(erasure, dealings))
    tx.save(tables.erasure_key(tx.party, erasure.id), asked)


def _ask(tx: Transaction, erasure: Erasure, parties: tuple[str, ...]) -> Erasure:
    facts = wire.facts(orders.said(erasure))
    for party in parties:
        tx.send(_type(tx, "erasure_ordered"), party, erasure.id, erasure.case_id, facts)
    return orders.ask(erasure, parties)


def _answer(tx: Transaction, erasure: Erasure, outcome: Outcome) -> None:
    if erasure.ordered_by == tx.party:
        return
    event = orders.ErasureAnswered(erasure.order, outcome, erasure.asked)
    type = _type(tx, "erasure_answered")
    tx.send(type, erasure.ordered_by, erasure.id, erasure.case_id, wire.facts(event))


def _erasure(tx: Transaction, matter: str) -> Erasure:
    found = tx.get(tables.erasure_key(tx.party, matter))
    if found is None:
        raise NotFound("no erasure of this matter is ordered", field="name")
    return found  # type: ignore[no-any-return]


def _dealings(tx: Transaction, matter: str) -> Dealings:
    return tx.get(tables.dealings_key(tx.party, matter)) or Dealings()


def _standing(tx: Transaction, matter: str) -> list[Hold]:
    """The holds that stop an erasure of this matter now."""
    of = (*_holds(tx, matter), *_holds(tx, ""))
    return [each for each in of if each.stands]


def _holds(tx: Transaction, target: str) -> tuple[Hold, ...]:
    return tx.get(tables.holds_key(tx.party, target)) or ()


# --- holds -------------------------------------------------------------------------------------------------------


def place_hold(tx: Transaction, target: str, case_id: str, reason: str) -> Record:
    """Stop erasures of a matter ("": of all that this party holds); on a matter, whoever has it too is told."""
    dealings = _dealings(tx, target)
    erasure = tx.get(tables.erasure_key(tx.party, target)) if target else None
    event = holds.place(
        tx.desk.new_id(),
        tx.party,
        reason,
        tx.today,
        known=not target or dealings.known,
        too_late=erasure is not None and erasure.state not in (orders.State.ORDERED, orders.State.HELD),
    )
    hold = Hold(tx.party, event.hold, target, tx.party, event.reason, event.place_date)
    _tell(tx, hold, "hold_placed", event, case_id, "")
    return tx.record("erasure.place_hold", target, case_id, "PLACED", wire.facts(event))


def lift_hold(tx: Transaction, target: str, case_id: str, id: str) -> Record:
    """Lift a hold of this party; those who were told of it are told."""
    lifted = holds.lift(_holds(tx, target), id, tx.party, tx.today)
    event = holds.HoldLifted(id, tx.party, tx.today)
    _tell(tx, replace(lifted, told=()), "hold_lifted", event, case_id, "", lifted.told)
    return tx.record("erasure.lift_hold", target, case_id, "LIFTED", wire.facts(event))


def hear_placed(tx: Transaction, received: IncomingStatement) -> None:
    """Another party placed a hold on a matter."""
    event = wire.event(received.facts, holds.HoldPlaced)
    _require_warrant(tx, received, event, event.placed_by)
    if not holds.hear_placed(_holds(tx, received.matter), event):
        return
    hold = Hold(tx.party, event.hold, received.matter, event.placed_by, event.reason, event.place_date)
    warranted = replace(event, warrant=event.warrant or received.envelope.hex())
    _tell(tx, hold, "hold_placed", warranted, received.case_id, received.sender)


def hear_lifted(tx: Transaction, received: IncomingStatement) -> None:
    """The party that placed a hold lifts it."""
    event = wire.event(received.facts, holds.HoldLifted)
    _require_warrant(tx, received, event, event.placed_by)
    held = _holds(tx, received.matter)
    if any(each.id == event.hold and not each.stands for each in held):
        return  # it came on another way
    lifted = holds.lift(held, event.hold, event.placed_by, event.lift_date)
    warranted = replace(event, warrant=event.warrant or received.envelope.hex())
    _tell(
        tx, replace(lifted, told=()), "hold_lifted", warranted, received.case_id, received.sender, lifted.told
    )


def _tell(
    tx: Transaction,
    hold: Hold,
    fact: str,
    event: holds.HoldPlaced | holds.HoldLifted,
    case_id: str,
    heard_from: str,
    before: Sequence[str] = (),
) -> None:
    """Keep a hold, and pass it on to whoever has the matter too, and to those who were told `before`."""
    dealings = _dealings(tx, hold.target) if hold.target else Dealings()
    others = {*dealings.sent_to, *dealings.heard_from, *before}
    parties = holds.to_tell(hold, others, heard_from)
    for party in parties:
        tx.send(_type(tx, fact), party, hold.target, case_id, wire.facts(event))
    key = tables.holds_key(tx.party, hold.target)
    told = replace(hold, told=tuple(sorted({*hold.told, *before, *parties})))
    tx.save(key, tables.changed(_holds(tx, hold.target), told))


# --- warrants ----------------------------------------------------------------------------------------------------


def _require_warrant(
    tx: Transaction,
    received: IncomingStatement,
    event: orders.ErasureOrdered | holds.HoldPlaced | holds.HoldLifted,
    author: str,
) -> None:
    """Refuse to pass on what its author did not say, of this matter, under a key that was the author's then.

    Raises:
        Malformed: the warrant is none, or says something else.
        NotAllowed: its author did not sign it.
    """
    if received.sender == author:
        return
    try:
        opened, statement, first = wire.warrant(bytes.fromhex(event.warrant))
    except Claimed as error:
        raise Malformed("the warrant is {problem}", problem=str(error), reason="NO_WARRANT") from error
    if first != replace(event, warrant="") or (statement.sender, statement.subject) != (
        author,
        received.matter,
    ):
        raise Malformed("the warrant says something else", reason="NO_WARRANT")
    signer = tx.desk.trust.signer(opened.keyid)
    at = wire.time_of(statement)
    if signer is None or signer[0].id != author or not signer[1].period.covers(at):
        raise NotAllowed("the warrant is not signed by its author", reason="BAD_WARRANT")
    if not opened.verified_by(signer[1].public):
        raise NotAllowed("the warrant's signature does not verify", reason="BAD_WARRANT")
