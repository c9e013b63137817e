"""Verification of one party's part of a pack, and of parts against each other, by the project's own readers.

The checkpoint must be signed by its log with a key valid then, and satisfy every policy that has this log; each leaf must be in
its tree and signed by its author; the leaves of a matter must be its whole chain; receipts must fit their statements.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from audit.completeness import sparse_map
from audit.completeness.sparse_map import Chain, MapProof
from audit.formats import checkpoint, cosignature, note, policy, proof, tlog
from audit.formats.canonical import print_base64
from audit.formats.checkpoint import Checkpoint
from audit.formats.policy import Policy
from audit.log.envelope import Unreadable
from audit.log.events import decode_leaf
from audit.packs import layout
from audit.packs.layout import Files
from audit.packs.manifests import ChainEntry, LeafEntry, PartManifest, read
from audit.verification.findings import Keys, LogKey
from audit.verification.leaf_body import LeafBody, read_leaf
from verifier.findings import Finding
from verifier.trust import Trust

# A receipt this much older than the recipient's checkpoint must be in the recipient's tree, and so must its statement.
SETTLED = timedelta(seconds=10)
# By how much the clocks of two machines may differ.
CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Trusted:
    """The same trust for both readers: authors' keys, log keys by party, policies; and as the stand-alone verifier takes it."""

    keys: Keys
    log_keys: Mapping[str, Sequence[LogKey]]
    policies: Sequence[Policy]
    standalone: Trust


@dataclass(frozen=True, slots=True)
class HeldLeaf:
    """A leaf of a part, with SHA-256 of the bytes kept."""

    index: int
    file: str
    kind: str
    matter: str
    digest: bytes
    body: LeafBody


@dataclass(slots=True)
class PartView:
    """One party's part, read."""

    said: PartManifest
    leaves: list[HeldLeaf] = field(default_factory=list)


