"""The stand-alone verifier and the project's own readers were written apart: whatever bytes they get, they agree.

Both take the same notes, checkpoints, proofs, policies and parties files, and read the same in them; both find something in a
pack, or neither does. What one of them once took and the other refused stands here by its smallest input.
"""

import json
import tempfile
from base64 import b64encode
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.formats import checkpoint, note, policy, proof
from audit.formats import leaf as leaf_format
from audit.formats.leaf import Kind
from audit.log.events import decode_leaf
from audit.packs import canonical_zip, layout, verify
from audit.packs.view import PART_TYPE, Scope
from audit.verification import leaf_body
from exchange.statements import envelope, trust
from netral.exchange.v1 import receipt_pb2, record_pb2, statement_pb2
from support.cosigners import SPRING, SmallLog, ed25519, ml_dsa
from support.evidence import CASE, MATTER, PRIVATE, a_pack, parties_file, signed_by, trusted, two_logs
from verifier import leaves, notes, packs, trees
from verifier.policy import read_policy
from verifier.protobuf import BYTES, NUMBER, TEXT, Contract
from verifier.strict import Bad
from verifier.trust import read_parties

LOG = SmallLog.of("netral/kasn", 5, seed=1)
COSIGNERS = [ed25519("w0", 10), ed25519("w1", 11), ml_dsa("w2", 12)]
LOG_VKEY = note.vkey(LOG.signer.name, LOG.signer.verifier.public_key)
NOTE = LOG.note() + note.print_signatures([each.cosign(LOG.head(), SPRING) for each in COSIGNERS])
WITNESSES = "".join(
    f"witness W{at} {each.verifier.vkey} https://w{at}\n" for at, each in enumerate(COSIGNERS)
)
POLICY = f"# kasn\nlog {LOG_VKEY}\n{WITNESSES}group G 2 W0 W1 W2\nquorum G\n"
PROOF = proof.TlogProof(3, (b"x" * 32, b"y" * 32), NOTE).text()
ML_DSA_LOG = note.join_vkey(
    "netral/kasn", 6, MLDSA44PrivateKey.from_seed_bytes(bytes(32)).public_key().public_bytes_raw()
)
NEUTRAL = (1).to_bytes(32, "little")

# Pieces that lenient readers take for something else than strict ones do.
PIECES = [
    *(bytes([each]) for each in b'\n \t\x00\x0b\x0c\r\x1c\x7f\x80\xff+=#0"[{'),
    *(each.encode() for each in ("\u00a0", "\u2003", "\u2028", "\ufeff", "\u0661", "\u2014")),
    *(
        b"\n\n",
        b"01",
        b"-1",
        b"+3",
        b"1_0",
        b"9223372036854775808",
        b"99999999999999999999",
        b"none",
        b"any",
        b"all",
    ),
    *(b"null", b"false", b"true", b"1.0", b"NaN", b'"\\ud800"', b"[]", b"{}", b"[" * 30, b'"a":1,'),
]


def refused(read: Callable[[], Any], *errors: type[Exception]) -> Any:
    """Result of a reader, or None if it refuses."""
    try:
        return read()
    except errors:
        return None


# --- how each side reads ---------------------------------------------------------------------------------------------


def note_by_first(data: bytes) -> Any:
    found = refused(lambda: note.parse_note(data), note.NoteError)
    return found and (found.text, [(each.name, each.key_id, each.signature) for each in found.signatures])


def note_by_second(data: bytes) -> Any:
    found = refused(lambda: notes.read_note(data), Bad)
    return found and (found.text, [tuple(each) for each in found.signatures])


def checkpoint_by_first(data: bytes) -> Any:
    found = refused(lambda: checkpoint.parse(note.parse_note(data).text), ValueError)
    return found and (found.origin, found.size, found.root, list(found.extensions))


def checkpoint_by_second(data: bytes) -> Any:
    found = refused(lambda: notes.read_checkpoint(notes.read_note(data).text), Bad)
    return found and (found.origin, found.size, found.root, found.extensions)


