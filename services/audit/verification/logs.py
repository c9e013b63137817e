"""Verifies exported logs from files and public keys alone: no database, no network, no trust in who exported them.

Every leaf must have the hash that the tree holds, every signed checkpoint the root of the leaves before it, every
statement and receipt a signature of its author, what the index says of a leaf must be what its bytes say, and every chain
leaf must commit to the chains of the leaves before it (`completeness.sparse_map`), so that answers proved by it are whole. Each
`Finding` names the matter it is about, from whatever can still be read, so that an auditor knows which case to open.

A log is read once, leaf by leaf; only statements and receipts are remembered, by digest. What one log cannot show,
that its end was cut off, two logs can (`cross_check`).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from audit.completeness import sparse_map
from audit.formats import checkpoint, note, tlog
from audit.log import events
from audit.log.envelope import Unreadable
from audit.verification.findings import Finding, HeldReceipt, HeldStatement, Keys, LogKey, Verified
from audit.verification.leaf_body import NO_TIME, LeafBody, instant, is_unsigned, read_leaf
from netral.audit.v1 import service_pb2 as pb


def verify_log(
    party: str, items: Iterable[pb.ExportLogResponse], keys: Keys, log_keys: Iterable[LogKey]
) -> Verified:
    """Verify a whole log of `party`: its checkpoints and then its leaves from index 0 on.

    `keys` are those of all authors, `log_keys` those that signed this log's checkpoints over the years
    (`netral/<party>`). Both must come from outside the export.
    """
    reading = _Reading(party, keys, log_keys)
    for item in items:
        reading.take(item)
    return reading.finish()


@dataclass(frozen=True, slots=True)
class _Mark:
    """A checkpoint to be compared when its size is reached; without root if it could not be read."""

    size: int
    root: bytes | None
    problem: str
    signed_by: Sequence[LogKey] = ()


class _Reading:
    """The state of reading one log."""

    def __init__(self, party: str, keys: Keys, log_keys: Iterable[LogKey]) -> None:
        self.party = party
        self.origin = checkpoint.origin_of(party)
        self.keys = keys
        self.log_keys = [key for key in log_keys if key.name == self.origin]
        self.findings: list[Finding] = []
        self.size = 0
        self.marks: dict[int, list[_Mark]] = defaultdict(list)
        self.by_bodies, self.by_stored = tlog.GrowingTree(), tlog.GrowingTree()
        self.lost = False
        # Index and matter of the leaves that no good checkpoint covers yet.
        self.unproved: list[tuple[int, str]] = []
        self.last_mark = 0
        self.newest = NO_TIME
        self.statements: list[HeldStatement] = []
        self.by_id: dict[str, list[HeldStatement]] = defaultdict(list)
        self.receipts: list[HeldReceipt] = []
        self.pages: sparse_map.Pages = {"": sparse_map.Page()}
        # Leaves since the last chain leaf: what it must take in, and which matters a wrong one concerns.
        self.links: list[sparse_map.Link] = []
        self.chained_to: int | None = None
        self.chains_lost = False
        self.broken_refs: set[str] = set()
        self.broken_own = 0

    def find(self, index: int, matter: str, kind: str, message: str) -> None:
        self.findings.append(Finding(self.party, index, matter, kind, message))

    def take(self, item: pb.ExportLogResponse) -> None:
        which = item.WhichOneof("item")
        if which == "checkpoint":
            if self.size:
                self.find(-1, "", "export", "a checkpoint stands after the first leaf")
            self._take_checkpoint(item.checkpoint)
        elif which == "leaf":
            self._take_leaf(item.leaf)
        else:
            self.find(self.size, "", "export", "an item is neither checkpoint nor leaf")

    def finish(self) -> Verified:
        if not self.size:
            self._compare_marks()
        newest = max(self.marks, default=0)
        for size in sorted(size for size in self.marks if not 0 <= size <= self.size):
            problems = " ".join(mark.problem for mark in self.marks[size])
            text = f"the export has {self.size} leaves and a checkpoint of size {size} {problems}".rstrip()
            self._name_matters(self.last_mark, "checkpoint", text)
        if self.size > newest:
            self._name_matters(newest, "export", "no checkpoint covers these leaves")
        self._check_receipts()
        self._check_sequences()
        return Verified(self.party, self.size, self.findings, self.statements, self.receipts)

    # Checkpoints

    def _take_checkpoint(self, given: pb.Checkpoint) -> None:
        try:
            opened = note.open_note(given.note, self.log_keys)
            head = checkpoint.parse(opened.text)
        except ValueError as error:
            self.marks[given.size].append(_Mark(given.size, None, f"it is not signed by the log: {error}"))
            return
        problem = ""
        if head.origin != self.origin:
            problem = "it is one of another log"
        elif (given.origin, given.size, given.root) != (head.origin, head.size, head.root):
            problem = "what is said of it is not what was signed"
        elif any(mark.root not in (None, head.root) for mark in self.marks[head.size]):
            problem = "two roots were signed for this size"
        signers = {line.key_id for line in opened.verified}
        signed_by = [key for key in self.log_keys if key.key_id in signers]
        self.marks[head.size].append(_Mark(head.size, head.root, problem, signed_by))

    def _compare_marks(self) -> None:
        """Compare the checkpoints of the size reached with the tree of the leaves so far."""
        marks = self.marks.get(self.size, [])
        good = False
        for mark in marks:
            if mark.problem:
                self._name_matters(self.last_mark, "checkpoint", f"checkpoint {mark.size}: {mark.problem}")
            # When a checkpoint was signed, nothing proves; it was not before the log's own leaves under it.
            if any(key.until is not None and key.until <= self.newest for key in mark.signed_by):
                text = f"checkpoint {mark.size}: its key had ended when leaves under it were made"
                self._name_matters(self.last_mark, "checkpoint", text)
                continue
            if mark.root is None or self.lost:
                continue
            if mark.root in (self.by_bodies.root(), self.by_stored.root()):
                good = True
                continue
            text = f"checkpoint {mark.size} was signed over other leaves; later ones cannot be compared"
            self._name_matters(0, "checkpoint", text)
            self.lost = True
        if marks:
            self.last_mark = self.size
        if good:
            self.unproved.clear()

    def _name_matters(self, first: int, kind: str, message: str) -> None:
        """One finding for each matter of the leaves from `first` on that no good checkpoint covers yet."""
        named: dict[str, int] = {}
        for index, matter in self.unproved:
            if index >= first:
                named.setdefault(matter, index)
        for matter, index in (named or {"": -1}).items():
            self.find(index, matter, kind, message)

    # Leaves

    def _take_leaf(self, leaf: pb.Leaf) -> None:
        if not self.size:
            self._compare_marks()
        index = self.size
        hashed = tlog.leaf_hash(leaf.body)
        body: LeafBody | None = None
        unreadable = ""
        try:
            body = read_leaf(self.party, leaf.body, self.keys)
        except Unreadable as error:
            unreadable = str(error)
        unchanged = hashed == leaf.hash
        signed = body is not None and not body.problems and not is_unsigned(leaf.body)
        matter = self._matter(leaf, body, sure=unchanged or signed)
        if leaf.index != index:
            self.find(index, matter, "export", f"says it is leaf {leaf.index}")
        if not unchanged:
            self.find(index, matter, "leaf", "its bytes do not have the hash that the tree holds")
        if unreadable:
            self.find(index, matter, "unreadable", unreadable)
        if body is not None:
            for problem in body.problems:
                self.find(index, matter, "signature", problem)
        if body is not None and (unchanged or signed):
            self._check_columns(index, matter, leaf, body)
            self._remember(index, matter, leaf, body)
            if body.author == self.party:
                self.newest = max(self.newest, body.time)
            self._chain(index, matter, leaf)
        else:
            self.chains_lost = True
            self.broken_refs.add(leaf.ref)
            self.broken_own += leaf.author == self.party and leaf.type.startswith("netral.")
        self.by_bodies.append(hashed)
        self.by_stored.append(leaf.hash)
        self.unproved.append((index, matter))
        self.size += 1
        self._check_end_of_batch()
        self._compare_marks()

    def _chain(self, index: int, matter: str, leaf: pb.Leaf) -> None:
        """Take a sound leaf into the chains, and compare a chain leaf with them."""
        root = sparse_map.root_in(leaf.body)
        if root is None:
            self.links.append(sparse_map.link(index, leaf.hash, events.audit_event(leaf.body), matter))
            return
        sparse_map.extend(self.pages, self.links)
        if not self.chains_lost and root != sparse_map.page_hash(self.pages[""]):
            self.chains_lost = True
            text = "the chain leaf does not commit to the leaves before it; later ones cannot be compared"
            for name in sorted({link.matter for link in self.links}):
                self.find(index, name, "chains", text)
        self.links = []
        self.chained_to = self.size + 1

    def _check_end_of_batch(self) -> None:
        """Once a log has chains, each tree that it signs ends with a chain leaf."""
        if self.size in self.marks and self.chained_to not in (None, self.size) and not self.chains_lost:
            self.chains_lost = True
            self.find(self.size - 1, "", "chains", "a signed tree does not end with a chain leaf")

    def _matter(self, leaf: pb.Leaf, body: LeafBody | None, *, sure: bool) -> str:
        """The matter of a leaf, from its bytes if they are sound, otherwise from where a UUID can be read."""
        said = None
        if body is not None:
            said = body.matter
            if body.receipt is not None and self.by_id.get(body.ref):
                about, held = body.receipt.envelope_digest, self.by_id[body.ref]
                said = next((each.matter for each in held if each.digest == about), held[0].matter)
        if sure and said is not None:
            return said
        return leaf.matter if _is_uuid(leaf.matter) or not said else said

    def _check_columns(self, index: int, matter: str, leaf: pb.Leaf, body: LeafBody) -> None:
        try:
            time = instant(leaf.time)
        except Unreadable:
            time = None
        pairs: dict[str, tuple[str | datetime | None, str | datetime | None]] = {
            "ref": (leaf.ref, body.ref),
            "matter": (leaf.matter, body.matter),
            "type": (leaf.type, body.type),
            "actor": (leaf.actor, body.actor),
            "author": (leaf.author, body.author),
            "time": (time, None if body.time is NO_TIME else body.time),
        }
        for name, (column, said) in pairs.items():
            if said is not None and column != said:
                self.find(index, matter, "index", f"{name} is not what the bytes say")

    def _remember(self, index: int, matter: str, leaf: pb.Leaf, body: LeafBody) -> None:
        digest = events.decode_leaf(leaf.body).digest
        if body.statement is not None:
            said = body.statement
            held = HeldStatement(
                index, said.id, matter, digest, said.sender, said.recipient, said.sequence, body.time
            )
            self.statements.append(held)
            self.by_id[said.id].append(held)
        elif body.receipt is not None:
            receipt = body.receipt
            self.receipts.append(
                HeldReceipt(
                    index,
                    leaf.matter,
                    digest,
                    receipt.statement_id,
                    receipt.envelope_digest,
                    receipt.sender,
                    receipt.recipient,
                    receipt.sequence,
                    body.time,
                )
            )

    # What only the whole log can show

    def _check_receipts(self) -> None:
        """Each receipt is for a statement in this log: the same bytes, parties and number; its index says its matter."""
        for receipt in self.receipts:
            candidates = self.by_id.get(receipt.statement, [])
            about = next((held for held in candidates if held.digest == receipt.about), None)
            if about is None:
                if receipt.statement in self.broken_refs:
                    continue
                matter = candidates[0].matter if candidates else receipt.matter
                text = (
                    "it is for other bytes of its statement"
                    if candidates
                    else "its statement is not in the log"
                )
                self.find(receipt.index, matter, "receipt", text)
                continue
            route = (about.sender, about.recipient, about.sequence)
            if (receipt.sender, receipt.recipient, receipt.sequence) != route:
                self.find(
                    receipt.index, about.matter, "receipt", "parties or number are not those of its statement"
                )
            if receipt.matter != about.matter:
                self.find(
                    receipt.index, about.matter, "index", "matter is not that of the receipt's statement"
                )

    def _check_sequences(self) -> None:
        """The statements of this party to each other party have the numbers 1, 2, 3, … ."""
        by_recipient: dict[str, list[HeldStatement]] = defaultdict(list)
        for held in self.statements:
            if held.sender == self.party:
                by_recipient[held.recipient].append(held)
        # Leaves that are broken have been named already; the numbers they held are not missed again.
        forgiven = self.broken_own
        for recipient, sent in by_recipient.items():
            last = 0
            for held in sorted(sent, key=lambda held: (held.sequence, held.index)):
                missing = held.sequence - last - 1
                if 0 < missing <= forgiven:
                    forgiven -= missing
                elif missing > 0:
                    text = f"{missing} are missing before number {held.sequence} to {recipient}"
                    self.find(held.index, held.matter, "sequence", text)
                elif missing < 0:
                    text = f"number {held.sequence} to {recipient} was given twice"
                    self.find(held.index, held.matter, "sequence", text)
                last = held.sequence


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
