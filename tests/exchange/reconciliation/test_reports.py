"""Pairing reports: each side tells the other what its log holds; what does not fit is named with its matter."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from audit.formats import note
from audit.formats.leaf import Kind
from audit.sequencing.sequencer import Sequencer
from audit.sequencing.writer_lease import Lease
from audit.tables import Leaf, LeafIndex
from exchange.reconciliation import reports
from exchange.tables import Inbox, PairIn, PairingAlarm, PairingState
from netral.exchange.v1 import pairing_pb2, record_pb2
from netral.exchange.v1.pairing_pb2 import PairingGap
from support.pair import Mail, Side, a_matter, collector, open_sides, settle, table


@pytest.fixture(params=["sqlite", "postgresql"])
async def sides(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[list[Side]]:
    urls = {name: f"sqlite:///{tmp_path / name}.sqlite" for name in ("alpha", "beta")}
    if request.param == "postgresql":
        urls["beta"] = request.getfixturevalue("postgresql_url")
    async with open_sides(tmp_path, urls) as sides:
        yield sides


async def logged(side: Side, folder: Path) -> None:
    place = folder / f"{side.party}-witnessed"
    place.mkdir(exist_ok=True)
    signer = note.Signer(f"netral/{side.party}", side.desk.keys[side.party].signing)
    lease = Lease(side.party, side.clock)
    sequencer = Sequencer(
        side.desk.database, {side.party: signer}, side.clock, lease, place, ids=side.desk.leaf_ids
    )
    while await sequencer.run_once():
        pass


async def exchanged(alpha: Side, beta: Side, folder: Path, count: int = 3) -> list[str]:
    """Statements of alpha that beta took up, all in both logs; gives their ids."""
    ids = [await alpha.send(beta, matter=a_matter()) for _ in range(count)]
    await settle(alpha, beta)
    await logged(alpha, folder)
    await logged(beta, folder)
    return ids


async def report(side: Side, pair: reports.Pairing | None = None) -> list[Mail]:
    """Report of a side now, as after a start."""
    mails, publish = collector()
    await (pair or reports.Pairing(side.desk)).report(publish)
    return mails


async def gaps(side: Side) -> list[tuple[int, int, str]]:
    return [(row.sequence, row.kind, row.matter) for row in await side.rows(PairingAlarm)]


async def state(side: Side) -> Any:
    (row,) = await side.rows(PairingState)
    return row


async def test_what_fits_is_reported_once_and_kept_in_both_logs(sides: list[Side], tmp_path: Path) -> None:
    alpha, beta = sides
    await exchanged(alpha, beta, tmp_path)
    reporting = reports.Pairing(beta.desk)

    (mail,) = await report(beta, reporting)
    beta.clock.forward(1)
    await alpha.take(mail)

    assert await report(beta, reporting) == []
    assert (await state(alpha)).heard_received == 3
    assert await gaps(alpha) == []
    kept = [pairing_pb2.PairingKept() for _ in range(2)]
    for side, action, facts in zip(sides, (reports.COMPARE, reports.REPORT), kept, strict=True):
        (body,) = await side.leaves(Kind.RECORD, type=action)
        assert record_pb2.Record.FromString(body).facts.Unpack(facts)
    assert kept[0].report == kept[1].report


async def test_a_report_names_the_places_in_its_log_and_a_checkpoint_that_covers_them(
    sides: list[Side], tmp_path: Path
) -> None:
    alpha, beta = sides
    ids = await exchanged(alpha, beta, tmp_path)

    (mail,) = await report(beta)

    said = said_in(mail)
    places = {row.leaf_id: row.index for row in await beta.rows(LeafIndex)}
    leaves = {row.ref: row.id for row in await beta.rows(Leaf, kind=int(Kind.STATEMENT))}
    assert list(said.received.indexes) == [places[leaves[id]] for id in ids]
    assert said.received.first == 1 and said.received.through == 3
    assert int(said.checkpoint.split("\n")[1]) > max(said.received.indexes)


def said_in(mail: Mail) -> pairing_pb2.PairingReport:
    from exchange.statements import envelope
    from support.pair import signed_in

    (signed,) = signed_in([mail])
    return pairing_pb2.PairingReport.FromString(envelope.read(signed).payload)


async def test_what_has_no_index_yet_is_not_reported(sides: list[Side]) -> None:
    alpha, beta = sides
    await alpha.send(beta)
    await settle(alpha, beta)

    assert await report(beta) == []


async def test_a_statement_that_its_recipient_drops_from_its_log_is_named_with_its_matter(
    sides: list[Side], tmp_path: Path
) -> None:
    """After it reported it: database edited, restarted. Its next report goes back, and its receipt is at the sender."""
    alpha, beta = sides
    ids = await exchanged(alpha, beta, tmp_path)
    for mail in await report(beta):
        await alpha.take(mail)
    await drop(beta, ids[1])
    beta.clock.forward(600)

    for mail in await report(beta):
        await alpha.take(mail)

    (matter,) = {row.matter for row in await alpha.rows(Leaf, ref=ids[1], kind=int(Kind.STATEMENT))}
    named = await gaps(alpha)
    assert (2, PairingGap.KIND_WENT_BACK, matter) in named
    assert [number for number, _, _ in named] == [2, 3]


async def test_a_statement_that_was_dropped_before_any_report_is_named_by_its_receipt(
    sides: list[Side], tmp_path: Path
) -> None:
    alpha, beta = sides
    ids = await exchanged(alpha, beta, tmp_path)
    await drop(beta, ids[1])
    beta.clock.forward(600)

    for mail in await report(beta):
        await alpha.take(mail)

    (matter,) = {row.matter for row in await alpha.rows(Leaf, ref=ids[1], kind=int(Kind.STATEMENT))}
    assert await gaps(alpha) == [(2, PairingGap.KIND_ACKNOWLEDGED_NOT_HELD, matter)]
    record = record_pb2.Record.FromString((await alpha.leaves(Kind.RECORD, type=reports.COMPARE))[0])
    assert record.matter == matter


async def drop(side: Side, id: str) -> None:
    """One case leaves a party's books: row and leaf. What it says of its log from then on does not have it."""
    leaves, rows = table(Leaf), table(Inbox)
    async with side.desk.database.write() as connection:
        await connection.execute(
            delete(leaves).where(leaves.c.ref == id, leaves.c.kind == int(Kind.STATEMENT))
        )
        await connection.execute(delete(rows).where(rows.c.id == id))