def proof_by_first(data: bytes) -> Any:
    found = refused(lambda: proof.parse(data), proof.ProofTextError)
    return (found and not found.extra and (found.index, list(found.hashes), found.note.encode())) or None


def proof_by_second(data: bytes) -> Any:
    def read() -> Any:
        found = trees.read_proof(data)
        notes.read_checkpoint(notes.read_note(found.note).text)
        return found.index, found.path, found.note

    return refused(read, Bad)


def policy_by_first(data: bytes) -> Any:
    found = refused(lambda: policy.parse(data), policy.PolicyError)
    return found and (
        [note.split_vkey(each.vkey) for each in found.logs],
        {each.name: note.split_vkey(each.vkey) for each in found.witnesses},
        {each.name: (each.threshold, list(each.members)) for each in found.groups},
        found.quorum,
        found.satisfied_by({"W0", "W2"}),
    )


def policy_by_second(data: bytes) -> Any:
    found = refused(lambda: read_policy(data), Bad)
    return found and (
        [(each.name, each.kind, each.public) for each in found.logs],
        {name: (each.name, each.kind, each.public) for name, each in found.witnesses.items()},
        {name: (each.wanted, list(each.members)) for name, each in found.groups.items()},
        found.quorum,
        found.is_met({"W0", "W2"}),
    )


def parties_by_first(data: bytes) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "parties.json"
        path.write_bytes(data)
        found = refused(lambda: trust.load_parties(path), trust.BadPartiesFile)
    return found and {
        (each.id, key.public.public_bytes_raw(), key.period.since, key.period.until)
        for each in found.parties.values()
        for key in each.signing
    }


def parties_by_second(data: bytes) -> Any:
    found = refused(lambda: read_parties(data), Bad)
    if found is None:
        return None
    return {(key.party, key.public, key.period.since, key.period.until) for key in found}


def a_parties_file() -> dict[str, Any]:
    """Two parties with roles, sealing and cosigning keys."""
    document = json.loads(parties_file(until={"bkn": "2027-01-01T00:00:00+07:00"}))
    since = document["issued"]
    for number, party in enumerate(document["parties"]):
        raw = bytes([number]) * 32
        party["roles"] = [{"role": "examiner", "since": since, "until": None}]
        party["sealing"] = [
            {"key_id": sha256(raw).hexdigest(), "raw": b64encode(raw).decode(), "since": since, "until": None}
        ]
        ml_dsa_raw = MLDSA44PrivateKey.from_seed_bytes(raw).public_key().public_bytes_raw()
        party["cosigning"] = [
            {"kind": "ml-dsa-44", "raw": b64encode(ml_dsa_raw).decode(), "since": since, "until": None}
        ]
    return document


READERS: dict[str, tuple[Callable[[bytes], Any], Callable[[bytes], Any], bytes]] = {
    "note": (note_by_first, note_by_second, NOTE.encode()),
    "checkpoint": (checkpoint_by_first, checkpoint_by_second, NOTE.encode()),
    "proof": (proof_by_first, proof_by_second, PROOF.encode()),
    "policy": (policy_by_first, policy_by_second, POLICY.encode()),
    "parties": (parties_by_first, parties_by_second, json.dumps(a_parties_file(), indent=1).encode()),
}


@st.composite
def mutated(draw: st.DrawFn, data: bytes) -> bytes:
    """These bytes after one to three edits: cut, doubled, overwritten or extended somewhere."""
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.sampled_from([0, 0, 1, 1, 2, 8, 40])))
        piece = draw(st.sampled_from(PIECES))
        middle = draw(st.sampled_from([b"", piece, data[start:end] * 2, piece + data[start:end]]))
        data = data[:start] + middle + data[end:]
    return data


@pytest.mark.parametrize("kind", READERS)
def test_both_readers_read_what_is_sound(kind: str) -> None:
    first, second, data = READERS[kind]

    assert first(data) == second(data) is not None


