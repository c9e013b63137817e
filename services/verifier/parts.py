"""Verification of one party's part of a pack: its manifest, its checkpoint, its leaves, and that no leaf was left out."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from verifier.findings import CLOCK_SKEW, Findings, entry_of
from verifier.leaves import Leaf, read_leaf
from verifier.manifests import (
    MANIFEST_FILES,
    PART_TYPE,
    Listed,
    PartManifest,
    Scope,
    files_of,
    read_part_manifest,
)
from verifier.notes import (
    Checkpoint,
    Note,
    cosigned_at,
    is_cosigned,
    is_signed_by_log,
    read_checkpoint,
    read_note,
)
from verifier.policy import Policy
from verifier.strict import Bad, read_json
from verifier.trees import check_chain, leaf_hash, read_proof, root_of
from verifier.trust import LOG_PREFIX

# A receipt this much older than the recipient's checkpoint must be in the recipient's tree, and so must its statement.
SETTLED = timedelta(seconds=10)


@dataclass
class Part:
    """One party's view: its signed manifest, its checkpoint and its leaves."""

    party: str
    said: PartManifest
    head: Checkpoint | None = None
    cosigned: list[str] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)


def verify_part(files: Mapping[str, bytes], party: str, scope: Scope, findings: Findings) -> Part | None:
    """Verify the files of a party's folder; gives what could be read of them."""
    folder = f"logs/{party}/"
    file = folder + "manifest.json"
    try:
        said = read_part_manifest(entry_of(files, file))
    except Bad as error:
        findings.find(file, "manifest", f"it cannot be read: {error}")
        return None
    part = Part(party, said)
    findings.check_signature(files, folder, PART_TYPE, said, said.as_of)
    findings.check_files(files.keys() - {folder + name for name in MANIFEST_FILES}, files, said)
    try:
        if said.signer != party or said.scope != scope:
            raise Bad("it is about something else than the pack")
        _PartVerification(files, part, findings).run()
    except Bad as error:
        findings.find(file, "manifest", f"it cannot be used: {error}")
    return part