class PartReading:
    """A party's part under way: `findings` so far, and in `view` what could be read of it."""

    def __init__(self, said: PartManifest, files: Files, trusted: Trusted, now: datetime) -> None:
        self.said, self.files, self.trusted, self.now = said, files, trusted, now
        self.folder = f"logs/{said.party}/"
        self.findings: list[Finding] = []
        self.view = PartView(said)

    def find(self, file: str, matter: str, kind: str, message: str) -> None:
        self.findings.append(Finding(self.folder + file, matter, kind, message))

    def run(self) -> None:
        try:
            head = self._checkpoint()
        except (KeyError, ValueError) as error:
            self.find("checkpoint", "", "checkpoint", f"it cannot be used: {error}")
            return
        if (self.said.size, self.said.root) != (head.size, print_base64(head.root)):
            self.find("manifest.json", "", "manifest", "its size and root are not those of the checkpoint")
            return
        self._listing()
        for listed in self.said.leaves:
            self._leaf(listed, head)
        self._time()
        self._receipts()
        self._completeness(head)

    # The checkpoint

    def _checkpoint(self) -> Checkpoint:
        """The head that the log signed; a signature by a key of the log that does not verify raises."""
        noted, known = self.files[self.folder + "checkpoint"], self.trusted.log_keys.get(self.said.party, ())
        opened = note.open_note(noted, known)
        head = checkpoint.parse(opened.text)
        if head.origin != checkpoint.origin_of(self.said.party):
            self.find("checkpoint", "", "checkpoint", "it is one of another log")
        signers = {line.key_id for line in opened.verified}
        if not all(key.may_sign(self.said.time) for key in known if key.key_id in signers):
            self.find("checkpoint", "", "checkpoint", "a key of the log was not valid when it was signed")
        applying = [each for each in self.trusted.policies if _has_log(each, noted, head)]
        if self.trusted.policies and not applying:
            self.find("checkpoint", "", "policy", "no policy has this log with this key")
        for each in applying:
            self._policy(each, noted)
        return head

    def _policy(self, asked: Policy, noted: bytes) -> None:
        try:
            accepted = asked.accept(noted)
        except (policy.NotAccepted, note.NoteError) as error:
            self.find("checkpoint", "", "policy", str(error))
            return
        keys = {(each.key.name, each.key.key_id) for each in asked.witnesses}
        times = [
            cosignature.time_of(line)
            for line in note.parse_note(noted).signatures
            if (line.name, line.key_id) in keys
        ]
        if times and self.said.time.timestamp() - min(times) > CLOCK_SKEW.total_seconds():
            text = f"it says that it was of after a cosignature of {', '.join(sorted(accepted.cosigned))}"
            self.find("manifest.json", "", "manifest", text)

    # The leaves

    def _listing(self) -> None:
        said, indexes = self.said, [each.index for each in self.said.leaves]
        if said.scope.range is not None:
            first, end = said.scope.range
            if len(indexes) != end - first or indexes != list(range(first, end)):
                self.find("manifest.json", "", "manifest", "its leaves are not those of the range")
        elif not {each.matter for each in said.leaves if each.kind != "chains"} <= {*said.scope.matters}:
            self.find("manifest.json", "", "manifest", "it has leaves of other matters")
        wanted = {*layout.MANIFEST_FILES, "checkpoint"}
        wanted |= {f"chains/{matter}.json" for matter in said.scope.matters}
        for each in said.leaves:
            wanted |= {_leaf_file(each), _proof_file(each)}
        for name in sorted(self.files.keys() ^ {self.folder + each for each in wanted}):
            file = name.removeprefix(self.folder)
            self.find(file, "", "manifest", "it is missing, or belongs to no leaf of the listing")

    def _leaf(self, listed: LeafEntry, head: Checkpoint) -> None:
        file = _leaf_file(listed)
        body, proved = self.files.get(self.folder + file), self.files.get(self.folder + _proof_file(listed))
        if body is None or proved is None:
            return  # the listing has named it
        try:
            given = proof.parse(proved)
            if given.index != listed.index or given.extra:
                raise ValueError("the proof is of another leaf, or says more")
            if given.note.encode() != self.files[self.folder + "checkpoint"]:
                raise ValueError("the proof is up to another checkpoint")
            tlog.verify_inclusion(tlog.leaf_hash(body), listed.index, head.size, given.hashes, head.root)
        except ValueError as error:
            self.find(_proof_file(listed), listed.matter, "proof", str(error))
        try:
            read_body = read_leaf(self.said.party, body, self.trusted.keys)
        except Unreadable as error:
            self.find(file, listed.matter, "unreadable", str(error))
            return
        leaf = decode_leaf(body)
        if leaf.word != listed.kind or read_body.matter not in (None, listed.matter):
            self.find(file, listed.matter, "signature", "kind or matter is not what the manifest says")
        for problem in read_body.problems:
            self.find(file, listed.matter, "signature", problem)
        held = HeldLeaf(listed.index, file, leaf.word, listed.matter, leaf.digest, read_body)
        self.view.leaves.append(held)

    def _time(self) -> None:
        """A part is not of before its own leaves, nor of a time to come."""
        as_of = self.said.time
        own = [
            leaf.body.time
            for leaf in self.view.leaves
            if leaf.body.author == self.said.party and leaf.kind != "chains"
        ]
        if own and max(own) - as_of > SETTLED:
            self.find("manifest.json", "", "manifest", "it says that it was of before its own leaves")
        if as_of - self.now > CLOCK_SKEW:
            self.find("manifest.json", "", "manifest", "it says that it was of a time that has not come")

    def _receipts(self) -> None:
        """Each receipt is for a statement of the same bytes, parties and number, as far as the scope has it."""
        statements = {leaf.digest: leaf for leaf in self.view.leaves if leaf.body.statement is not None}
        ids = {leaf.body.ref for leaf in statements.values()}
        for leaf in self.view.leaves:
            receipt = leaf.body.receipt
            if receipt is None:
                continue
            about = statements.get(receipt.envelope_digest)
            if about is None or about.body.statement is None:
                if leaf.body.ref in ids or self.said.scope.range is None:
                    self.find(leaf.file, leaf.matter, "receipt", "its statement is not here with these bytes")
                continue
            sent = about.body.statement
            route = (sent.id, sent.sender, sent.recipient, sent.sequence, about.matter)
            said = (receipt.statement_id, receipt.sender, receipt.recipient, receipt.sequence, leaf.matter)
            if said != route:
                text = "it says other parties, number or matter than its statement"
                self.find(leaf.file, leaf.matter, "receipt", text)

    def _completeness(self, head: Checkpoint) -> None:
        """The leaves of each matter are its whole chain, to which the log's last leaf commits."""
        last = self.files.get(f"{self.folder}leaves/{head.size - 1:012d}.chains", b"")
        root = sparse_map.root_in(last)
        answers: dict[str, list[tuple[int, bytes]]] = defaultdict(list)
        for leaf in self.view.leaves:
            if leaf.kind != "chains":
                hashed = tlog.leaf_hash(self.files[self.folder + leaf.file])
                answers[leaf.matter].append((leaf.index, hashed))
        for matter in self.said.scope.matters:
            file = f"chains/{matter}.json"
            try:
                if root is None:
                    raise ValueError("the log's last leaf is no chain leaf")
                content = self.files.get(self.folder + file, b"")
                _check_chain(read(ChainEntry, content), matter, answers[matter], root)
            except ValueError as error:
                self.find(file, matter, "completeness", str(error))


