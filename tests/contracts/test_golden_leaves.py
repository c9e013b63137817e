"""The bytes of one leaf of every statement type, record action and receipt are the golden ones.

Sender and receiver keep the same bytes, and proofs made years ago are checked with today's code: what a leaf is made of
does not change unseen. The leaves are made by a transaction at a real desk whose clock, ids, key and salts stand still;
every field of the facts is filled in. `make golden` writes them again. A new record action is first listed in
`golden/record_facts.json`, with the facts that it carries.
"""

import ast
import itertools
import json
import os
import re
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from agreement.information import legal_bases
from agreement.parties import institutions
from audit.completeness import sparse_map
from audit.formats.leaf import Kind
from audit.log.events import RECEIPT_TYPES
from exchange.context import Actor, HostContext
from exchange.delivery.batch import Batch
from exchange.delivery.transaction import Transaction
from exchange.statements import envelope, private_keys, receipts
from host.lifecycle import process
from netral.exchange.v1 import receipt_pb2, record_pb2, statement_pb2
from support import desks, golden, migrated

PARTY_OF = {
    "supervisor": "bawaslu",
    "examiner": "bkn",
    "personnel_authority": "ppk-6202",
    "data_holder": "bkn",
    "warner": "bkn",
}
TODAY = datetime(2025, 3, 4, 2, 30, 15, 678901, tzinfo=UTC)
SALT = bytes(range(32))
OFFICER = Actor(statement_pb2.Actor.KIND_OFFICER, "officer-7", "officer")
RECIPIENT = "ppk-3204"
PART = b"the personal part"
DEEPEST = 4
SHAPE = re.compile(
    "(audit|bawaslu|disclosure|erasure|exchange|kasn|monitoring|oversight|ppk|prevention|supervision)[.][a-z_]+"
)
FILES = {"address", "log", "json", "sqlite", "toml"}


class Undone(Exception):
    """Ends a transaction whose rows are not to stay."""


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HostContext]:
    """A desk that serves every party and whose clock, keys and salts stand still."""
    parties = sorted({*PARTY_OF.values(), "kasn"})
    held = [(role, desks.SINCE, None) for role in sorted(institutions.ROLES)]
    desks.write_trust(tmp_path, {"kasn": parties}, dict.fromkeys(parties, held))
    settings, main = desks.settings(tmp_path, "kasn"), golden.host("kasn")
    await migrated.desk("kasn", main.HOST.migrations, settings.database_url, settings.vault_url)
    desk = await process.open_context(
        settings, "kasn", main.HOST.store, main.HOST.rules, *main.HOST.migrations
    )
    desk.keys = {party: key_of(party) for party in parties}
    desk.now = lambda: TODAY
    monkeypatch.setattr(os, "urandom", lambda size: (SALT * size)[:size])
    yield desk
    await desk.database.close()
    await desk.vault.database.close()


def key_of(party: str) -> private_keys.PrivateKeys:
    """A key that follows from the party's name. Ed25519 signs the same bytes the same way."""
    key = Ed25519PrivateKey.from_private_bytes(sha256(party.encode()).digest())
    return private_keys.PrivateKeys(key, envelope.keyid_of(key.public_key()), {})


async def test_a_leaf_of_every_statement_type_is_the_golden_one(desk: HostContext) -> None:
    leaves = {}
    for type, facts in statement_facts().items():

        def send(tx: Transaction, type: str = type, facts: Descriptor = facts) -> None:
            matter, case_id, after = an_id(type, "matter"), an_id(type, "case"), an_id(type, "after")
            known = {"cause": an_id(type, "cause"), "copy_of": an_id(type, "original"), "after": after}
            tx.send(type, RECIPIENT, matter, case_id, filled(facts), part=PART, **known)

        leaves[f"{type} {facts.full_name}"] = await leaf(desk, PARTY_OF[type.split(".")[1]], type, send)

    compare("leaves_statements.json", leaves)


async def test_a_leaf_of_every_record_action_is_the_golden_one(desk: HostContext) -> None:
    leaves = {}
    for action, name in ((action, name) for action, names in golden.record_facts().items() for name in names):

        def record(tx: Transaction, action: str = action, name: str = name) -> None:
            matter, case_id, sent = an_id(action, "matter"), an_id(action, "case"), an_id(action, "sent")
            facts = filled(described(name)) if name else None
            tx.record(action, matter, case_id, "STATE", facts, PART, statements=[sent])

        leaves[f"{action} {name}".strip()] = await leaf(desk, "bkn", action, record)

    compare("leaves_records.json", leaves)


async def test_a_leaf_of_every_receipt_is_the_golden_one(desk: HostContext) -> None:
    leaves = {}
    about = receipts.Subject(an_id("about"), SALT, "bawaslu", "bkn", 7, an_id("matter"), TODAY)
    for state in (receipts.WAITING, receipts.PARKED, receipts.TAKEN_UP, receipts.REFUSED):
        receipt, signed = receipts.make(about, state, "REASON", TODAY, desk.keys["bkn"], SALT)
        leaves[f"{RECEIPT_TYPES[receipt.stage]} {state}"] = bytes([Kind.RECEIPT]) + signed

    compare("leaves_receipts.json", leaves)


def test_a_chain_leaf_is_the_golden_one() -> None:
    compare("leaves_chains.json", {"chains": sparse_map.leaf_body(SALT)})


