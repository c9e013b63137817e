"""Verification of an evidence pack by the project's own readers, beside the stand-alone verifier.

Two readers that were written apart must both find a pack sound. And since timeline, PROV and documents are made from the leaves
alone, they are made again and compared: a maker that signs a false timeline is found. Keys and policies come from outside.
A party's part is left to `verify_part`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256

from audit.formats import dsse
from audit.formats.canonical import read_base64
from audit.packs import canonical_zip, formats, layout, view
from audit.packs.layout import Files
from audit.packs.manifests import BadManifest, FileEntry, ManifestEnvelope, PackManifest, PartManifest, read
from audit.packs.verify_part import CLOCK_SKEW, PartReading, PartView, Trusted, cross_check
from verifier import packs
from verifier.findings import Finding
from verifier.packs import Result


def check(data: bytes, trusted: Trusted, now: datetime | None = None) -> Result:
    """The findings of the stand-alone verifier in a pack or, if it has none, of the project's own readers.

    `now` (UTC) is this machine's clock.
    """
    at = now or datetime.now(UTC)
    result = packs.verify(data, trusted.standalone, at)
    if not result.findings:
        result.findings.extend(read_again(data, trusted, at))
    return result


def read_again(data: bytes, trusted: Trusted, now: datetime | None = None) -> Iterator[Finding]:
    """The findings of the project's own readers, up to where they cannot read on."""
    try:
        entries = canonical_zip.read(data)
        yield from _Reading(entries, trusted, now or datetime.now(UTC)).findings()
    except canonical_zip.BadArchive as error:
        yield Finding(error.name, "", "archive", str(error))
    except Exception as error:  # whatever hostile bytes make a reader raise
        yield Finding("", "", "readers", f"the second reader cannot read it: {type(error).__name__}")


class _Reading:
    """A pack, read."""

    def __init__(self, entries: Files, trusted: Trusted, now: datetime) -> None:
        self.entries, self.trusted, self.now = entries, trusted, now

    def findings(self) -> Iterator[Finding]:
        yield from self._in_order()
        try:
            pack = read(PackManifest, self.entries.get("manifest.json", b""))
        except BadManifest as error:
            yield Finding("manifest.json", "", "manifest", str(error))
            return
        parts = layout.parts_of(self.entries)
        wrong = False
        for finding in self._signed(pack, parts):
            wrong = True
            yield finding
        if not wrong:
            yield from self._made_again(pack, parts)

    def _signed(self, pack: PackManifest, parts: Mapping[str, Files]) -> Iterator[Finding]:
        """The manifests, the files that they list, and what the parts prove."""
        yield from signature_findings(
            self.entries, "", formats.BY_NAME[pack.format].type, pack.maker, self.trusted
        )
        yield from file_findings(self.entries, "", pack.files)
        if pack.parts != sorted(parts):
            yield Finding("manifest.json", "", "manifest", "its parts are not those that are here")
        views: list[PartView] = []
        for party in sorted(parts):
            yield from self._part(pack, party, parts[party], views)
        yield from self._maker_key(views)
        yield from self._files_above(pack, parts)
        yield from cross_check(views)

    def _in_order(self) -> Iterator[Finding]:
        for name, due in zip(self.entries, layout.in_order(self.entries), strict=True):
            if name != due:
                yield Finding(name, "", "archive", f"it stands where {due} belongs")
                return

    def _part(self, pack: PackManifest, party: str, files: Files, views: list[PartView]) -> Iterator[Finding]:
        folder = f"logs/{party}/"
        try:
            said = read(PartManifest, files.get(folder + "manifest.json", b""))
        except BadManifest as error:
            yield Finding(folder + "manifest.json", "", "manifest", str(error))
            return
        yield from signature_findings(files, folder, view.PART_TYPE, said.party, self.trusted)
        yield from _key_findings(files, folder, said.time, self.trusted, self.now)
        yield from file_findings(files, folder, said.files)
        if said.party != party or said.scope != pack.scope:
            yield Finding(
                folder + "manifest.json", "", "manifest", "it is about something else than the pack"
            )
            return
        reading = PartReading(said, files, self.trusted, self.now)
        reading.run()
        views.append(reading.view)
        yield from reading.findings

    def _maker_key(self, views: Sequence[PartView]) -> Iterator[Finding]:
        latest = max((view.said.time for view in views), default=self.now)
        yield from _key_findings(self.entries, "", latest, self.trusted, self.now)

    def _files_above(self, pack: PackManifest, parts: Mapping[str, Files]) -> Iterator[Finding]:
        """Beside manifests and parts there are the files of the format, and no others."""
        inside = {name for files in parts.values() for name in files}
        here = self.entries.keys() - inside - {*layout.MANIFEST_FILES}
        for name in sorted(here ^ layout.READABLE_FILES):
            text = "it is missing, or no file of this format"
            yield Finding(name, " ".join(pack.scope.matters), "manifest", text)

    def _made_again(self, pack: PackManifest, parts: Mapping[str, Files]) -> Iterator[Finding]:
        """The files above the parts, made again from the leaves, have the same bytes; not the PDF, which nobody compares."""
        keyid, scope = layout.keyid_of(self.entries, ""), pack.scope.scope()
        format, keys = formats.BY_NAME[pack.format], self.trusted.keys
        made = layout.fixed_files(format, pack.maker, scope, parts, keys, keyid, pack.unread)
        for name, content in sorted(made.items()):
            if self.entries.get(name) != content:
                kind = "timeline" if name not in ("VERIFY.md", "parties-excerpt.json") else "manifest"
                yield Finding(name, " ".join(scope.matters), kind, "made again it has other bytes")