@pytest.mark.parametrize("kind", READERS)
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_both_readers_take_or_refuse_the_same_mutated_bytes(kind: str, data: st.DataObject) -> None:
    first, second, sound = READERS[kind]

    changed = data.draw(mutated(sound))

    assert first(changed) == second(changed)


# --- what they once did not agree on ----------------------------------------------------------------------------------


@pytest.mark.parametrize("space", ["\u00a0", "\u2003", "\u2028", "\u3000", "\x1c"])
def test_no_space_of_any_script_is_in_a_key_name(space: str) -> None:
    changed = NOTE.replace("w0 ", f"w0{space} ").encode()

    assert note_by_first(changed) is note_by_second(changed) is None


@pytest.mark.parametrize("size", ["9223372036854775808", "01", "٣"])
def test_a_size_that_is_no_number_below_2_to_63_is_refused(size: str) -> None:
    changed = NOTE.replace("\n5\n", f"\n{size}\n", 1).encode()

    assert checkpoint_by_first(changed) is checkpoint_by_second(changed) is None


@pytest.mark.parametrize("octet", [b"\x0c", b"\x7f", b"\x00", b"\r"])
def test_a_control_character_is_refused_also_in_a_comment_of_a_policy(octet: bytes) -> None:
    changed = b"# a" + octet + b"\n" + POLICY.encode()

    assert policy_by_first(changed) is policy_by_second(changed) is None


def test_octets_of_a_policy_that_are_no_utf_8_are_opaque() -> None:
    changed = b"# \xff\n" + POLICY.encode().replace(b"W0", b"W\xff")

    assert policy_by_first(changed) == policy_by_second(changed) is not None


def test_a_policy_may_have_a_log_that_signs_with_ml_dsa() -> None:
    changed = f"log {ML_DSA_LOG}\nquorum none\n".encode()

    assert policy_by_first(changed) == policy_by_second(changed) is not None


@pytest.mark.parametrize("kind", [1, 4])
def test_a_point_that_anybody_can_sign_for_is_no_key_of_a_policy(kind: int) -> None:
    word = "log" if kind == 1 else "witness w"
    changed = f"{word} {note.join_vkey('netral/x', kind, NEUTRAL)}\nquorum none\n".encode()

    assert policy_by_first(changed) is policy_by_second(changed) is None


def test_a_policy_of_groups_in_groups_is_read_however_deep() -> None:
    groups = [f"group g{at} 1 g{at - 1}" for at in range(1, 3000)]
    text = "\n".join([f"log {LOG_VKEY}", WITNESSES + "group g0 1 W0", *groups, "quorum g2999", ""]).encode()

    assert policy_by_first(text) == policy_by_second(text) is not None
    assert read_policy(text).is_met({"W0"}) and not read_policy(text).is_met({"W1"})


def _neutral(document: dict[str, Any]) -> None:
    key = document["parties"][0]["signing"][0]
    spki = bytes.fromhex("302a300506032b6570032100") + NEUTRAL
    key |= {"spki": b64encode(spki).decode(), "keyid": sha256(spki).hexdigest()}


def _twice(document: dict[str, Any]) -> None:
    document["parties"].append(document["parties"][0] | {"signing": [], "sealing": [], "cosigning": []})


def _key_of_two(document: dict[str, Any]) -> None:
    document["parties"][1]["signing"] = document["parties"][0]["signing"]


def _until_false(document: dict[str, Any]) -> None:
    document["parties"][0]["signing"][0]["until"] = False


def _deep(document: dict[str, Any]) -> None:
    nested: Any = []
    for _ in range(900):
        nested = [nested]
    document["parties"][0]["name"] = nested


def _half_a_pair(document: dict[str, Any]) -> None:
    document["parties"][0]["name"] = "Bawaslu \ud800"


def _serial(document: dict[str, Any]) -> None:
    document["serial"] = 2**63


