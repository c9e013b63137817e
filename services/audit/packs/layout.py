"""What an evidence pack is made of: leaves, proofs, a signed checkpoint, and what people read. Bytes in, bytes out.

A pack has a *part* for each party's log and, above the parts, what its maker adds:

    manifest.json, manifest.dsse.json      every file with its SHA-256, signed by the maker
    VERIFY.md                              how to check it without us
    timeline.{id,en}.{html,pdf}            for people; prov.json, documents.json for tools
    parties-excerpt.json                   a copy for reading: a verifier takes keys and policy from outside
    logs/<party>/manifest.json, .dsse.json what this party states: which leaves there are in the scope, signed by it
    logs/<party>/checkpoint                the signed note with every cosignature that exists
    logs/<party>/leaves/<index>.<kind>     the bytes of a leaf: kind byte and what was kept
    logs/<party>/proofs/<index>.tlog-proof its inclusion proof, with the checkpoint (C2SP tlog-proof)
    logs/<party>/chains/<matter>.json      that these are all its leaves: the matter's chain, and its proof up to the chain leaf

The same leaves, checkpoint and files give the same bytes: nothing here has a clock. A part is signed by its own party, so that
parts of several logs can stand in one pack and say together what neither says alone. Collecting is left to `gather`,
checking to `verify_standalone` and `evidence_check`.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from audit.completeness import sparse_map as chains
from audit.completeness.sparse_map import Chain, MapProof
from audit.formats import checkpoint
from audit.log.events import decode_leaf
from audit.packs import canonical_zip, prov_json, report, timeline

if TYPE_CHECKING:  # whoever only reads a pack needs no database
    from audit.log.reads import Head, PlacedLeaf

PACK_FORMAT, PART_FORMAT = "netral-evidence-pack/1", "netral-evidence-part/1"
PACK_TYPE = "application/vnd.netral.evidence-pack.v1+json"
PART_TYPE = "application/vnd.netral.evidence-part.v1+json"
MOST_LEAVES = 10_000

Files = dict[str, bytes]
Sign = Callable[[str, bytes], tuple[str, bytes]]
"""Signs a payload of a type as DSSE has it, with the party's key: gives keyid and signature."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a pack is about: matters (of a case, if it is named), or entries from `first` up to, without, `end`."""

    matters: tuple[str, ...] = ()
    case_id: str = ""
    first: int = 0
    end: int = 0

    @property
    def range(self) -> tuple[int, int] | None:
        return None if self.matters else (self.first, self.end)

    def plain(self) -> dict[str, Any]:
        """As it stands in a manifest."""
        limits = self.range
        return {"case": self.case_id, "matters": list(self.matters), "range": limits and list(limits)}


