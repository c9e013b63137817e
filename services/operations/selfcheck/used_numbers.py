"""Numbers that parties gave out, beside what they signed: a number in use that no record or statement of its party names.

Which field of which act is a number that is used once is said in the desks' handlers only, so a row that is missing is not found
here: its number could be given twice, and both letters would stand in the trail. The numbers of prevention and supervision
are replayed whole (`cooperation.prevention.replay`, `cooperation.supervision.replay`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from audit.formats.leaf import Kind
from audit.log.events import audit_event, searchable_words
from audit.tables import Leaf
from audit.verification.findings import Finding


@dataclass(frozen=True)
class UsedNumber:
    """A number of a kind (letter, act, case) that a party used on a matter."""

    party: str
    kind: str
    number: str
    matter: str


def check_numbers(
    leaves: Sequence[Leaf], table: str, rows: Sequence[UsedNumber], spelled: Callable[[str], str] = str
) -> Iterator[Finding]:
    """Find the rows of a table that their parties' own leaves do not speak for.

    A number stands in the facts of an act on the same matter, or of one on no matter (a letter on many); that of a case is the
    case's id. A row without a matter is free: the number was given by mistake, and corrected. `spelled` gives the one spelling by
    which a number is used up.
    """
    rows = [row for row in rows if row.matter]
    wanted = {(row.party, row.number) for row in rows}
    named: set[tuple[str, str, str]] = set()
    for leaf in leaves:
        if leaf.author != leaf.party or leaf.kind not in (Kind.RECORD, Kind.STATEMENT):
            continue
        read = audit_event(leaf.body)
        words = {*searchable_words(leaf.body), read.case} if read else set()
        words |= {spelled(word) for word in words}
        named |= {(leaf.party, word, leaf.matter) for word in words if (leaf.party, word) in wanted}
    known = {(leaf.party, leaf.matter) for leaf in leaves}
    for row in rows:
        on_it = (row.party, row.number, row.matter) in named
        on_none = (row.party, row.number, "") in named and (row.party, row.matter) in known
        if not on_it and not on_none:
            text = f"{table}: the trail does not say that this number is used ({row.kind})"
            yield Finding(row.party, -1, row.matter, "state", text)
