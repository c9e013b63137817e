"""Every reader of bytes or text that come from outside: how it is called, what it may refuse with, and something sound to harm.

A reader whose input is signed gets it signed here after it was harmed, as by a party that signs nonsense. What takes a path gets
a file. Requests over gRPC are harmed call by call in `tests/contracts/test_bad_input.py`; the agreement's own data is no input.
"""

import io
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import typer
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import DecodeError
from openpyxl import Workbook

from agreement import data_files, encodings
from agreement.data_files import BrokenData
from agreement.lists import columns, days, intake_mapping, intake_rows
from audit.completeness import sparse_map
from audit.formats import canonical, checkpoint, cosignature, dsse, note, policy, proof, tiles, tlog
from audit.formats.leaf import Kind
from audit.log import events, page_tokens, reads
from audit.log.events import read_receipt
from audit.packs import canonical_zip, layout
from audit.packs import verify as evidence_check
from audit.packs.canonical_json import print_json
from audit.packs.view import PART_TYPE
from audit.sequencing import sequencer
from audit.verification import export_file, leaf_body
from audit.verification.findings import AuthorKey
from audit.witnessing import misbehaviour
from audit.witnessing import rules as witness
from audit.witnessing.misbehaviour import Seen
from audit.witnessing.rules import FORK, Accusation
from cli.files import reader as list_reader
from cli.files import xlsx_input
from cooperation.disclosure.transfer import tickets
from cooperation.disclosure.wire import TICKET, Ticket
from cooperation.erasure import wire as erasure_wire
from cooperation.prevention.pledges import merkle_tree
from cooperation.prevention.pledges import proof as proofs
from cooperation.prevention.pledges import wire as pledges_wire
from cooperation.prevention.pledges.domain import rows
from exchange import witness_config as guests
from exchange.bus import subjects
from exchange.delivery import verification
from exchange.personal_data import vault, wrapping_keys
from exchange.reconciliation import compare
from exchange.statements import envelope, personal_part, private_keys, receipts, trust
from exchange.statements.protobuf_time import timestamp
from host import desk_requests, peer_addresses
from netral.audit.v1 import service_pb2 as audit_pb
from netral.erasure.v1 import events_pb2 as erasure_events
from netral.exchange.v1 import record_pb2, statement_pb2
from netral.prevention.v1 import events_pb2, pledges_pb2
from operations.selfcheck.progress import Progress
from refusals import Malformed, NotAllowed
from support.cosigners import SPRING, SmallLog, ed25519, ml_dsa
from support.evidence import MATTER, NOON, PRIVATE, SINCE, a_pack, parties_file, trusted, two_logs
from verifier import leaves, notes, protobuf, strict
from verifier import policy as standalone_policy
from verifier import trees as standalone_trees
from verifier import trust as standalone_trust

KASN, PPK = "kasn", "ppk-6202"
KEYS = {party: private_keys.new_keys(cosigning=True) for party in (KASN, PPK)}
ENTRIES = [
    private_keys.party_entry(party, party, [("examiner", SINCE, None)], KEYS[party], SINCE) for party in KEYS
]
DOCUMENT = {"format": "netral-parties/1", "serial": 1, "issued": SINCE.isoformat(), "parties": ENTRIES}
PARTIES = trust.read_parties(DOCUMENT)
AUTHORS = {KEYS[party].keyid: AuthorKey(party, KEYS[party].signing.public_key(), SINCE) for party in KEYS}


_VKEY = note.vkey("netral/kasn", SmallLog.of("netral/kasn").signer.verifier.public_key)


@dataclass(frozen=True)
class Reader:
    """A reader: what it does with bytes, the errors that its documentation names, and sound bytes. `slow`: few examples."""

    read: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...]
    sound: bytes
    slow: bool = False


def readers() -> dict[str, Reader]:
    """All of them, by name."""
    return _trail() | _packs() | _exchange() | _desks()