@pytest.mark.parametrize(
    "change", [_neutral, _twice, _key_of_two, _until_false, _deep, _half_a_pair, _serial]
)
def test_a_parties_file_that_is_wrong_is_refused_by_both(change: Callable[[dict[str, Any]], None]) -> None:
    document = a_parties_file()
    change(document)
    changed = json.dumps(document).encode()

    assert parties_by_first(changed) is parties_by_second(changed) is None


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "latin-1"])
def test_a_parties_file_is_utf_8(encoding: str) -> None:
    document = a_parties_file()
    document["parties"][0]["name"] = "Bawaslu é"
    changed = json.dumps(document, ensure_ascii=False).encode(encoding)

    assert parties_by_first(changed) is parties_by_second(changed) is None


def test_the_readers_end_with_a_word_on_a_hundred_thousand_levels() -> None:
    for data in (b"[" * 100_000, b'{"a":' * 100_000):
        assert parties_by_first(data) is parties_by_second(data) is None


# --- packs -----------------------------------------------------------------------------------------------------------


@cache
def sound_pack() -> dict[str, bytes]:
    return canonical_zip.read(a_pack(*two_logs()))


FOLDERS = {"": "bawaslu", "logs/bawaslu/": "bawaslu", "logs/bkn/": "bkn"}
VALUES: Sequence[Any] = [
    *(
        None,
        False,
        True,
        0,
        1,
        -1,
        2**63,
        10**30,
        1.0,
        "",
        "x",
        "\ud800",
        [],
        {},
        [[]],
        [0, 7],
        MATTER,
        "bkn",
    ),
    *("2099-01-01T00:00:00.000000+00:00", "2020-01-01T00:00:00.000000+00:00", "0" * 64, "zz", "netral/bkn"),
    "0001-01-01T00:00:00.000000+01:00",
]


def signed(files: dict[str, bytes], changed: str = "", value: Any = None) -> bytes:
    """The pack of these files, listed and signed again by everybody; one manifest is `value`."""
    for folder, party in reversed(FOLDERS.items()):
        manifest = json.loads(files[folder + "manifest.json"])
        own = {folder + name for name in layout.MANIFEST_FILES}
        manifest["files"] = layout._listing(
            {name: content for name, content in files.items() if name.startswith(folder) and name not in own}
        )
        if folder == changed and value is not None:
            manifest = value(manifest)
        type = PART_TYPE if folder else layout.PACK_TYPE
        files = files | layout._with_manifest({}, folder, manifest, type, signed_by(party))
    return canonical_zip.write({name: files[name] for name in layout.in_order(files)})


def agreed(pack: bytes) -> bool:
    """True if a pack is sound to both readers; only one of them makes the timeline again."""
    found = packs.verify(pack, trusted().standalone).findings
    again = [each for each in verify.read_again(pack, trusted()) if each.kind != "timeline"]
    assert bool(found) == bool(again), (found, again)
    assert "readers" not in {each.kind for each in again}, again
    return not found


def replaced(document: Any, path: Sequence[int], value: Any) -> Any:
    """A copy of a document with a value at a place; the path picks a member at each level, as far as there are some."""
    if not path or not isinstance(document, dict | list) or not document:
        return value
    keys = sorted(document) if isinstance(document, dict) else range(len(document))
    key = list(keys)[path[0] % len(keys)]
    copied = dict(document) if isinstance(document, dict) else list(document)
    copied[key] = replaced(document[key], path[1:], value)
    return copied


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    folder=st.sampled_from(sorted(FOLDERS)),
    path=st.lists(st.integers(0, 30), min_size=1, max_size=3),
    value=st.sampled_from(VALUES),
)
def test_both_readers_judge_a_manifest_alike_whatever_its_party_signs(
    folder: str, path: list[int], value: Any
) -> None:
    agreed(signed(sound_pack(), folder, lambda manifest: replaced(manifest, path, value)))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_both_readers_judge_a_pack_alike_whatever_its_files_are(data: st.DataObject) -> None:
    files = dict(sound_pack())
    name = data.draw(st.sampled_from(sorted(set(files) - {"manifest.json", "manifest.dsse.json"})))
    other = data.draw(st.sampled_from([name, "extra.txt", "logs/extra", "logs/kpu/checkpoint", name + "x"]))
    content = data.draw(st.one_of(st.just(files[name]), mutated(files[name]), st.just(b"")))
    if not other.endswith("manifest.json"):
        files[other] = content

    agreed(signed(files))


