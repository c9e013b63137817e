"""Two parties' signed views of what went between them, compared number by number: who lacks what. No I/O.

A *view* (JSON in a DSSE envelope, signed by its party) lists each statement that a party sent to a peer and received from it:
number, id, matter, SHA-256 of the envelope, index in its own log, and what receipts say. `gaps` is a pure function of two
views, so a reconciliation is a file that holds both, and anybody can check it and come to the same result. What a view says of
its own log is that party's word: an export or a pack of the log shows whether it is true (`audit.verification.cross_check`).
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from types import NoneType
from typing import Any

from audit.formats import dsse
from audit.verification.findings import Keys

JsonObject = Mapping[str, Any]
"""An object of a JSON document that a party signed; its values are checked where they are read."""
VIEW_FORMAT, FORMAT = "netral-pair-view/1", "netral-reconciliation/1"
VIEW_TYPE = "application/vnd.netral.pair-view.v1+json"

NEVER_SENT = "never sent"
SENT_NOT_RECEIVED = "sent, not received"
RECEIVED_NOT_ACKNOWLEDGED = "received, not acknowledged"
ACKNOWLEDGED_NOT_HELD = "acknowledged, not held any more"
RECEIVED_NOT_SENT = "received, not held by its sender"
OTHER_BYTES = "held in other bytes"
NOT_IN_LOG = "held, not in the log"


# Of one pair and way. Numbers have no gaps, so a view with a larger one would be as long as that.
MOST_NUMBERS = 10_000_000


class BadView(ValueError):
    """Not a view, or not signed by its party."""


@dataclass(frozen=True, slots=True)
class Item:
    """One statement in a view; `index` is None if the party's log does not have it (yet)."""

    sequence: int
    id: str
    matter: str
    digest: str
    index: int | None
    custody: bool
    outcome: str


@dataclass(frozen=True, slots=True)
class PairView:
    """View that `party` has of its exchange with `peer`; `as_of` is UTC. By sequence."""

    party: str
    peer: str
    as_of: datetime
    checkpoint: str
    sent: Mapping[int, Item]
    received: Mapping[int, Item]


@dataclass(frozen=True, slots=True)
class Gap:
    """Difference of two views: of the statements of `sender` to `recipient`, which, in what way, and who lacks it."""

    sender: str
    recipient: str
    sequence: int
    statement: str
    matter: str
    kind: str
    lacking: str


def payload(view: PairView) -> bytes:
    """The bytes of a view that its party signs."""
    document = {
        "format": VIEW_FORMAT,
        "party": view.party,
        "peer": view.peer,
        "as_of": view.as_of.isoformat(timespec="microseconds"),
        "checkpoint": view.checkpoint,
        "sent": [asdict(view.sent[number]) for number in sorted(view.sent)],
        "received": [asdict(view.received[number]) for number in sorted(view.received)],
    }
    return _print(document)


def envelope(signed: bytes, keyid: str, signature: bytes) -> bytes:
    """A DSSE envelope in JSON around a view."""
    return _print(
        {
            "payload": b64encode(signed).decode(),
            "payloadType": VIEW_TYPE,
            "signatures": [{"keyid": keyid, "sig": b64encode(signature).decode()}],
        }
    )


def open_view(data: bytes, keys: Keys) -> PairView:
    """The view in an envelope that its party signed.

    Raises:
        BadView: it is none, or signed by nobody who may.
    """
    try:
        outer = json.loads(data)
        (signature,) = outer["signatures"]
        signed, made = (b64decode(text, validate=True) for text in (outer["payload"], signature["sig"]))
        view = _view(json.loads(signed))
        key, type = keys.get(signature["keyid"]), outer["payloadType"]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise BadView(f"not a view of a pair: {error}") from None
    if type != VIEW_TYPE or key is None or key.party != view.party:
        raise BadView(f"the view is not signed with a key of {view.party}")
    if not key.may_sign(view.as_of) or not dsse.is_signed_by(key.public, made, VIEW_TYPE, signed):
        raise BadView(f"the signature of {view.party} does not verify")
    return view


