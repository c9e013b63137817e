"""One letter, many matters: several persons with different sanctions, one number, one addressee. Pure.

A letter is a call and a record, and not a row: nothing would read a table of letters that the record does not say.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from kasn.matters.domain import rules as domain
from kasn.matters.domain.commands import Recommend
from kasn.matters.domain.events import Recommended
from kasn.matters.domain.matter import Matter
from refusals import Malformed, Refusal

_OF_THE_LETTER = frozenset({"letter_number", "letter_date", "addressee", "due_date", "due_rule"})


@dataclass(frozen=True)
class LetterIssued:
    """A recommendation letter on several matters; `matters` are ids in the order of the letter."""

    letter_number: str
    letter_date: date
    addressee: str
    matters: tuple[str, ...]


def recommend(
    items: Sequence[tuple[Matter, Recommend]], today: date, repeated: Collection[str]
) -> tuple[LetterIssued, tuple[Recommended, ...]]:
    """Recommend on each matter of a letter, or on none. `repeated` are the ids of matters whose person was recommended on before.

    Raises:
        Refusal: what is wrong with an item, on the field `items[n].…`; with the letter, on the letter's field.
        Malformed: a matter stands twice.
    """
    events, seen = [], set()
    for place, (matter, command) in enumerate(items):
        if matter.id in seen:
            raise Malformed("the matter stands in the letter already", field=f"items[{place}].name")
        seen.add(matter.id)
        try:
            events.append(domain.recommend(matter, command, today, repeated=matter.id in repeated))
        except Refusal as refusal:
            if refusal.field not in _OF_THE_LETTER:
                refusal.field = f"items[{place}].{refusal.field or 'name'}"
            raise
    _, first = items[0]
    letter = LetterIssued(
        first.letter_number, first.letter_date, first.addressee, tuple(matter.id for matter, _ in items)
    )
    return letter, tuple(events)
