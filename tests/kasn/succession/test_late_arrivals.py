"""Late arrivals: statements that reach the successor by two ways end as if they had come by one, whatever overtakes what."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cooperation.oversight import overseers
from kasn.matters.domain import changes, events
from kasn.matters.domain.matter import Matter, State, blank
from kasn.succession.domain import late_arrivals, transfer

OLD, NEXT, ADDRESSEE, HOLDER = "kasn", "bkn", "ppk-6202", "bkn"
NOW = datetime(2024, 9, 10, 3, tzinfo=UTC)
SEVERE, MEDIUM = "PP94-8-4-A", "PP94-8-3-A"


def on(day: int) -> date:
    return date(2024, 9, day)


Said = tuple[str, events.HeardEvent]

# What an authority and overseers can say of one recommendation, each in the order of its own desk.
OBJECTS = [events.Acknowledged(), events.Objected("1/SGH", on(5))]
REJECTS = [events.Rejected("NOT_OUR_EMPLOYEE")]
SANCTIONS = [
    events.Acknowledged(),
    events.Progressed("TEAM_FORMED", on(5)),
    events.Progressed("SUMMONED", on(6)),
    events.Decided("1/SK", on(8), SEVERE),
    events.FollowedUp("SANCTION_IMPOSED", "1/TL", on(9)),
]
PARTLY = [
    events.Acknowledged(),
    events.Decided("1/SK", on(8), SEVERE),
    events.FollowedUp("PARTIAL", "1/TL", on(9), ("MORAL_OPEN",)),
    events.Decided("2/SK", on(10), MEDIUM),
    events.FollowedUp("SANCTION_IMPOSED", "2/TL", on(11)),
]
APPEALED = [
    *SANCTIONS,
    events.Appealed("", on(12)),
    events.Appealed("CHANGED", on(14), "2/SK", on(15), MEDIUM),
    events.FollowedUp("SANCTION_IMPOSED", "2/TL", on(16)),
]
ANNULLED = [
    *SANCTIONS,
    events.Appealed("", on(12)),
    events.Appealed("ANNULLED", on(14)),
    events.Decided("2/SK", on(16), MEDIUM),
]
CORRECTED = [
    *SANCTIONS[:-1],
    events.DecreeCorrected("1/SK", "11/SK", on(10)),
    SANCTIONS[-1],
]
IMPOSSIBLE = [events.Acknowledged(), events.FollowedUp("CANNOT_BE_FOLLOWED_UP", "1/TL", on(9))]
BLOCKS = [
    overseers.Blocked("1/BLK", on(5)),
    overseers.Unblocked("1/BKA", on(5)),
    overseers.Blocked("2/BLK", on(5)),
    overseers.Unblocked("2/BKA", on(5)),
]
WARNINGS = [overseers.Warned(f"{n}/T", on(5 + n), on(8 + n)) for n in range(2)]
PATHS: dict[str, tuple[str, list[events.HeardEvent]]] = {
    "objects": (ADDRESSEE, OBJECTS),
    "rejects": (ADDRESSEE, REJECTS),
    "sanctions": (ADDRESSEE, SANCTIONS),
    "sanctions in parts": (ADDRESSEE, PARTLY),
    "sanctions again after an appeal": (ADDRESSEE, APPEALED),
    "decides again after an appeal": (ADDRESSEE, ANNULLED),
    "corrects a typing error in its decree": (ADDRESSEE, CORRECTED),
    "cannot": (ADDRESSEE, IMPOSSIBLE),
    "blocks and unblocks": (HOLDER, BLOCKS),
    "warns": ("kemendagri", WARNINGS),
}


def a_matter() -> Matter:
    """A matter that came over opened."""
    return replace(
        blank(NEXT, "id", "case", NOW),
        state=State.OPENED,
        supervisor="bawaslu",
        addressee=ADDRESSEE,
        letter_number="R-7/KASN/8/2024",
        predecessor=OLD,
    )


def hears(matter: Matter, sender: str, number: int, said: events.HeardEvent, *, forwarded: bool) -> Matter:
    id = f"01958000-0000-7000-8000-00000000000{number}"
    if forwarded:
        return transfer.hear(matter, transfer.Forwarded(id, sender, said), OLD, "a later one")
    return transfer.hear(matter, said, sender, id)


@pytest.mark.parametrize("path", PATHS)
@given(data=st.data())
def test_what_overtakes_on_its_way_changes_nothing_in_the_end(path: str, data: st.DataObject) -> None:
    sender, said = PATHS[path]
    said = list(enumerate(said))[: data.draw(st.integers(1, len(said)))]
    cut = data.draw(st.integers(0, len(said)))
    in_order = a_matter()
    for event in said:
        in_order = hears(in_order, sender, *event, forwarded=False)

    # True: through the old examiner.
    found, ways = a_matter(), {True: iter(said[:cut]), False: iter(said[cut:])}
    for way in data.draw(st.permutations([True] * cut + [False] * (len(said) - cut))):
        found = hears(found, sender, *next(ways[way]), forwarded=way)

    assert found == in_order


def test_every_statement_of_addressee_and_overseers_names_what_it_changes() -> None:
    """So that what is behind cannot undo what it does not name: applied to two matters that differ, it leaves the rest."""
    filled = dict.fromkeys(("last_step", "appeal", "decree_number", "follow_up_number", "moved_to"), "known")
    for _, said in PATHS.values():
        for event in said:
            for before in (a_matter(), replace(a_matter(), state=State.DECIDED, data_blocked=True, **filled)):
                after = changes.apply(before, event)
                changed = {
                    f.name for f in fields(Matter) if getattr(after, f.name) != getattr(before, f.name)
                }
                assert changed <= late_arrivals._changed(event)