def text(read: Callable[[str], object]) -> Callable[[bytes], object]:
    """A reader of text; what is no UTF-8 becomes other text."""
    return lambda data: read(data.decode("utf-8", "replace"))


def in_file(read: Callable[[Path], object], name: str = "input") -> Callable[[bytes], object]:
    """A reader of a file, which only its owner can read."""

    def of(data: bytes) -> object:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(data)
            path.chmod(0o600)
            found = read(path)
            return list(found) if isinstance(found, Iterator) else found

    return of


def signed(payload: bytes, type: str, party: str = PPK) -> bytes:
    return envelope.sign(payload, type, KEYS[party].signing, KEYS[party].keyid)


def _trail() -> dict[str, Reader]:
    log, cosigner = SmallLog.of("netral/kasn", 9), ed25519("netral/bawaslu/witness")
    lines = note.print_signatures([each.cosign(log.head(), SPRING) for each in (cosigner, ml_dsa("w"))])
    key = note.vkey("netral/kasn", log.signer.verifier.public_key)
    rules = f"log {key} url\nwitness W {cosigner.verifier.vkey}\ngroup g any W\nquorum g\n"
    accused = Accusation(FORK, "netral/kasn", log.note(), log.note(), False, "why")
    entry = sparse_map.Entry(bytes(range(32)), sparse_map.Chain(3, b"h" * 32, b"c" * 32))
    head = log.head().text()
    known = [cosigner.verifier]
    items = [audit_pb.ExportLogResponse(leaf=audit_pb.Leaf(index=at, body=b"x")) for at in range(3)]
    return {
        "note": Reader(note.parse_note, (note.NoteError,), (log.note() + lines).encode()),
        "signature lines": Reader(text(note.parse_signatures), (note.NoteError,), lines.encode()),
        "vkey": Reader(text(note.parse_vkey), (note.NoteError,), key.encode()),
        "vkey of a cosigner": Reader(
            text(cosignature.parse_vkey), (note.NoteError,), cosigner.verifier.vkey.encode()
        ),
        "checkpoint": Reader(text(checkpoint.parse), (ValueError,), head.encode()),
        "policy": Reader(policy.parse, (policy.PolicyError,), rules.encode()),
        "proof": Reader(
            proof.parse,
            (proof.ProofTextError,),
            proof.TlogProof(3, (b"x" * 32,), log.note(), b"extra").text().encode(),
        ),
        "add-checkpoint": Reader(witness.parse, (witness.BadRequest,), log.request(4).text().encode()),
        "size in an answer": Reader(text(witness.read_size), (witness.BadRequest,), b"12\n"),
        "cosignatures in an answer": Reader(
            text(lambda body: witness.read_cosignatures(head, body, known)),
            (note.NoteError,),
            lines.encode(),
        ),
        "accusation": Reader(
            text(misbehaviour.parse),
            (ValueError,),
            Seen(accused, "netral/bawaslu/witness", datetime(2026, 3, 2, tzinfo=UTC)).text().encode(),
        ),
        "number": Reader(text(canonical.read_number), (ValueError,), b"12"),
        "hash": Reader(text(canonical.read_hash), (ValueError,), canonical.print_base64(b"x" * 32).encode()),
        "bundle": Reader(tiles.entries_in, (ValueError,), b"\x00\x03abc\x00\x00"),
        "path of a tile": Reader(text(tiles.parse), (), b"tile/0/x001/067.p/3"),
        "page of chains": Reader(
            lambda data: sparse_map.decode_page("ab", data),
            (sparse_map.ChainError,),
            sparse_map.encode_page({"3": sparse_map.encode_entry(entry), "a": b"x" * 32}),
        ),
        "entry of chains": Reader(
            sparse_map.decode_entry, (sparse_map.ChainError,), sparse_map.encode_entry(entry)
        ),
        "chain leaf": Reader(sparse_map.root_in, (), sparse_map.leaf_body(b"r" * 32)),
        "leaf": Reader(
            lambda data: (events.audit_event(data), events.public_facts(data), events.searchable_words(data)),
            (),
            bytes([Kind.STATEMENT]) + signed(_listed(), envelope.STATEMENT),
        ),
        "record": Reader(
            lambda data: (events.audit_event(b"\3" + data), events.searchable_words(b"\3" + data)),
            (),
            record_pb2.Record(id=MATTER, party=PPK, time=timestamp(NOON)).SerializeToString(),
        ),
        "exported log": Reader(in_file(export_file.read_export), (export_file.BadExport,), _exported(items)),
        "leaf to verify": Reader(
            lambda data: leaf_body.read_leaf(PPK, data, AUTHORS),
            (envelope.Unreadable,),
            bytes([Kind.STATEMENT]) + signed(_listed(), envelope.STATEMENT),
        ),
        "page token of the trail": Reader(
            text(lambda token: page_tokens.read_page_token("q", token)),
            (reads.BadQuery,),
            page_tokens.page_token("q", 7).encode(),
        ),
        "checkpoint kept outside": Reader(
            in_file(lambda path: sequencer.read_witnessed(path.parent, KASN), KASN),
            (sequencer.LogRolledBack,),
            log.note().encode(),
        ),
    }