def test_the_sound_pack_is_sound_after_all_have_signed_again() -> None:
    assert agreed(signed(dict(sound_pack())))


@pytest.mark.parametrize("other", ['"zz"', '""', "false", f'"{"00" * 104}"', f'"{"AB" * 104}"'])
def test_a_chain_with_something_else_at_its_place_is_refused_by_both(other: str) -> None:
    file = f"logs/bkn/chains/{MATTER}.json"
    content = sound_pack()[file].replace(b'"other": null', f'"other": {other}'.encode())
    assert content != sound_pack()[file]

    assert not agreed(signed(sound_pack() | {file: content}))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("VERIFY.md", b"Trust me.\n"),
        ("VERIFY.md", None),
        ("parties-excerpt.json", b"{}\n"),
        ("parties-excerpt.json", None),
        ("timeline.id.pdf", None),
        ("README.txt", b"more"),
        ("logs/bkn/more", b"more"),
    ],
)
def test_a_maker_that_signs_again_cannot_add_leave_out_or_exchange_a_file(
    name: str, content: bytes | None
) -> None:
    files = {each: found for each, found in sound_pack().items() if each != name}
    if content is not None:
        files[name] = content

    assert not agreed(signed(files))


@pytest.mark.parametrize(
    "as_of",
    [
        "2099-01-01T00:00:00.000000+00:00",
        "2026-03-02T04:00:00.000000+00:00",
        "0001-01-01T00:00:00.000000+01:00",
    ],
)
def test_a_part_is_not_of_a_time_to_come_nor_of_before_its_leaves(as_of: str) -> None:
    assert not agreed(signed(dict(sound_pack()), "logs/bkn/", lambda manifest: manifest | {"as_of": as_of}))


def test_a_pack_of_ten_thousand_parts_is_judged_in_seconds() -> None:
    names = [f"p{number}" for number in range(10_000)]
    files = {f"logs/{name}/x": b"" for name in names}
    manifest = {
        "format": layout.PACK_FORMAT,
        "maker": "bawaslu",
        "scope": Scope((MATTER,), CASE).plain(),
        "parts": sorted(names),
        "files": layout._listing(files),
        "unread": [],
    }
    pack = canonical_zip.write(
        layout._with_manifest(files, "", manifest, layout.PACK_TYPE, signed_by("bawaslu"))
    )
    found: list[Any] = []

    seconds = cpu_seconds(lambda: found.extend(packs.verify(pack, trusted().standalone).findings))

    assert len(found) > 10_000
    # What grew with the square of the parts would take minutes.
    assert seconds < 6
    assert cpu_seconds(lambda: list(verify.read_again(pack, trusted()))) < 12


def cpu_seconds(run: Callable[[], Any]) -> float:
    import time

    before = time.process_time()
    run()
    return time.process_time() - before


# --- leaves ----------------------------------------------------------------------------------------------------------


def leaf_by_first(body: bytes) -> Any:
    found = refused(lambda: leaf_body.read_leaf("bkn", body, trusted().keys), envelope.Unreadable)
    if found is None or found.problems:
        return None
    said = found.statement or found.receipt
    route = said and (said.sender, said.recipient, said.sequence)
    return found.ref, found.matter, found.author, found.time, route


def leaf_by_second(body: bytes) -> Any:
    found = refused(lambda: leaves.read_leaf("bkn", body, trusted().standalone.authors), Bad)
    if found is None or found.problems:
        return None
    if found.kind == "chains":
        return found.id, found.matter, found.author, found.time, None
    route = (
        (found.sender, found.recipient, found.sequence) if found.sender or found.kind != "record" else None
    )
    return found.id, found.matter, found.author, found.time, route


