"""Layout of an evidence pack, formats 2 and 3: leaves, proofs, a signed checkpoint, and files that people read. Bytes in, bytes out.

A pack has a *part* for each party's log and, above the parts, what its maker adds:

    manifest.json, manifest.dsse.json      every file with its SHA-256, signed by the maker
    VERIFY.md                              how to check it without us; the same text in every pack
    timeline.{id,en}.html                  for people; prov.json, documents.json for tools: made again by readers
    timeline.{id,en}.pdf                   the same as PDF, a convenience that is not made again
    parties-excerpt.json                   the keys that the pack uses; a verifier takes keys and policy from outside
    logs/<party>/manifest.json, .dsse.json what this party states: which leaves there are in the scope, signed by it
    logs/<party>/checkpoint                the signed note with every cosignature that exists
    logs/<party>/leaves/<index>.<kind>     the bytes of a leaf: kind byte and what was kept
    logs/<party>/proofs/<index>.tlog-proof its inclusion proof, with the checkpoint (C2SP tlog-proof)
    logs/<party>/chains/<matter>.json      that these are all its leaves: the matter's chain, and its proof up to the chain leaf

There are no other files. The number of the format fixes this set, the texts and the templates (`formats`); whatever changes one
of them is a format with a number of its own. New packs have the newest; parts have format 2 in both. The same leaves, checkpoint and keys give the same bytes but for the PDF:
nothing here has a clock. A part is signed by its own party, so that parts of several logs can stand in one pack and say together
what neither says alone. Collecting is left to `collect`, checking to `verify` and the stand-alone verifier.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256

from audit.completeness import sparse_map
from audit.completeness.sparse_map import Chain
from audit.formats import checkpoint, tlog
from audit.log.events import decode_leaf
from audit.packs import canonical_zip, parties_excerpt, prov_json
from audit.packs.canonical_json import Json, print_json
from audit.packs.formats import FORMAT_2, LANGUAGES, NEWEST, Language, PackFormat
from audit.packs.timeline import entries, pdf
from audit.packs.timeline.field_names import FieldNames
from audit.packs.timeline.officers_words import OfficersWords
from audit.packs.timeline.page import Heading, Log, Page, Words
from audit.packs.view import PART_FORMAT, PART_TYPE, Chained, Scope, Signer, View
from audit.verification.findings import Keys

PACK_FORMAT, PACK_TYPE = NEWEST.name, NEWEST.type

MANIFEST_FILES = ("manifest.json", "manifest.dsse.json")
READABLE_FILES = frozenset(
    {"VERIFY.md", "documents.json", "parties-excerpt.json", "prov.json"}
    | {f"timeline.{language}.{kind}" for language in LANGUAGES for kind in ("html", "pdf")}
)

# A type as a manifest names it.
_NAME = re.compile("[!-~]+")

Files = dict[str, bytes]


def part(view: View, scope: Scope, signer: Signer) -> Files:
    """A party's part by file name. `view.note` is the checkpoint with its cosignatures."""
    folder = f"logs/{view.party}/"
    files: Files = {folder + "checkpoint": view.note.encode()}
    listed: list[Json] = []
    for leaf in view.leaves:
        path = tlog.inclusion_proof(leaf.index, view.size, view.tiles)
        kind = decode_leaf(leaf.body).word
        files[f"{folder}leaves/{leaf.index:012d}.{kind}"] = leaf.body
        files[f"{folder}proofs/{leaf.index:012d}.tlog-proof"] = _proof(leaf.index, path, view.note)
        listed.append({"index": leaf.index, "kind": kind, "matter": leaf.matter})
    for matter, chained in sorted(view.chains.items()):
        files[f"{folder}chains/{matter}.json"] = print_json(_chain(matter, chained))
    manifest: Json = {
        "format": PART_FORMAT,
        "party": view.party,
        "origin": checkpoint.origin_of(view.party),
        "size": view.size,
        "root": b64encode(view.root).decode(),
        "as_of": view.as_of.astimezone(UTC).isoformat(timespec="microseconds"),
        "scope": scope.plain(),
        "leaves": listed,
        "files": _listing(files),
    }
    return _with_manifest(files, folder, manifest, PART_TYPE, signer)


def pack(maker: str, scope: Scope, parts: Mapping[str, Files], keys: Keys, signer: Signer) -> bytes:
    """The zip of these parts by party. `keys`: of all whose signatures are in them."""
    heading, unread = _heading(maker, scope, parts), unread_words(maker, scope, parts)
    told = _told(parts, unread)
    files: Files = {"VERIFY.md": NEWEST.verify_text()}
    files["parties-excerpt.json"] = excerpt(parts, keys, signer.keyid)
    for party in sorted(parts):
        files |= parts[party]
    files |= _readable_files(NEWEST, heading, told, unread)
    for language in LANGUAGES:
        page = Page(heading, told, _words(NEWEST, language, unread))
        files[f"timeline.{language}.pdf"] = pdf.pdf(page)
    manifest: Json = {
        "format": PACK_FORMAT,
        "maker": maker,
        "scope": scope.plain(),
        "parts": sorted(parts),
        "files": _listing(files),
        "unread": unread,
    }
    return canonical_zip.write(_with_manifest(files, "", manifest, PACK_TYPE, signer))