def _exported(items: list[Any]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        export_file.write_export(Path(folder) / "log", items)
        return (Path(folder) / "log").read_bytes()


def _packs() -> dict[str, Reader]:
    whole, trust_ = a_pack(*two_logs()), trusted()
    files = canonical_zip.read(whole)
    leaf = files["logs/bkn/leaves/000000000000.statement"]
    bad = (strict.Bad,)
    rules = f"log {_VKEY}\nquorum none\n".encode()
    view = compare.payload(_view(KASN, PPK))
    return {
        "archive": Reader(
            canonical_zip.read, (canonical_zip.BadArchive,), canonical_zip.write({"a": b"1", "b/c": b"22"})
        ),
        "pack": Reader(lambda data: evidence_check.check(data, trust_), (), whole, slow=True),
        "pack whose maker signs anything": Reader(
            lambda data: evidence_check.check(_signed_pack(files, "", data), trust_),
            (),
            files["manifest.json"],
            slow=True,
        ),
        "pack with a part that signs anything": Reader(
            lambda data: evidence_check.check(_signed_pack(files, "logs/bkn/", data), trust_),
            (),
            files["logs/bkn/manifest.json"],
            slow=True,
        ),
        "standalone: trust": Reader(standalone_trust.load_trust, bad, parties_file()),
        "standalone: policy": Reader(standalone_policy.read_policy, bad, rules),
        "standalone: note": Reader(notes.read_note, bad, files["logs/bkn/checkpoint"]),
        "standalone: checkpoint": Reader(
            text(notes.read_checkpoint),
            bad,
            files["logs/bkn/checkpoint"].partition(b"\n\n")[0] + b"\n",
        ),
        "standalone: proof": Reader(
            standalone_trees.read_proof, bad, files["logs/bkn/proofs/000000000000.tlog-proof"]
        ),
        "standalone: json": Reader(strict.read_json, bad, files["manifest.json"]),
        "standalone: protobuf": Reader(protobuf.read_message, bad, leaf[1:]),
        "standalone: leaf": Reader(
            lambda data: leaves.read_leaf("bkn", data, trust_.standalone.authors),
            bad,
            leaf,
        ),
        "standalone: vkey": Reader(
            text(lambda key: notes.read_vkey(key, {1, 4, 6})),
            bad,
            _VKEY.encode(),
        ),
        "view of a pair": Reader(
            lambda data: compare.open_view(data, AUTHORS), (compare.BadView,), _view_signed(view, KASN)
        ),
        "view of a pair that is signed": Reader(
            lambda data: compare.gaps(compare.open_view(_view_signed(data, KASN), AUTHORS), _view(PPK, KASN)),
            (compare.BadView,),
            view,
        ),
        "reconciliation": Reader(
            lambda data: compare.read_file(data, AUTHORS),
            (compare.BadView,),
            compare.file(
                _view_signed(view, KASN),
                _view_signed(compare.payload(_view(PPK, KASN)), PPK),
                compare.gaps(_view(KASN, PPK), _view(PPK, KASN)),
            ),
        ),
    }


def _signed_pack(files: dict[str, bytes], folder: str, manifest: bytes) -> bytes:
    """The pack with other bytes as a manifest, signed by their party, and listed by the maker if they are a part's."""
    party, type = ("bkn", PART_TYPE) if folder else ("bawaslu", layout.PACK_TYPE)
    found = files | _manifest(folder, manifest, type, party)
    if folder:
        listing = json.loads(files["manifest.json"])
        own = {name: content for name, content in found.items() if name not in _OF_THE_PACK}
        listing["files"] = layout._listing(own)
        found |= _manifest("", print_json(listing), layout.PACK_TYPE, "bawaslu")
    return canonical_zip.write(found)


_OF_THE_PACK = ("manifest.json", "manifest.dsse.json")


def _manifest(folder: str, payload: bytes, type: str, party: str) -> dict[str, bytes]:
    keys = PRIVATE[party]
    outer = compare.envelope(payload, keys.keyid, keys.signing.sign(dsse.pae(type, payload)))
    said_type = outer.replace(compare.VIEW_TYPE.encode(), type.encode())
    return {folder + "manifest.json": payload, folder + "manifest.dsse.json": said_type}


def _view(party: str, peer: str) -> compare.PairView:
    item = compare.Item(1, MATTER, MATTER, "0" * 64, 3, True, "TAKEN_UP")
    return compare.PairView(party, peer, NOON, "", {1: item}, {1: item})


def _view_signed(payload: bytes, party: str) -> bytes:
    signature = KEYS[party].signing.sign(dsse.pae(compare.VIEW_TYPE, payload))
    return compare.envelope(payload, KEYS[party].keyid, signature)


def _exchange() -> dict[str, Reader]:
    unreadable = (envelope.Unreadable,)
    about = receipts.Subject(MATTER, b"d" * 32, KASN, PPK, 1, MATTER, NOON)
    receipt = receipts.make(about, receipts.TAKEN_UP, "", NOON, KEYS[PPK])[1]
    plain = personal_part.salted(b"part")
    sealing = next(iter(KEYS[PPK].sealing.values()))
    sealed = personal_part.seal(plain, sealing.public_key(), b"d" * 32)
    guest = {
        "vkeys": [ed25519("auditor.example/w").verifier.vkey],
        "url": "https://auditor.example/witness",
        "needed": False,
        "logs": ["kasn"],
    }
    parcels = statement_pb2.Parcels(
        parcels=[statement_pb2.Parcel(envelope=signed(_listed(), envelope.STATEMENT))] * 2
    )
    pem = b"".join(_pem(key) for key in (KEYS[PPK].signing, sealing, KEYS[PPK].cosigning))
    return {
        "envelope": Reader(envelope.read, unreadable, signed(_listed(), envelope.STATEMENT)),
        "receipt": Reader(lambda data: read_receipt(envelope.read(data)), unreadable, receipt),
        "receipt that is signed": Reader(
            lambda data: read_receipt(envelope.read(signed(data, envelope.RECEIPT))),
            unreadable,
            envelope.read(receipt).payload,
        ),
        "bundle from the bus": Reader(
            lambda data: verification.split(f"netral.v1.{PPK}.{KASN}.statement", data),
            (),
            parcels.SerializeToString(),
        ),
        "arrival": Reader(lambda data: _arrived("statement", data), (), parcels.SerializeToString()),
        "arrival that is signed": Reader(
            lambda data: _arrived(
                "statement",
                statement_pb2.Parcels(
                    parcels=[statement_pb2.Parcel(envelope=signed(data, envelope.STATEMENT))]
                ).SerializeToString(),
            ),
            (),
            _listed(),
        ),
        **{
            f"{kind} that is signed": Reader(
                lambda data, kind=kind, type=type: _arrived(
                    kind, statement_pb2.Envelopes(envelopes=[signed(data, type)]).SerializeToString()
                ),
                (),
                envelope.read(receipt).payload,
            )
            for kind, type in (
                ("receipt", envelope.RECEIPT),
                ("ask", envelope.ASK),
                ("pairing", envelope.PAIRING),
            )
        },
        "subject": Reader(text(subjects.parse), (), b"netral.v1.kasn.ppk-6202.statement"),
        "sealed part": Reader(
            lambda data: personal_part.unseal(data, sealing, b"d" * 32, personal_part.commitment(plain)),
            (personal_part.Damaged,),
            sealed,
        ),
        "witnesses file": Reader(
            in_file(guests.load_external_witnesses),
            (guests.BadWitnessesFile,),
            json.dumps({"format": "netral-witnesses/1", "witnesses": [guest, guest]}).encode(),
        ),
        "peers file": Reader(
            in_file(peer_addresses.load),
            (peer_addresses.BadPeersFile,),
            peer_addresses.document({"kasn": "10.0.0.7:50051"}).encode(),
        ),
        "parties file": Reader(
            in_file(trust.load_parties), (trust.BadPartiesFile,), json.dumps(DOCUMENT).encode()
        ),
        "private keys": Reader(
            in_file(lambda path: private_keys.read_private_keys(path.parent, PPK), f"{PPK}.pem"),
            (trust.BadPartiesFile,),
            pem,
        ),
        "wrapping keys": Reader(
            in_file(wrapping_keys.read),
            (wrapping_keys.BadWrappingKeys,),
            f"netral-wrapping-keys/1\n7 {'ab' * 32}\n".encode(),
        ),
        "storage key": Reader(in_file(vault.read_storage_key), (ValueError,), b"ab" * 32 + b"\n"),
        "page token": Reader(
            text(lambda token: desk_requests.page_of(SimpleNamespace(page_token=token, page_size=0))),
            (Malformed,),
            desk_requests.page_token(MATTER).encode(),
        ),
        "progress of a check": Reader(
            in_file(Progress.read),
            (ValueError,),
            json.dumps({KASN: {"next": 3, "edge": {"0/0": "eHg="}, "findings": [], "done": False}}).encode(),
        ),
    }


def _arrived(kind: str, data: bytes) -> object:
    desk: Any = SimpleNamespace(trust=PARTIES, parties={KASN: KEYS[KASN]})
    return list(verification.verify_message(desk, f"netral.v1.{PPK}.{KASN}.{kind}", data, NOON))


def _pem(key: Any) -> bytes:
    written: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return written


def _desks() -> dict[str, Reader]:
    ticket = Ticket(
        id=MATTER,
        disclosure=MATTER,
        asker=PPK,
        holder=KASN,
        digest=b"d" * 32,
        issue_time=timestamp(NOON),
        expire_time=timestamp(NOON + timedelta(seconds=60)),
    ).SerializeToString()
    header = "nip;status;unit;tanggal"
    return {
        "ticket": Reader(_presented, (Malformed, NotAllowed), signed(ticket, TICKET)),
        "ticket that is signed": Reader(
            lambda data: _presented(signed(data, TICKET)), (Malformed, NotAllowed), ticket
        ),
        "warrant": Reader(
            erasure_wire.warrant, (erasure_wire.Claimed,), signed(_ordered(), envelope.STATEMENT)
        ),
        "warrant that is signed": Reader(
            lambda data: erasure_wire.warrant(signed(data, envelope.STATEMENT)),
            (erasure_wire.Claimed,),
            _ordered(),
        ),
        "proof of a pledge": Reader(
            lambda data: proofs.check(PARTIES, pledges_pb2.PledgeProof.FromString(data)),
            (proofs.ProofError, DecodeError),
            _pledge_proof(_listed()).SerializeToString(),
        ),
        "proof of a pledge that is signed": Reader(
            lambda data: proofs.check(PARTIES, _pledge_proof(data)), (proofs.ProofError,), _listed()
        ),
        "entry of a pledge that is signed": Reader(
            lambda data: proofs.check(PARTIES, _pledge_proof(_listed(data), data)),
            (proofs.ProofError,),
            _ENTRY,
        ),
        "first line of a list": Reader(text(rows.columns), (Malformed,), header.encode()),
        "row of a list": Reader(
            text(lambda line: rows.Rows(rows.columns(header), date(2023, 12, 1)).read(line)), (), _ENTRY
        ),
        "spreadsheet": Reader(
            in_file(xlsx_input.lines, "list.xlsx"), (xlsx_input.BadSpreadsheet,), _workbook(), slow=True
        ),
        "list of reports": Reader(
            in_file(_reports, "list.csv"), (columns.NoHeader, typer.BadParameter), _REPORTS
        ),
        "mapping of a list": Reader(
            text(lambda given: intake_mapping.parse("own.toml", given)),
            (BrokenData,),
            data_files.read(intake_mapping.SHIPPED).encode(),
        ),
        "day of a list": Reader(text(days.day_of), (), b"Senin, 13 November 2023 08.30 WIB"),
        "text of a file": Reader(encodings.text_of, (UnicodeDecodeError,), "José".encode("utf-16")),
    }


def _reports(path: Path) -> object:
    mapping = intake_mapping.shipped()
    found = list_reader.list_of(path, mapping.fields)
    judge = intake_rows.IntakeRows(mapping, found.header, found.heads)
    return [judge.read(line, cells) for line, cells in found.rows]


_REPORTS = b"""LAPORAN
No. Laporan;Wilayah;Tanggal Kejadian;Tanggal Diketahui;Tanggal Laporan;Pelapor;Uraian Kejadian
002/LP/PL/Kab/27.09/III/2024;62.02;1 Maret 2024;2024-03-04;45357;Rekaan;"Foto
bersama"
"""


def _presented(data: bytes) -> object:
    return tickets.present(data, PARTIES, PPK, [KASN], NOON)


_ENTRY = b"199001012015041001;PNS;OPD-01;2023-11-13"


def _listed(entry: bytes = _ENTRY) -> bytes:
    """A statement on a list of one pledge."""
    facts = AnyMessage()
    root = tlog.root_of([merkle_tree.leaf(bytes(32), entry)])
    facts.Pack(events_pb2.PledgesListed(list=MATTER, size=1, root=root))
    return _statement(pledges_wire.LISTED, facts)


def _ordered() -> bytes:
    facts = AnyMessage()
    facts.Pack(erasure_events.ErasureOrdered())
    return _statement("netral.supervisor.erasure_ordered.v1", facts)


def _statement(type: str, facts: AnyMessage) -> bytes:
    return statement_pb2.Statement(
        id=MATTER,
        source=f"netral://{PPK}",
        type=type,
        subject=MATTER,
        time=timestamp(NOON),
        sender=PPK,
        recipient=KASN,
        sequence=1,
        role="personnel_authority",
        case_id=MATTER,
        facts=facts,
    ).SerializeToString()


def _pledge_proof(statement: bytes, entry: bytes = _ENTRY) -> pledges_pb2.PledgeProof:
    return pledges_pb2.PledgeProof(
        authority=PPK,
        statement=signed(statement, envelope.STATEMENT),
        entry=entry,
        salt=bytes(32),
        index=0,
    )


@cache
def _workbook() -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in (
        ["nip", "status", "unit", "tanggal"],
        ["199001012015041001", "PNS", "OPD-01", date(2023, 11, 13)],
    ):
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