def cross_check(views: Sequence[PartView]) -> Iterator[Finding]:
    """Check that what one part proves to be in another log is there, if it is of before that log's checkpoint."""
    held = {view.said.party: {leaf.digest for leaf in view.leaves} for view in views}
    whole = {view.said.party: view.said.time for view in views if view.said.scope.range is None}
    for view in views:
        for leaf in view.leaves:
            for party, digest in _owed(leaf):
                owes = party != view.said.party and party in whole
                if owes and whole[party] - leaf.body.time > SETTLED and digest not in held[party]:
                    text = f"{view.said.party} holds what is not here: {leaf.file} ({leaf.body.ref})"
                    yield Finding(f"logs/{party}/manifest.json", leaf.matter, "other log", text)


def _owed(leaf: HeldLeaf) -> Iterator[tuple[str, bytes]]:
    """Name the other log that must have a digest because of this leaf, and the digest."""
    if leaf.body.statement is not None:
        yield leaf.body.statement.sender, leaf.digest
    if leaf.body.receipt is not None:
        yield leaf.body.receipt.recipient, leaf.digest
        yield leaf.body.receipt.recipient, leaf.body.receipt.envelope_digest
        yield leaf.body.receipt.sender, leaf.body.receipt.envelope_digest


def _has_log(asked: Policy, noted: bytes, head: Checkpoint) -> bool:
    """A log of the policy, under the origin of the checkpoint, signed it."""
    parsed = note.parse_note(noted)
    keys = {(log.key.name, log.key.key_id): log.key for log in asked.logs if log.key.name == head.origin}
    return any(
        key.verify(parsed.text, line.signature)
        for line in parsed.signatures
        if (key := keys.get((line.name, line.key_id))) is not None
    )


def _check_chain(said: ChainEntry, matter: str, answer: Sequence[tuple[int, bytes]], root: bytes) -> None:
    if said.key != sparse_map.of_matter(matter):
        raise ValueError("the chain is of another key")
    chain = Chain(said.length, bytes.fromhex(said.head), bytes.fromhex(said.case)) if said.length else None
    other = sparse_map.decode_entry(bytes.fromhex(said.other)) if said.other else None
    siblings = tuple(map(bytes.fromhex, said.siblings))
    sparse_map.verify_map(said.key, chain, MapProof(siblings, other), root)
    sparse_map.verify_answer(said.key, answer, chain)
    if chain is None and said.head != "0" * 64:
        raise ValueError("no chain, and a head")


def _leaf_file(listed: LeafEntry) -> str:
    return f"leaves/{listed.index:012d}.{listed.kind}"


def _proof_file(listed: LeafEntry) -> str:
    return f"proofs/{listed.index:012d}.tlog-proof"