def gaps(one: PairView, other: PairView) -> list[Gap]:
    """List where two views of one pair differ, both ways.

    Raises:
        BadView: they are of different pairs.
    """
    if (one.party, one.peer) != (other.peer, other.party):
        raise BadView("these are not the two sides of one pair")
    return [*_one_way(one, other), *_one_way(other, one)]


def _one_way(sender: PairView, recipient: PairView) -> list[Gap]:
    sent, received = sender.sent, recipient.received
    found = []
    for number in range(1, max([*sent, *received], default=0) + 1):
        here, there = sent.get(number), received.get(number)
        known = here or there
        for kind, lacking in _kinds(here, there, sender.party, recipient.party):
            id, matter = (known.id, known.matter) if known else ("", "")
            found.append(Gap(sender.party, recipient.party, number, id, matter, kind, lacking))
    return found


def _kinds(here: Item | None, there: Item | None, sender: str, recipient: str) -> list[tuple[str, str]]:
    """List the gaps of one number: the kind, and who lacks something."""
    if here is None and there is None:
        return [(NEVER_SENT, recipient)]
    if here is None:
        return [(RECEIVED_NOT_SENT, sender)]
    if there is None:
        return [(ACKNOWLEDGED_NOT_HELD if here.custody else SENT_NOT_RECEIVED, recipient)]
    if here.digest != there.digest:
        return [(OTHER_BYTES, recipient)]
    found = [
        (NOT_IN_LOG, party) for party, item in ((sender, here), (recipient, there)) if item.index is None
    ]
    return found if here.custody else [*found, (RECEIVED_NOT_ACKNOWLEDGED, sender)]


def file(one: bytes, other: bytes, found: list[Gap]) -> bytes:
    """A reconciliation: both signed views, and what follows from them."""
    views = [json.loads(one), json.loads(other)]
    return _print({"format": FORMAT, "views": views, "gaps": [asdict(gap) for gap in found]})


def read_file(data: bytes, keys: Keys) -> tuple[PairView, PairView, list[Gap]]:
    """The views of a reconciliation and the gaps that follow from them.

    Raises:
        BadView: a view is not signed by its party, or what the file states does not follow.
    """
    try:
        document = json.loads(data)
        one, other = (open_view(_print(view), keys) for view in document["views"])
        stated, form = document["gaps"], document["format"]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise BadView(f"not a reconciliation: {error}") from None
    found = gaps(one, other)
    if form != FORMAT or stated != [asdict(gap) for gap in found]:
        raise BadView("what the reconciliation states does not follow from its views")
    return one, other, found


def _view(said: JsonObject) -> PairView:
    if said["format"] != VIEW_FORMAT:
        raise BadView("another format")
    sent, received = ([_item(each) for each in said[name]] for name in ("sent", "received"))
    as_of = datetime.fromisoformat(said["as_of"])
    if as_of.utcoffset() is None:
        raise BadView("an instant without a zone")
    if not all(type(said[name]) is str for name in ("party", "peer", "checkpoint")):
        raise BadView("party, peer and checkpoint are texts")
    numbered = [{item.sequence: item for item in items} for items in (sent, received)]
    if [len(each) for each in numbered] != [len(sent), len(received)]:
        raise BadView("a number stands twice")
    return PairView(said["party"], said["peer"], as_of, said["checkpoint"], *numbered)


def _item(said: JsonObject) -> Item:
    """An item whose values are of the right types: a party may have signed others."""
    item = Item(**said)
    texts = (item.id, item.matter, item.digest, item.outcome)
    if type(item.sequence) is not int or not 0 < item.sequence <= MOST_NUMBERS:
        raise BadView("a number is none of an exchange")
    if type(item.index) not in (int, NoneType) or type(item.custody) is not bool:
        raise BadView("an index or custody is of another kind")
    if not all(type(text) is str for text in texts):
        raise BadView("an id, matter, digest or outcome is no text")
    return item


def _print(document: JsonObject) -> bytes:
    return (json.dumps(document, sort_keys=True, indent=1) + "\n").encode()