class _PartVerification:
    """The verification of one part whose manifest could be read."""

    def __init__(self, files: Mapping[str, bytes], part: Part, findings: Findings) -> None:
        self.files, self.part, self.said, self.findings = files, part, part.said, findings
        self.trust = findings.trust
        self.folder = f"logs/{part.party}/"
        self.manifest, self.checkpoint = self.folder + "manifest.json", self.folder + "checkpoint"
        self.find = findings.find

    def run(self) -> None:
        """Verify the checkpoint and then all that it covers. Raises `Bad` if there is no checkpoint to go by."""
        note = read_note(entry_of(self.files, self.checkpoint))
        head = self.part.head = read_checkpoint(note.text)
        self._check_log(note, head)
        if self.trust.policies:
            self._check_policies(note, head)
        if (self.said.size, self.said.root) != (head.size, head.root):
            raise Bad("its size and root are not those of the checkpoint")
        self._check_listing()
        for listed in self.said.leaves:
            self._check_leaf(listed, head)
        self._check_time()
        self._check_receipts()
        self._check_completeness(head)

    # The checkpoint

    def _check_log(self, note: Note, head: Checkpoint) -> None:
        """The checkpoint is signed by the party's log, with a key that was valid then."""
        if head.origin != LOG_PREFIX + self.part.party:
            self.find(self.checkpoint, "checkpoint", "it is one of another log")
        known = self.trust.logs.get(self.part.party, ())
        own = [(log, line) for line in note.signatures for log in known if line.is_of(log.key)]
        if not own or not all(is_signed_by_log(log.key, line.signature, head) for log, line in own):
            self.find(self.checkpoint, "checkpoint", "it is not signed by the log")
        if not all(log.period.covers(self.said.as_of) for log, _ in own):
            self.find(self.checkpoint, "checkpoint", "a key of the log was not valid when it was signed")
        publics = {log.key.public for log, _ in own}
        authors = self.trust.authors.items()
        self.findings.keyids |= {keyid for keyid, key in authors if key.public in publics}

    def _check_policies(self, note: Note, head: Checkpoint) -> None:
        """Every policy that has this log must be met: of two, the milder one does not count alone."""
        applying = [policy for policy in self.trust.policies if _has_log(policy, note, head)]
        if not applying:
            self.find(self.checkpoint, "policy", "no policy has this log with this key")
        for policy in applying:
            cosigned = self._cosigned(policy, note, head)
            if not policy.is_met(cosigned):
                text = f"the quorum {policy.quorum} is not met: cosigned by {few_of(cosigned)}"
                self.find(self.checkpoint, "policy", text)
            self.part.cosigned += [name for name in cosigned if name not in self.part.cosigned]

    def _cosigned(self, policy: Policy, note: Note, head: Checkpoint) -> list[str]:
        """Name the witnesses of a policy that cosigned; a signature by a known key that does not verify is found."""
        cosigned = []
        for log in policy.logs:
            lines = [line.signature for line in note.signatures if line.is_of(log)]
            if not all(is_signed_by_log(log, signature, head) for signature in lines):
                self.find(self.checkpoint, "checkpoint", f"a signature of {log.name} does not verify")
        for name, key in policy.witnesses.items():
            lines = [line.signature for line in note.signatures if line.is_of(key)]
            if not all(is_cosigned(key, signature, head) for signature in lines):
                self.find(self.checkpoint, "cosignature", f"the cosignature of {name} does not verify")
            elif lines:
                cosigned.append(name)
                self._check_not_after(name, min(map(cosigned_at, lines)))
        return cosigned

    def _check_not_after(self, witness: str, seconds: int) -> None:
        if self.said.as_of.timestamp() - seconds > CLOCK_SKEW.total_seconds():
            text = f"it says that it was of after the cosignature of {witness}"
            self.find(self.manifest, "manifest", text)

    # The leaves

    def _check_listing(self) -> None:
        said, folder = self.said, self.folder
        if said.scope.range is not None and not _are_all_of(said.leaves, *said.scope.range):
            self.find(self.manifest, "manifest", "its leaves are not those of the range")
        matters = {each.matter for each in said.leaves if each.kind != "chains"}
        if said.scope.matters and not matters <= set(said.scope.matters):
            self.find(self.manifest, "manifest", "it has leaves of other matters")
        wanted = {name for each in said.leaves for name in files_of(folder, each.index, each.kind)}
        wanted |= {folder + name for name in ("checkpoint", *MANIFEST_FILES)}
        wanted |= {f"{folder}chains/{matter}.json" for matter in said.scope.matters}
        for name in sorted(self.files.keys() - wanted):
            self.find(name, "manifest", "it belongs to no leaf of the listing")

    def _check_leaf(self, listed: Listed, head: Checkpoint) -> None:
        """A leaf is in the tree, and signed by its author; what can be read of it is kept."""
        file, proof_file = files_of(self.folder, listed.index, listed.kind)
        body, proof = self.files.get(file), self.files.get(proof_file)
        if body is None or proof is None:
            self.find(file, "leaf", "the leaf or its proof is missing")
            return
        try:
            given = read_proof(proof)
            if given.index != listed.index or given.note != self.files[self.checkpoint]:
                raise Bad("the proof is of another leaf or checkpoint")
            if root_of(leaf_hash(body), listed.index, head.size, given.path) != head.root:
                raise Bad("the leaf is not in the tree of the checkpoint")
        except Bad as error:
            self.find(proof_file, "proof", str(error))
        try:
            leaf = read_leaf(self.part.party, body, self.trust.authors)
        except Bad as error:
            self.find(file, "unreadable", str(error))
            return
        if leaf.kind != listed.kind or (leaf.matter is not None and leaf.matter != listed.matter):
            leaf.problems.append("kind or matter is not what the manifest says")
        for problem in leaf.problems:
            self.find(file, "signature", problem)
        leaf.file, leaf.index, leaf.matter = file, listed.index, listed.matter
        self.findings.keyids |= {leaf.keyid} - {""}
        self.part.leaves.append(leaf)

    def _check_time(self) -> None:
        """A part is not of before its own leaves, nor of a time to come."""
        party, as_of = self.part.party, self.said.as_of
        own = [leaf.time for leaf in self.part.leaves if leaf.author == party and leaf.kind != "chains"]
        if own and max(own) - as_of > SETTLED:
            self.find(self.manifest, "manifest", "it says that it was of before its own leaves")
        if as_of - self.findings.now > CLOCK_SKEW:
            self.find(self.manifest, "manifest", "it says that it was of a time that has not come")

    def _check_receipts(self) -> None:
        """Each receipt is for a statement of the same bytes, parties and number, as far as the scope has it."""
        statements = {leaf.digest: leaf for leaf in self.part.leaves if leaf.kind == "statement"}
        ids = {leaf.id for leaf in statements.values()}
        for receipt in self.part.leaves:
            if receipt.kind != "receipt":
                continue
            about = statements.get(receipt.about)
            if about is None:
                if receipt.id in ids or self.said.scope.range is None:
                    self.find(receipt.file, "receipt", "its statement is not in the pack with these bytes")
            elif _route(receipt) != _route(about):
                text = "it says other parties, number or matter than its statement"
                self.find(receipt.file, "receipt", text)

    def _check_completeness(self, head: Checkpoint) -> None:
        """Nothing of a matter was left out: its chain has these leaves, and the log's last leaf commits to the chain."""
        leaves = self.part.leaves
        roots = [leaf.about for leaf in leaves if leaf.kind == "chains" and leaf.index == head.size - 1]
        by_matter: dict[str, list[tuple[int, bytes]]] = defaultdict(list)
        for leaf in leaves:
            if leaf.kind != "chains":
                by_matter[leaf.matter or ""].append((leaf.index, leaf_hash(self.files[leaf.file])))
        for matter in self.said.scope.matters:
            file = f"{self.folder}chains/{matter}.json"
            try:
                if not roots:
                    raise Bad("the log's last leaf is no chain leaf: that nothing was left out is not proved")
                document = read_json(entry_of(self.files, file))
                check_chain(document, f"matter/{matter}", by_matter[matter], roots[0])
            except Bad as error:
                self.find(file, "completeness", str(error), matter)


def _has_log(policy: Policy, note: Note, head: Checkpoint) -> bool:
    return any(
        log.name == head.origin and line.is_of(log) and is_signed_by_log(log, line.signature, head)
        for log in policy.logs
        for line in note.signatures
    )


def _are_all_of(leaves: Sequence[Listed], first: int, end: int) -> bool:
    """Check that these are the indexes from `first` up to, without, `end`; the range may claim to be of any length."""
    return len(leaves) == end - first and all(first + at == leaf.index for at, leaf in enumerate(leaves))


def _route(leaf: Leaf) -> tuple[str, str, str, int, str | None]:
    return leaf.id, leaf.sender, leaf.recipient, leaf.sequence, leaf.matter


def few_of(witnesses: Sequence[str]) -> str:
    """Name the first few witnesses, and how many more there are."""
    few = ", ".join(witnesses[:4]) or "nobody"
    return few if len(witnesses) < 5 else f"{few} and {len(witnesses) - 4} more"