def test_the_facts_of_every_statement_type_of_the_agreement_are_known() -> None:
    assert set(statement_facts()) == set(legal_bases.statement_types())


def test_every_record_action_in_the_code_is_listed_with_its_facts() -> None:
    of_hosts = {f"{name}.read_file" for name in desks.BUILT}  # made of the host's name

    assert actions_in_code() | of_hosts == set(golden.record_facts())


async def leaf(desk: HostContext, party: str, name: str, act: Callable[[Transaction], None]) -> bytes:
    """The bytes of the one leaf of an act, whose ids follow from a name; its rows are taken back."""
    numbers = itertools.count(1)
    desk.new_id = lambda: an_id(name, str(next(numbers)))
    with suppress(Undone):
        async with desk.database.write() as connection:
            batch = Batch(desk, connection)
            tx = batch.transaction(party, OFFICER, source="grpc", request_id=an_id(name, "request"))
            act(tx)
            batch.accept(tx)
            await batch.flush()
            raise Undone
    (made,) = batch.leaves
    body: bytes = made["body"]
    return body


def an_id(*words: str) -> str:
    """An id that follows from words."""
    return str(uuid5(NAMESPACE_URL, "netral golden " + " ".join(words)))


def statement_facts() -> dict[str, Descriptor]:
    """The facts of each statement type, as the hosts that hear it expect them."""
    found = {}
    for name in sorted(desks.BUILT):
        for type, handler in golden.host(name).HOST.handlers.items():
            found[type] = handler.facts.DESCRIPTOR
    return dict(sorted(found.items()))


def described(name: str) -> Descriptor:
    """A message as its contract describes it."""
    return descriptor_pool.Default().FindMessageTypeByName(name)


def actions_in_code() -> set[str]:
    """Every whole text in the code that has the shape of a record action, and names no logger, module or file."""
    found, others = set(), set()
    for path in sorted(desks.SERVICES.rglob("*.py")):
        if path.relative_to(desks.SERVICES).parts[0] in ("netral", "buf"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and SHAPE.fullmatch(node.value):
                found.add(node.value)
            elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("get_logger"):
                others |= {argument.value for argument in node.args if isinstance(argument, ast.Constant)}
            elif isinstance(node, ast.JoinedStr):
                others |= {part.value for part in node.values if isinstance(part, ast.Constant)}
    return {name for name in found - others if not names_a_file(*name.split("."))}


def names_a_file(package: str, word: str) -> bool:
    return word in FILES or (desks.SERVICES / package / f"{word}.py").exists()


def filled(facts: Descriptor, depth: int = 0) -> Message:
    """A message with every field set: texts say their field's name, lists have two entries, closed lists their last word."""
    message: Message = message_factory.GetMessageClass(facts)()
    for field in facts.fields:
        if field.message_type is not None and depth == DEEPEST:
            continue
        values = [_value(field, turn, depth) for turn in (0, 1)]
        if field.is_repeated:
            getattr(message, field.name).extend(values)
        elif field.message_type is not None:
            getattr(message, field.name).CopyFrom(values[0])
        else:
            setattr(message, field.name, values[0])
    return message


def _value(field: FieldDescriptor, turn: int, depth: int) -> Any:
    if field.message_type is not None:
        return _moment(field.message_type, turn) or filled(field.message_type, depth + 1)
    if field.enum_type is not None:
        return field.enum_type.values[-1 - turn].number
    return {
        FieldDescriptor.CPPTYPE_STRING: f"{field.name}-{turn + 1}".encode()
        if field.type == FieldDescriptor.TYPE_BYTES
        else f"{field.name} {turn + 1}",
        FieldDescriptor.CPPTYPE_BOOL: True,
        FieldDescriptor.CPPTYPE_DOUBLE: 0.5 + turn,
    }.get(field.cpp_type, field.number + turn)


def _moment(kind: Descriptor, turn: int) -> Message | None:
    if kind.full_name == "google.type.Date":
        return Date(year=2025, month=3, day=4 + turn)
    if kind.full_name == "google.protobuf.Timestamp":
        return Timestamp(seconds=1_741_055_415 + turn, nanos=678_901_000)
    return None


def compare(name: str, leaves: Mapping[str, bytes]) -> None:
    """Compare leaves with the golden ones. The difference is shown as messages too: in base64 nobody could read it."""
    found = {key: b64encode(body).decode() for key, body in sorted(leaves.items())}
    golden.compare(name, json.dumps(found, indent=1) + "\n", readable)


def readable(text: str) -> Iterator[str]:
    """The digest of each leaf in a file, and below it what it says."""
    for name, encoded in json.loads(text).items():
        body = b64decode(encoded)
        yield f"{name}: {len(body)} bytes, SHA-256 {sha256(body).hexdigest()}"
        yield from (f"    {line}" for line in said(body))


def said(body: bytes) -> list[str]:
    """A leaf's message, as text."""
    if body[0] == Kind.CHAINS:
        return [body[1:].hex()]
    if body[0] == Kind.RECORD:
        return str(record_pb2.Record.FromString(body[1:])).splitlines()
    signed = statement_pb2.Envelope.FromString(body[1:])
    kind = statement_pb2.Statement if body[0] == Kind.STATEMENT else receipt_pb2.Receipt
    return [f"keyid {signed.signatures[0].keyid}", *str(kind.FromString(signed.payload)).splitlines()]
