"""Verification of an evidence pack: its archive, its maker's manifest, each part, and log against log."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from verifier.archive import unzipped
from verifier.findings import Finding, Findings, entry_of
from verifier.leaves import Leaf
from verifier.manifests import (
    MANIFEST_FILES,
    PACK_TYPES,
    READABLE_FILES,
    VERIFY_DIGESTS,
    PackManifest,
    read_pack_manifest,
)
from verifier.parts import SETTLED, Part, verify_part
from verifier.strict import Bad, Json, print_base64, print_json
from verifier.trust import Trust


@dataclass
class Result:
    """The outcome of the verification of a pack, which is sound if there are no findings."""

    findings: list[Finding]
    maker: str
    scope: dict[str, Json]
    parts: list[Part]
    digest: str


def verify(data: bytes, trust: Trust, now: datetime | None = None) -> Result:
    """Verify a pack (the bytes of the zip file) with keys and policy from outside; `now` (UTC) is this machine's clock."""
    return _Verification(data, trust, now or datetime.now(UTC)).run()


class _Verification:
    """The verification of one pack, under way."""

    def __init__(self, data: bytes, trust: Trust, now: datetime) -> None:
        self.data, self.trust, self.now = data, trust, now
        self.findings = Findings(trust, now)
        self.find = self.findings.find
        self.parts: list[Part] = []

    def run(self) -> Result:
        broken: list[tuple[str, str]] = []
        entries = unzipped(self.data, lambda file, message: broken.append((file, message)))
        self.findings.learn_matters(entries, self.data)
        for file, message in broken:
            self.find(file, "archive", message)
        maker, scope = "", dict[str, Json]()
        try:
            pack = read_pack_manifest(entry_of(entries, "manifest.json"))
            maker, scope = pack.signer, pack.scope.plain()
            self._check(entries, pack)
        except Bad as error:
            self.find("manifest.json", "manifest", f"it cannot be read: {error}")
        digest = sha256(self.data).hexdigest()
        return Result(self.findings.found, maker, scope, self.parts, digest)

    def _check(self, entries: Mapping[str, bytes], pack: PackManifest) -> None:
        folders = _folders(entries)
        for party in pack.parts:
            part = verify_part(folders.pop(party, {}), party, pack.scope, self.findings)
            self.parts += [part] if part else []
        for name in (name for files in folders.values() for name in files):
            self.find(name, "manifest", "it is of no part that the manifest names")
        latest = max((part.said.as_of for part in self.parts), default=self.now)
        self.findings.check_signature(entries, "", PACK_TYPES[pack.format], pack, latest)
        self.findings.check_files(entries.keys() - MANIFEST_FILES, entries, pack)
        self._check_readable(entries, pack.format)
        self._cross_check()

    def _check_readable(self, entries: Mapping[str, bytes], format: str) -> None:
        """The files above the parts are those of the format, and what can be told without contracts is as it must be."""
        above = {name for name in entries if not name.startswith("logs/")} - MANIFEST_FILES
        for name in sorted(above - READABLE_FILES):
            self.find(name, "manifest", "a pack of this format has no such file")
        for name in sorted(READABLE_FILES - above):
            self.find(name, "manifest", "it is missing")
        if sha256(entries.get("VERIFY.md", b"")).hexdigest() != VERIFY_DIGESTS[format]:
            self.find("VERIFY.md", "manifest", "it is not the text of this format")
        if entries.get("parties-excerpt.json") != self._excerpt():
            self.find("parties-excerpt.json", "manifest", "it is not of the keys that this pack uses")

    def _excerpt(self) -> bytes:
        """Make the parties excerpt again: the keys that signed something here, by party."""
        by_party: dict[str, list[Json]] = {}
        authors = self.trust.authors
        for key in (authors[keyid] for keyid in sorted(self.findings.keyids & authors.keys())):
            said: Json = {"keyid": key.keyid, "spki": print_base64(key.spki)}
            by_party.setdefault(key.party, []).append(said)
        parties: list[Json] = [{"id": party, "signing": by_party[party]} for party in sorted(by_party)]
        return print_json({"format": "netral-parties-excerpt/2", "parties": parties})

    def _cross_check(self) -> None:
        """Check that what one view proves to be in another log of the pack is there, if it is of before that checkpoint."""
        by_party = {part.party: part for part in self.parts if part.head is not None}
        held = {party: {leaf.digest for leaf in part.leaves} for party, part in by_party.items()}
        for part in by_party.values():
            for leaf in part.leaves:
                for party, digest, what in _owed(leaf):
                    other = by_party.get(party)
                    if other is None or other is part or other.said.scope.range is not None:
                        continue
                    if other.said.as_of - leaf.time > SETTLED and digest not in held[party]:
                        text = f"{part.party} holds {what}, and it is not here ({leaf.file})"
                        self.find(f"logs/{party}/manifest.json", "other log", text, leaf.matter)


def _folders(entries: Mapping[str, bytes]) -> dict[str, dict[str, bytes]]:
    """Sort the files below `logs/` by the folder that they are in."""
    folders: dict[str, dict[str, bytes]] = {}
    for name, content in entries.items():
        words = name.split("/")
        if words[0] == "logs" and len(words) > 1:
            folders.setdefault(words[1] if len(words) > 2 else "", {})[name] = content
    return folders


def _owed(leaf: Leaf) -> Iterator[tuple[str, bytes, str]]:
    """Give what another log must have because of this leaf: whose log, which digest, and in words."""
    if leaf.kind == "statement":
        yield leaf.sender, leaf.digest, f"statement {leaf.id} of this party"
    elif leaf.kind == "receipt":
        receipt = f"a receipt by this party for statement {leaf.id}"
        yield leaf.recipient, leaf.digest, receipt
        yield leaf.recipient, leaf.about, f"{receipt}, whose bytes it owes"
        yield leaf.sender, leaf.about, f"a receipt for statement {leaf.id} of this party"