async def test_what_is_lost_at_the_end_is_asked_for_because_its_sender_says_that_it_sent_it(
    sides: list[Side], tmp_path: Path
) -> None:
    alpha, beta = sides
    await alpha.send(beta)
    await alpha.mail()  # taken by the stream, and lost there
    await logged(alpha, tmp_path)

    for mail in await report(alpha):
        await beta.take(mail)

    (pair,) = await beta.rows(PairIn)
    assert (pair.complete, pair.highest) == (0, 1) and pair.ask_due is not None
    assert await gaps(beta) == []


async def test_what_was_sent_long_ago_and_never_came_is_an_alarm_at_its_sender(
    sides: list[Side], tmp_path: Path
) -> None:
    alpha, beta = sides
    await exchanged(alpha, beta, tmp_path, count=1)
    matter = a_matter()
    await alpha.send(beta, matter=matter)
    alpha.clock.forward(600)

    for mail in await report(beta):
        await alpha.take(mail)

    assert await gaps(alpha) == [(2, PairingGap.KIND_SENT_NOT_RECEIVED, matter)]


async def test_an_alarm_is_lifted_when_a_later_report_fits(sides: list[Side], tmp_path: Path) -> None:
    alpha, beta = sides
    await exchanged(alpha, beta, tmp_path, count=1)
    await alpha.send(beta)
    alpha.clock.forward(600)
    reporting = reports.Pairing(beta.desk)
    for mail in await report(beta, reporting):
        await alpha.take(mail)
    assert len(await gaps(alpha)) == 1

    await settle(alpha, beta)
    await logged(beta, tmp_path)
    beta.clock.forward(1)
    for mail in await report(beta, reporting):
        await alpha.take(mail)

    assert await gaps(alpha) == []


async def test_a_report_that_comes_again_or_late_changes_nothing(sides: list[Side], tmp_path: Path) -> None:
    alpha, beta = sides
    await exchanged(alpha, beta, tmp_path, count=1)
    (mail,) = await report(beta)
    await alpha.take(mail)
    alpha.clock.forward(600)

    await alpha.take(mail)

    assert len(await alpha.leaves(Kind.RECORD, type=reports.COMPARE)) == 1


async def test_a_report_in_anothers_name_is_set_aside(sides: list[Side], tmp_path: Path) -> None:
    alpha, beta = sides
    await exchanged(alpha, beta, tmp_path, count=1)
    (mail,) = await report(beta)
    forged = Mail(mail.subject, mail.data[:-10] + bytes(10))

    await alpha.take(forged)

    assert await alpha.rows(PairingState) == []
    assert await alpha.leaves(Kind.RECORD) == []