def fixed_files(
    format: PackFormat,
    maker: str,
    scope: Scope,
    parts: Mapping[str, Files],
    keys: Keys,
    keyid: str,
    unread: Sequence[str],
) -> Files:
    """All files above the parts but the manifest and the PDF, as every reader can make them again."""
    files = _readable_files(format, _heading(maker, scope, parts), _told(parts, unread), unread)
    files["VERIFY.md"] = format.verify_text()
    files["parties-excerpt.json"] = excerpt(parts, keys, keyid)
    return files


def _readable_files(
    format: PackFormat,
    heading: Heading,
    told: Sequence[entries.Entry],
    unread: Sequence[str],
) -> Files:
    """Timeline (HTML), PROV and documents, made from the leaves of the parts alone."""
    files = {
        f"timeline.{language}.html": Page(heading, told, _words(format, language, unread)).html()
        for language in LANGUAGES
    }
    files["prov.json"] = print_json(prov_json.document(told))
    files["documents.json"] = print_json({"documents": entries.documents(told)})
    return files


def _words(format: PackFormat, language: Language, unread: Sequence[str]) -> Words:
    return FieldNames(language, unread) if format == FORMAT_2 else OfficersWords(language, unread)


def unread_words(maker: str, scope: Scope, parts: Mapping[str, Files]) -> list[str]:
    """The types in these parts that this version has no contract or no word for, and the codes without a text, sorted.

    What a peer wrote that nobody could ever put into a list of words is left out: no later version reads it either.
    """
    closed = entries.unread_types(_bodies(parts))
    words = OfficersWords(LANGUAGES[0], closed)
    Page(_heading(maker, scope, parts), _told(parts, sorted(closed)), words).read_through()
    return sorted(filter(_NAME.fullmatch, closed | words.missing))


def excerpt(parts: Mapping[str, Files], keys: Keys, keyid: str) -> bytes:
    """The parties excerpt: the keys that signed something in these parts, and the maker's."""
    used = {keyid}
    for party, files in parts.items():
        folder = f"logs/{party}/"
        bodies = (body for _, body in leaves_of(files))
        used |= parties_excerpt.keyids_in_leaves(bodies)
        used.add(keyid_of(files, folder))
        used |= parties_excerpt.keyids_of_log(party, files[folder + "checkpoint"], keys)
    return print_json(parties_excerpt.document(used, keys))


def keyid_of(files: Mapping[str, bytes], folder: str) -> str:
    """The key that the signature of a manifest names."""
    return str(json.loads(files[folder + "manifest.dsse.json"])["signatures"][0]["keyid"])


def _told(parts: Mapping[str, Files], unread: Sequence[str]) -> list[entries.Entry]:
    return entries.tell(_bodies(parts), unread)


def _bodies(parts: Mapping[str, Files]) -> list[tuple[str, int, bytes]]:
    return [(party, *leaf) for party in sorted(parts) for leaf in leaves_of(parts[party])]


def _heading(maker: str, scope: Scope, parts: Mapping[str, Files]) -> Heading:
    logs = [_log(party, parts[party]) for party in sorted(parts)]
    return Heading(maker, scope.case_id, scope.matters, scope.range, logs)


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


def _chain(matter: str, chained: Chained) -> dict[str, Json]:
    """A matter's chain and its proof, in hexadecimal."""
    length, head, case = chained.chain or Chain()
    other = chained.proof.other
    return {
        "key": sparse_map.of_matter(matter),
        "length": length,
        "head": head.hex(),
        "case": case.hex(),
        "siblings": [each.hex() for each in chained.proof.siblings],
        "other": sparse_map.encode_entry(other).hex() if other else None,
    }


def _proof(index: int, path: Sequence[bytes], note: str) -> bytes:
    """C2SP tlog-proof@v1, without extra data. `TlogProof` would read the note again for each leaf: seconds for a large pack."""
    lines = ["c2sp.org/tlog-proof@v1", f"index {index}", *(b64encode(each).decode() for each in path)]
    return ("\n".join(lines) + "\n\n" + note).encode()


def _listing(files: Mapping[str, bytes]) -> list[dict[str, Json]]:
    return [
        {"name": name, "sha256": sha256(content).hexdigest(), "size": len(content)}
        for name, content in sorted(files.items())
    ]


def _with_manifest(files: Files, folder: str, manifest: Json, type: str, signer: Signer) -> Files:
    """The files in order, the manifest and its signature first."""
    payload = print_json(manifest)
    envelope: Json = {
        "payload": b64encode(payload).decode(),
        "payloadType": type,
        "signatures": [{"keyid": signer.keyid, "sig": b64encode(signer.sign(type, payload)).decode()}],
    }
    first = {folder + "manifest.json": payload, folder + "manifest.dsse.json": print_json(envelope)}
    return first | dict(sorted(files.items()))


def _log(party: str, files: Mapping[str, bytes]) -> Log:
    said = json.loads(files[f"logs/{party}/manifest.json"])
    as_of = datetime.fromisoformat(said["as_of"])
    return Log(party, said["size"], said["root"], as_of, len(said["leaves"]))
