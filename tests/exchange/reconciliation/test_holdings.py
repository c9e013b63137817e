"""A party that was restored from a backup learns from its peers what they hold of it and its database does not have."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from audit.formats import checkpoint, note
from audit.formats.checkpoint import Checkpoint
from audit.tables import SignedCheckpoint, WitnessedHead
from exchange.reconciliation import holdings
from exchange.reconciliation.holdings import HEAD, RECEIVED, SENT, BadHoldings, Beyond
from exchange.tables import Inbox, Outbox, PairOut
from storage.types import table
from support.pair import Side, a_matter, open_sides, settle


@pytest.fixture(params=["sqlite", "postgresql"])
async def sides(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[list[Side]]:
    urls = {name: f"sqlite:///{tmp_path / name}.sqlite" for name in ("alpha", "beta")}
    if request.param == "postgresql":
        urls["alpha"] = request.getfixturevalue("postgresql_url")
    async with open_sides(tmp_path, urls) as sides:
        yield sides


async def exchanged(alpha: Side, beta: Side) -> None:
    """Two statements of alpha and one of beta, with their receipts."""
    for _ in range(2):
        await alpha.send(beta, matter=a_matter())
    await beta.send(alpha, matter=a_matter())
    await settle(alpha, beta)


async def cosigned(alpha: Side, beta: Side, size: int) -> str:
    """A head of alpha's log that beta's witness has cosigned."""
    signer = note.Signer("netral/alpha", alpha.desk.keys["alpha"].signing)
    signed = checkpoint.sign(Checkpoint("netral/alpha", size, bytes(32)), signer)
    now = beta.desk.now()
    head = {"party": "beta", "origin": "netral/alpha", "size": size, "root": bytes(32), "note": signed}
    async with beta.desk.database.write() as connection:
        await connection.execute(
            table(WitnessedHead).insert(), [{**head, "cosignatures": "", "time": now, "grown": now}]
        )
    return signed


async def heard(alpha: Side, beta: Side) -> list[Beyond]:
    """Beyonds that alpha finds in beta's answer."""
    asked = holdings.ask(alpha.desk, "beta")
    given = await holdings.answer(beta.desk, "beta", asked)
    read = holdings.read_answer(alpha.desk, asked, given)
    async with alpha.desk.database.read() as connection:
        return await holdings.beyond(connection, alpha.desk, read)


async def test_a_database_that_lost_nothing_learns_of_nothing(sides: list[Side]) -> None:
    alpha, beta = sides
    await exchanged(alpha, beta)

    assert await heard(alpha, beta) == []


async def test_a_number_given_out_a_receipt_and_a_head_that_the_backup_does_not_have_are_named(
    sides: list[Side],
) -> None:
    alpha, beta = sides
    await exchanged(alpha, beta)
    await cosigned(alpha, beta, 9)
    async with alpha.desk.database.write() as connection:  # as in a backup from before
        for model in (PairOut, Outbox, Inbox, SignedCheckpoint):
            await connection.execute(delete(table(model)))

    found = await heard(alpha, beta)

    assert found == [
        Beyond("alpha", "beta", SENT, 2, 0),
        Beyond("alpha", "beta", RECEIVED, 1, 0),
        Beyond("alpha", "beta", HEAD, 9, 0),
    ]


async def test_asking_changes_nothing_at_the_peer(sides: list[Side]) -> None:
    alpha, beta = sides
    await exchanged(alpha, beta)
    before = await beta.rows(Inbox), await beta.rows(Outbox)

    await heard(alpha, beta)

    assert (await beta.rows(Inbox), await beta.rows(Outbox)) == before


async def test_only_the_party_itself_is_answered_and_only_the_peer_is_believed(sides: list[Side]) -> None:
    alpha, beta = sides
    asked = holdings.ask(alpha.desk, "beta")
    given = await holdings.answer(beta.desk, "beta", asked)

    with pytest.raises(BadHoldings, match="another party"):
        await holdings.answer(beta.desk, "gamma", asked)
    with pytest.raises(BadHoldings, match=r"verify|cannot be read|key"):
        await holdings.answer(beta.desk, "beta", asked[:-1] + bytes([asked[-1] ^ 1]))
    with pytest.raises(BadHoldings, match="another ask"):
        holdings.read_answer(alpha.desk, asked + b"x", given)
    with pytest.raises(BadHoldings, match=r"verify|cannot be read|key"):
        holdings.read_answer(alpha.desk, asked, given[:-1] + bytes([given[-1] ^ 1]))


async def test_an_ask_of_another_hour_is_not_answered(sides: list[Side]) -> None:
    alpha, beta = sides
    asked = holdings.ask(alpha.desk, "beta")
    beta.clock.forward(3600)

    with pytest.raises(BadHoldings, match="another time"):
        await holdings.answer(beta.desk, "beta", asked)


async def test_a_head_that_the_log_never_signed_is_no_evidence(sides: list[Side]) -> None:
    alpha, beta = sides
    await cosigned(alpha, beta, 9)
    async with beta.desk.database.write() as connection:
        heads = table(WitnessedHead)
        signed = await connection.scalar(select(heads.c.note))
        await connection.execute(heads.update().values(note=signed.replace("\n9\n", "\n99\n")))

    with pytest.raises(BadHoldings, match="has not signed"):
        await heard(alpha, beta)
