"""Clocks of parties that differ: what is dated ahead is taken up to five minutes, receipts always, and both are measured."""

from datetime import timedelta

import pytest

from exchange.peer_clocks import CLOCK_SKEW
from exchange.tables import Outbox
from support.pair import Clock, Side

Pair = tuple[Side, Side]
MOMENT = timedelta(microseconds=1)


def set_apart(side: Side, by: timedelta) -> None:
    """Give a party a clock of its own, so far from the other's."""
    side.clock = side.desk.now = Clock(side.clock.at + by)


async def outcome(sender: Side, recipient: Side) -> str:
    """Send a statement, take it and its receipts; gives the outcome that the sender's books have."""
    id = await sender.send(recipient)
    await sender.take(*await recipient.take(*await sender.mail()))
    (row,) = await sender.rows(Outbox, id=id)
    return f"{row.outcome} {row.reason}".strip()


@pytest.mark.parametrize(
    ("ahead", "found"),
    [
        (timedelta(minutes=3), "TAKEN_UP"),
        (timedelta(minutes=-3), "TAKEN_UP"),
        (CLOCK_SKEW, "TAKEN_UP"),
        (CLOCK_SKEW + MOMENT, "REFUSED TIME_IN_FUTURE"),
        (-CLOCK_SKEW - MOMENT, "TAKEN_UP"),
    ],
    ids=["3 min ahead", "3 min behind", "at the limit", "just beyond", "behind by more"],
)
async def test_a_statement_is_taken_from_a_clock_that_is_ahead_by_five_minutes_at_most(
    pair: Pair, ahead: timedelta, found: str
) -> None:
    anna, budi = pair
    set_apart(anna, ahead)

    assert await outcome(anna, budi) == found


@pytest.mark.parametrize("minutes", [3, 6, -3, -6])
async def test_receipts_settle_whatever_the_clock_of_who_signs_them(pair: Pair, minutes: int) -> None:
    anna, budi = pair
    set_apart(budi, timedelta(minutes=minutes))
    await anna.send(budi)

    await anna.take(*await budi.take(*await anna.mail()))

    (row,) = await anna.rows(Outbox)
    assert row.custody is not None and row.outcome


@pytest.mark.parametrize("minutes", [3, -3])
async def test_a_clock_that_differs_is_measured_by_both_and_forgotten_when_it_is_set_right(
    pair: Pair, minutes: int
) -> None:
    anna, budi = pair
    apart = timedelta(minutes=minutes)
    set_apart(budi, apart)
    await outcome(anna, budi)
    assert anna.desk.peer_clocks.ahead == {"budi": apart}

    budi.clock = budi.desk.now = anna.clock
    await outcome(anna, budi)
    assert anna.desk.peer_clocks.ahead == {}


async def test_a_statement_shows_the_clock_of_its_sender(pair: Pair) -> None:
    anna, budi = pair
    set_apart(anna, timedelta(minutes=3))

    await outcome(anna, budi)

    assert budi.desk.peer_clocks.ahead == {"anna": timedelta(minutes=3)}