def signed_leaf(kind: Kind, payload: bytes) -> bytes:
    """A leaf of these bytes, signed by whoever they name as their author if they are a statement or a receipt."""
    if kind is Kind.RECORD:
        return leaf_format.leaf_body(kind, payload)
    type = envelope.STATEMENT if kind is Kind.STATEMENT else envelope.RECEIPT
    keys = PRIVATE["bkn"]
    return leaf_format.leaf_body(kind, envelope.sign(payload, type, keys.signing, keys.keyid))


@cache
def payloads() -> dict[Kind, bytes]:
    """A statement and a receipt of BKN, and a record of it, without what stands around them."""
    found: dict[Kind, bytes] = {}
    for name, content in sound_pack().items():
        if not name.startswith("logs/bkn/leaves/"):
            continue
        leaf = decode_leaf(content)
        if leaf.kind is Kind.RECORD:
            found[leaf.kind] = leaf.kept
        elif (leaf.kind is Kind.STATEMENT and leaf.statement().sender == "bkn") or (
            leaf.kind is Kind.RECEIPT and leaf.receipt().recipient == "bkn"
        ):
            found[leaf.kind] = leaf.envelope().payload
    return found


@pytest.mark.parametrize("kind", [Kind.STATEMENT, Kind.RECEIPT, Kind.RECORD])
def test_both_readers_read_a_sound_leaf_alike(kind: Kind) -> None:
    body = signed_leaf(kind, payloads()[kind])

    assert leaf_by_first(body) == leaf_by_second(body) is not None


@pytest.mark.parametrize("kind", [Kind.STATEMENT, Kind.RECEIPT, Kind.RECORD])
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_both_readers_read_a_leaf_alike_whatever_its_author_signed(kind: Kind, data: st.DataObject) -> None:
    body = signed_leaf(kind, data.draw(mutated(payloads()[kind])))

    assert leaf_by_first(body) == leaf_by_second(body)


def varint(number: int) -> bytes:
    found = b""
    while number > 0x7F:
        found, number = found + bytes([number & 0x7F | 0x80]), number >> 7
    return found + bytes([number])


def content(data: bytes) -> bytes:
    return varint(len(data)) + data


MINUS_ONE = 2**64 - 1
FIELDS: dict[str, Callable[[int], bytes]] = {
    "a text": lambda number: varint(number << 3 | 2) + content(b"x"),
    "no UTF-8": lambda number: varint(number << 3 | 2) + content(b"\xff"),
    "nothing": lambda number: varint(number << 3 | 2) + content(b""),
    "a number": lambda number: varint(number << 3) + b"\x01",
    "a number of 33 bits": lambda number: varint(number << 3) + varint(2**32 + 1),
    "a number of ten bytes": lambda number: varint(number << 3) + b"\xff" * 9 + b"\x02",
    "a number of eleven bytes": lambda number: varint(number << 3) + b"\xff" * 10 + b"\x01",
    "eight bytes": lambda number: varint(number << 3 | 1) + bytes(8),
    "four bytes": lambda number: varint(number << 3 | 5) + bytes(4),
    "a group": lambda number: varint(number << 3 | 3) + varint(number << 3 | 4),
    "a long length": lambda number: varint(number << 3 | 2) + b"\x81\x00x",
    "too long a length": lambda number: varint(number << 3 | 2) + b"\x81" + b"\x80" * 8 + b"\x00x",
    "a message with a field twice": lambda number: varint(number << 3 | 2) + content(b"\x08\x01\x08\x01"),
    "a message that is cut off": lambda number: varint(number << 3 | 2) + content(b"\x0a"),
    "a message with a text that is none": lambda number: varint(number << 3 | 2) + content(b"\x12\x01\xff"),
    "a message with four bytes": lambda number: varint(number << 3 | 2) + content(b"\x0d" + bytes(4)),
    "a time before the year 1": lambda number: (
        varint(number << 3 | 2) + content(b"\x08" + varint(2**64 - 62_135_596_801))
    ),
    "the last time": lambda number: varint(number << 3 | 2) + content(b"\x08" + varint(253_402_300_799)),
    "a time after the year 9999": lambda number: (
        varint(number << 3 | 2) + content(b"\x08" + varint(253_402_300_800))
    ),
    "a time less a nanosecond": lambda number: varint(number << 3 | 2) + content(b"\x10" + varint(MINUS_ONE)),
    "nanoseconds of 33 bits": lambda number: varint(number << 3 | 2) + content(b"\x10" + varint(2**32 + 5)),
}


