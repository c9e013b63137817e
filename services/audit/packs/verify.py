"""Verifies an evidence pack by the project's own readers, and compares with what `verify_standalone` says.

Two readers that were written apart must both find a pack sound. And since timeline, PROV and documents are made from the leaves alone, they are made again and compared: a maker
that signs a false timeline is found. Keys and policy come from outside.
"""

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from audit.completeness import sparse_map
from audit.formats import checkpoint, dsse, note, tlog
from audit.formats.note import KnownKey
from audit.packs import canonical_zip, layout
from audit.packs.layout import Files, Scope
from audit.verification import logs
from audit.verification.logs import Keys
from verifier import verify_standalone
from verifier.verify_standalone import Finding, Trust


@dataclass(frozen=True, slots=True)
class Trusted:
    """The same trust for both readers: authors' keys, log keys by party, and what the standalone one takes."""

    keys: Keys
    log_keys: Mapping[str, list[KnownKey]]
    standalone: Trust


def check(data: bytes, trusted: Trusted) -> verify_standalone.Result:
    """What is found in a pack by the standalone reader, or, if it finds nothing, by the project's own."""
    result = verify_standalone.verify(data, trusted.standalone)
    if not result.findings:
        result.findings.extend(_read_again(data, trusted))
    return result


def _read_again(data: bytes, trusted: Trusted) -> Iterator[Finding]:
    """The first thing that stops the project's own readers, or whatever they find."""
    try:
        entries = canonical_zip.read(data)
        maker = _maker(entries)
        yield from _signed(entries, "", layout.PACK_TYPE, maker, trusted)
        manifest = json.loads(entries["manifest.json"])
        parts = layout.parts_of(entries)
        yield from _in_one_order(entries, manifest, parts)
        for party, files in parts.items():
            yield from _part(party, files, trusted)
        yield from _made_again(entries, manifest, parts)
    except canonical_zip.BadArchive as error:
        yield Finding(error.name, "", "archive", str(error))
    except Exception as error:  # whatever hostile bytes make a reader raise
        yield Finding("", "", "readers", f"the second reader cannot read it: {type(error).__name__}")


def _maker(entries: Mapping[str, bytes]) -> str:
    """Whom the manifest names as its maker; nobody if it cannot be read, and then nobody can have signed it."""
    try:
        return str(json.loads(entries["manifest.json"])["maker"])
    except (KeyError, TypeError, ValueError):
        return ""


def _in_one_order(
    entries: Mapping[str, bytes], manifest: Mapping[str, Any], parts: Mapping[str, Files]
) -> Iterator[Finding]:
    """The files stand in the one order, and the manifest names the parts that are here."""
    for name, due in zip(entries, layout.in_order(entries), strict=True):
        if name != due:
            yield Finding(name, "", "archive", f"it stands where {due} belongs")
            return
    if manifest["parts"] != sorted(parts) or not parts:
        yield Finding("manifest.json", "", "manifest", "its parts are not those that are here")


def _signed(
    entries: Mapping[str, bytes], folder: str, type: str, party: str, trusted: Trusted
) -> Iterator[Finding]:
    """A manifest that is signed by its party, and lists what is there."""
    name, signed = folder + "manifest.json", folder + "manifest.dsse.json"
    try:
        said = json.loads(entries[signed])
        (signature,) = said["signatures"]
        key = trusted.keys.get(signature["keyid"])
        payload, sig = _base64(said["payload"]), _base64(signature["sig"])
        listing, payload_type = json.loads(payload)["files"], said["payloadType"]
    except (KeyError, TypeError, ValueError):
        yield Finding(signed, "", "signature", "it cannot be read")
        return
    if layout.print_json(said) != entries[signed]:
        yield Finding(signed, "", "signature", "it is not in the one form that a pack's JSON has")
    if payload != entries[name] or payload_type != type:
        yield Finding(name, "", "signature", "something else was signed")
        yield Finding(signed, "", "signature", "it is over something else")
    if key is None or key.party != party or not dsse.is_signed_by(key.public, sig, type, payload):
        yield Finding(signed, "", "signature", "it is not signed by its party")
    own = {name, signed}
    here = {file: content for file, content in entries.items() if file.startswith(folder) and file not in own}
    listed = {each["name"]: each["sha256"] for each in listing}
    found = {file: sha256(content).hexdigest() for file, content in here.items()}
    for file in sorted(listed.keys() | found.keys()):
        if listed.get(file) != found.get(file):
            yield Finding(file, "", "digest", "it is not the file that the manifest lists")


def _part(party: str, files: Files, trusted: Trusted) -> Iterator[Finding]:
    folder = f"logs/{party}/"
    yield from _signed(files, folder, layout.PART_TYPE, party, trusted)
    noted = files[folder + "checkpoint"]
    head = checkpoint.parse(note.open_note(noted, trusted.log_keys.get(party, ())).text)
    said = json.loads(files[folder + "manifest.json"])
    for listed in said["leaves"]:
        index = listed["index"]
        file = f"{folder}leaves/{index:012d}.{listed['kind']}"
        proof = files[f"{folder}proofs/{index:012d}.tlog-proof"]
        first, _, at = proof.partition(b"\n\n")
        path = [_base64(line) for line in first.decode("ascii").split("\n")[2:]]
        if at != noted:
            yield Finding(file, listed["matter"], "proof", "its proof is up to another checkpoint")
        hashed = tlog.leaf_hash(files[file])
        tlog.verify_inclusion(hashed, index, head.size, path, head.root)
        for problem in logs.problems_of(party, files[file], trusted.keys):
            yield Finding(file, listed["matter"], "signature", problem)
    yield from _whole(folder, files, said, head.size)


def _whole(folder: str, files: Files, said: Mapping[str, Any], size: int) -> Iterator[Finding]:
    """Each matter's leaves are its whole chain."""
    for matter in said["scope"]["matters"]:
        file = f"{folder}chains/{matter}.json"
        chained = json.loads(files[file])
        length, other = chained["length"], chained["other"]
        head, case = bytes.fromhex(chained["head"]), bytes.fromhex(chained["case"])
        chain = sparse_map.Chain(length, head, case) if length else None
        siblings = tuple(bytes.fromhex(each) for each in chained["siblings"])
        proof = sparse_map.MapProof(
            siblings, sparse_map.decode_entry(bytes.fromhex(other)) if other else None
        )
        root = sparse_map.root_in(files[f"{folder}leaves/{size - 1:012d}.chains"]) or b""
        answer = [
            (each["index"], tlog.leaf_hash(files[f"{folder}leaves/{each['index']:012d}.{each['kind']}"]))
            for each in said["leaves"]
            if each["matter"] == matter and each["kind"] != "chains"
        ]
        try:
            sparse_map.verify_map(chained["key"], chain, proof, root)
            sparse_map.verify_answer(sparse_map.of_matter(matter), answer, chain)
        except sparse_map.ChainError as error:
            yield Finding(file, matter, "completeness", str(error))


def _made_again(
    entries: Mapping[str, bytes], manifest: Mapping[str, Any], parts: Mapping[str, Files]
) -> Iterator[Finding]:
    """Timeline, PROV and documents, made again from the leaves, are the same bytes."""
    said = manifest["scope"]
    first, end = said["range"] or (0, 0)
    scope = Scope(tuple(said["matters"]), said["case"], first, end)
    for name, content in layout.readable_files(manifest["maker"], scope, parts).items():
        if entries.get(name) != content:
            matters = " ".join(scope.matters)
            yield Finding(name, matters, "timeline", "made again from the leaves it has other bytes")


def _base64(text: str) -> bytes:
    return b64decode(text, validate=True)