@dataclass(frozen=True, slots=True)
class View:
    """What one party's log has in a scope, with the inclusion path of each leaf up to the head.

    `chains` are those of the scope's matters; then the last of `leaves` is the head's chain leaf.
    """

    head: "Head"
    note: str
    leaves: Sequence["PlacedLeaf"]
    paths: Sequence[Sequence[bytes]]
    chains: Mapping[str, "Chained"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chained:
    """A matter's chain at the head (None: it has no leaf), and the proof that the chain leaf, the head's last, commits to it."""

    chain: Chain | None
    proof: MapProof


def part(view: View, scope: Scope, sign: Sign) -> Files:
    """A party's part by file name. `view.note` is the checkpoint with its cosignatures."""
    folder = f"logs/{view.head.party}/"
    files: Files = {folder + "checkpoint": view.note.encode()}
    listed = []
    for leaf, path in zip(view.leaves, view.paths, strict=True):
        kind = decode_leaf(leaf.body).word
        files[f"{folder}leaves/{leaf.index:012d}.{kind}"] = leaf.body
        files[f"{folder}proofs/{leaf.index:012d}.tlog-proof"] = _proof(leaf.index, path, view.note)
        listed.append({"index": leaf.index, "kind": kind, "matter": leaf.matter})
    for matter, chained in sorted(view.chains.items()):
        files[f"{folder}chains/{matter}.json"] = print_json(_chain(matter, chained))
    manifest = {
        "format": PART_FORMAT,
        "party": view.head.party,
        "origin": checkpoint.origin_of(view.head.party),
        "size": view.head.size,
        "root": b64encode(view.head.root).decode(),
        "as_of": view.head.time.astimezone(UTC).isoformat(timespec="microseconds"),
        "scope": scope.plain(),
        "leaves": listed,
        "files": _listing(files),
    }
    return _with_manifest(files, folder, manifest, PART_TYPE, sign)


def pack(
    maker: str, scope: Scope, parts: Mapping[str, Files], copies: Mapping[str, bytes], sign: Sign
) -> bytes:
    """The zip of these parts by party. `copies` are files for reading only: parties file, policy."""
    files: Files = {"VERIFY.md": VERIFY.encode()} | dict(copies)
    for party in sorted(parts):
        files |= parts[party]
    files |= readable_files(maker, scope, parts)
    manifest = {
        "format": PACK_FORMAT,
        "maker": maker,
        "scope": scope.plain(),
        "parts": sorted(parts),
        "files": _listing(files),
    }
    return canonical_zip.write(_with_manifest(files, "", manifest, PACK_TYPE, sign))


def readable_files(maker: str, scope: Scope, parts: Mapping[str, Files]) -> Files:
    """Timeline, PROV and documents, made from the leaves of the parts alone."""
    told = timeline.tell((party, *leaf) for party in sorted(parts) for leaf in leaves_of(parts[party]))
    logs = [_log(party, parts[party]) for party in sorted(parts)]
    heading = report.Heading(maker, scope.case_id, scope.matters, scope.range, logs)
    return report.files(heading, told) | {
        "prov.json": print_json(prov_json.document(told)),
        "documents.json": print_json({"documents": timeline.documents(told)}),
    }


def leaves_of(files: Mapping[str, bytes]) -> list[tuple[int, bytes]]:
    """Index and body of each leaf among a part's files, in order."""
    return [
        (int(name.rpartition("/")[2].partition(".")[0]), content)
        for name, content in sorted(files.items())
        if "/leaves/" in name
    ]


def parts_of(entries: Mapping[str, bytes]) -> dict[str, Files]:
    """The parts of a pack's files, by party."""
    found: dict[str, Files] = {}
    for name, content in entries.items():
        words = name.split("/")
        if words[0] == "logs" and len(words) > 2:
            found.setdefault(words[1], {})[name] = content
    return found


def in_order(names: Iterable[str]) -> list[str]:
    """The one order of the files of a pack: the manifest, its signature, and the rest by name."""
    return sorted(names, key=lambda name: (name != "manifest.json", name != "manifest.dsse.json", name))


def print_json(document: Any) -> bytes:
    """JSON in the one form that packs have it: sorted, one space of indent, ASCII, a line feed at the end."""
    return (json.dumps(document, sort_keys=True, indent=1) + "\n").encode()


def _chain(matter: str, chained: Chained) -> dict[str, Any]:
    """A matter's chain and its proof, in hexadecimal."""
    length, head, case = chained.chain or Chain()
    other = chained.proof.other
    return {
        "key": chains.of_matter(matter),
        "length": length,
        "head": head.hex(),
        "case": case.hex(),
        "siblings": [each.hex() for each in chained.proof.siblings],
        "other": chains.encode_entry(other).hex() if other else None,
    }


def _proof(index: int, path: Sequence[bytes], note: str) -> bytes:
    """C2SP tlog-proof@v1, without extra data."""
    lines = ["c2sp.org/tlog-proof@v1", f"index {index}", *(b64encode(each).decode() for each in path)]
    return ("\n".join(lines) + "\n\n" + note).encode()


def _listing(files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    return [
        {"name": name, "sha256": sha256(content).hexdigest(), "size": len(content)}
        for name, content in sorted(files.items())
    ]


def _with_manifest(files: Files, folder: str, manifest: Any, type: str, sign: Sign) -> Files:
    """The files in order, the manifest and its signature first."""
    payload = print_json(manifest)
    keyid, signature = sign(type, payload)
    envelope = {
        "payload": b64encode(payload).decode(),
        "payloadType": type,
        "signatures": [{"keyid": keyid, "sig": b64encode(signature).decode()}],
    }
    first = {folder + "manifest.json": payload, folder + "manifest.dsse.json": print_json(envelope)}
    return first | dict(sorted(files.items()))


def _log(party: str, files: Mapping[str, bytes]) -> report.Log:
    said = json.loads(files[f"logs/{party}/manifest.json"])
    as_of = datetime.fromisoformat(said["as_of"])
    return report.Log(party, said["size"], said["root"], as_of, len(said["leaves"]))


VERIFY = """\
# How to check this pack / Cara memeriksa paket ini

English follows Indonesian.

## Bahasa Indonesia

Jangan percaya pada kunci di dalam paket: `parties-excerpt.json` di sini hanya salinan untuk dibaca. Ambil berkas para
pihak dan kebijakan dari sumber yang Anda percayai. Lalu, tanpa jaringan dan tanpa layanan Netral:

    python3 -m pip install cryptography
    python3 verify_standalone.py pack.zip --parties parties.json --policy kasn.policy --policy bawaslu.policy

`verify_standalone.py` adalah satu berkas; ambil dari sumber Netral, bukan dari pengirim paket. Kode keluar 0: utuh; 1: ada yang
tidak benar, dan berkas serta perkaranya disebut. `netral audit verify pack.zip` memeriksa hal yang sama dengan pembaca kedua
dan membuat linimasa sekali lagi.

## English

Do not trust keys inside the pack: `parties-excerpt.json` is a copy for reading. Take the parties file and the policy
from a source that you trust. Then, without network and without any service of Netral:

    python3 -m pip install cryptography
    python3 verify_standalone.py pack.zip --parties parties.json --policy kasn.policy --policy bawaslu.policy

`verify_standalone.py` is one file; take it from Netral's source, not from whoever gave you the pack. Exit code 0: sound; 1:
something is wrong, and file and matter are named. `netral audit verify pack.zip` checks the same by a second reader, and
makes the timeline again.

## What a sound pack proves

- Each file is the one that the pack's maker signed; each part is what its own party signed of its log.
- Each leaf is in the log whose checkpoint is here (RFC 6962), and that checkpoint is signed by the log and cosigned as your
  policy wants.
- Each statement and receipt is signed by its author with a key valid then, and receipts are for these very bytes.
- What one log here proves to be in another is there.
- Of each matter nothing was left out: the log's chain leaf commits to how many leaves the matter has, and to each of them.

It does not prove that what a party stated is true, nor what a party said outside these logs. A record is a party's own word,
which its log keeps it from changing later. Personal parts are not in the pack: `commitment` is SHA-256 over 32 bytes of salt and the part.

## By hand

- `manifest.dsse.json` is a DSSE envelope (Ed25519) around `manifest.json`; `keyid` is SHA-256 of the key's SubjectPublicKeyInfo.
- `logs/<party>/checkpoint` is a C2SP signed note, a `.tlog-proof` a C2SP tlog-proof; `leaves/<index>.<kind>` is the entry: one kind byte (1
  statement, 2 receipt, 3 record), then a DSSE envelope in protobuf (1, 2) or a protobuf record (3); 4 is a chain leaf, with
  the root of the map of `chains/`.
"""