def without(payload: bytes, number: int, contract: type[Message]) -> bytes:
    message = contract.FromString(payload)
    message.ClearField(contract.DESCRIPTOR.fields_by_number[number].name)
    return message.SerializeToString(deterministic=True)


def contract_of(described: Descriptor) -> Contract:
    """A contract as the stand-alone verifier has it, out of the generated one."""
    kinds = {FieldDescriptor.TYPE_STRING: TEXT, FieldDescriptor.TYPE_BYTES: BYTES}
    return {
        field.number: contract_of(field.message_type)
        if field.message_type is not None
        else kinds.get(field.type, NUMBER)
        for field in described.fields
    }


def test_the_stand_alone_verifier_knows_every_field_of_what_is_signed_or_recorded() -> None:
    record = record_pb2.Record.DESCRIPTOR
    many = tuple(field.number for field in record.fields if field.is_repeated)

    assert contract_of(statement_pb2.Statement.DESCRIPTOR) == leaves.STATEMENT
    assert contract_of(receipt_pb2.Receipt.DESCRIPTOR) == leaves.RECEIPT
    assert (contract_of(record), many) == (leaves.RECORD, leaves.MANY_IN_RECORD)


@pytest.mark.parametrize("said", FIELDS)
@pytest.mark.parametrize(
    ("kind", "contract"),
    [
        (Kind.STATEMENT, statement_pb2.Statement),
        (Kind.RECEIPT, receipt_pb2.Receipt),
        (Kind.RECORD, record_pb2.Record),
    ],
)
def test_both_readers_judge_a_leaf_alike_whatever_one_of_its_fields_is(
    kind: Kind, contract: type[Message], said: str
) -> None:
    known = list(contract.DESCRIPTOR.fields_by_number)
    for number in [*known, 99, 2**29 - 1, 2**29, 2**40]:
        before = without(payloads()[kind], number, contract) if number in known else payloads()[kind]
        body = signed_leaf(kind, before + FIELDS[said](number))

        assert leaf_by_first(body) == leaf_by_second(body), number


@pytest.mark.parametrize("kind", [Kind.STATEMENT, Kind.RECEIPT])
def test_a_leaf_of_more_than_60_kib_is_refused_by_both(kind: Kind) -> None:
    body = signed_leaf(kind, payloads()[kind] + b"\x9a\x06" + content(bytes(61 * 1024)))

    assert leaf_by_first(body) is leaf_by_second(body) is None


@pytest.mark.parametrize("kind", [Kind.STATEMENT, Kind.RECEIPT, Kind.RECORD])
@pytest.mark.parametrize(
    "more", [b"\x0a\x01x", b"\x08\x01", b"\x1a\x02\x08\x01", b"\x2a\x02\x08\x01", b"\x52\x02\x08\x01"]
)
def test_a_leaf_with_a_field_twice_or_of_another_kind_is_refused_by_both(kind: Kind, more: bytes) -> None:
    """Of two ids or times, one reader would take the first and another the last."""
    number = more[0] >> 3
    if kind is Kind.RECORD and number == 10:
        return  # the statements of a record are many
    body = signed_leaf(kind, payloads()[kind] + more)

    assert leaf_by_first(body) is leaf_by_second(body) is None