def signature_findings(
    files: Mapping[str, bytes], folder: str, type: str, party: str, trusted: Trusted
) -> Iterator[Finding]:
    """A manifest is signed by its party."""
    name, signed = folder + "manifest.json", folder + "manifest.dsse.json"
    try:
        envelope = read(ManifestEnvelope, files.get(signed, b""))
        signature = envelope.signatures[0]
        payload, sig = read_base64(envelope.payload), read_base64(signature.sig)
    except ValueError as error:
        yield Finding(signed, "", "signature", f"it cannot be read: {error}")
        return
    if payload != files[name] or envelope.payloadType != type:
        yield Finding(name, "", "signature", "something else was signed")
        yield Finding(signed, "", "signature", "it is over something else")
    key = trusted.keys.get(signature.keyid)
    if key is None or key.party != party or not dsse.is_signed_by(key.public, sig, type, payload):
        yield Finding(signed, "", "signature", "it is not signed by its party")


def file_findings(files: Mapping[str, bytes], folder: str, listing: Sequence[FileEntry]) -> Iterator[Finding]:
    """The files beside a manifest are those that it lists."""
    own = {folder + name for name in layout.MANIFEST_FILES}
    found = {
        name: (sha256(content).hexdigest(), len(content))
        for name, content in files.items()
        if name not in own
    }
    listed = {each.name: (each.sha256, each.size) for each in listing}
    for name in sorted(listed.keys() | found.keys()):
        if listed.get(name) != found.get(name):
            yield Finding(name, "", "digest", "it is not the file that the manifest lists")


def _key_findings(
    files: Mapping[str, bytes], folder: str, not_before: datetime, trusted: Trusted, now: datetime
) -> Iterator[Finding]:
    """The key of a manifest was valid at some time from the checkpoint's until now."""
    signed = folder + "manifest.dsse.json"
    try:
        key = trusted.keys.get(read(ManifestEnvelope, files.get(signed, b"")).signatures[0].keyid)
    except BadManifest:
        return
    if key is not None and (
        (key.until is not None and key.until <= not_before) or key.since > now + CLOCK_SKEW
    ):
        yield Finding(signed, "", "signature", "its key was not valid when it was signed")
