"""The trail over HTTP, on a real socket: what is served, to whom, and how it may be kept by caches."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import select

from audit import http_api
from audit.formats import note, tiles, tlog
from audit.http_server import Server
from audit.tables import AuditTable, SignedCheckpoint
from audit.witnessing import rules
from audit.witnessing.collector import CosignatureCollector, PollingPolicy
from cli.audit import tile_files
from cli.audit.tile_files import CannotCopy
from storage.engines import Database
from storage.types import table
from support import trails
from support.cosigners import SmallLog
from support.trails import PARTIES, WITNESSES, Clock, Others, a_sequencer, cosigner, write_leaves


@dataclass
class Place:
    """A host's HTTP server over logs of three parties, with two witnesses in the same process."""

    url: str
    database: Database
    session: aiohttp.ClientSession
    collecting: CosignatureCollector
    folder: Path

    async def get(self, path: str) -> tuple[int, bytes, dict[str, str]]:
        async with self.session.get(f"{self.url}{path}") as answer:
            return answer.status, await answer.read(), dict(answer.headers)

    async def post(self, path: str, body: bytes) -> tuple[int, str, str]:
        async with self.session.post(f"{self.url}{path}", data=body) as answer:
            return answer.status, await answer.text(), answer.headers["Content-Type"]

    async def grow(self, party: str, size: int) -> None:
        """Up to a size; the last leaf of a batch is the log's own (see `audit.completeness.sparse_map`)."""
        await write_leaves(self.database, party, size - 1)
        await a_sequencer(self.database, self.folder, Clock()).run_once()

    async def head(self, party: str) -> SignedCheckpoint:
        heads = table(SignedCheckpoint)
        query = select(heads).where(heads.c.party == party).order_by(heads.c.size.desc())
        async with self.database.read() as connection:
            found: SignedCheckpoint = (await connection.execute(query)).first()  # type: ignore[assignment]
        return found


@pytest.fixture
async def place(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Place]:
    database = Database(sqlite_url)
    async with database.write() as connection:
        await connection.run_sync(AuditTable.metadata.create_all)
    others = Others(database, Clock())
    collecting = CosignatureCollector(
        database,
        PARTIES,
        lambda party, at: [cosigner(each) for each in WITNESSES],
        others.ask,
        Clock(),
        PollingPolicy(),
    )
    server = Server(lambda: http_api.application(database, PARTIES, others.state), "127.0.0.1:0")
    await server.start()
    async with aiohttp.ClientSession() as session:
        yield Place(f"http://{server.address}", database, session, collecting, tmp_path)
    await server.stop()
    await database.close()


async def test_a_checkpoint_is_text_that_soon_grows_stale(place: Place) -> None:
    await place.grow("ppk-1", 3)
    await place.collecting.run_once()

    status, body, headers = await place.get("/netral/ppk-1/checkpoint")

    assert status == 200
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "max-age=2" in headers["Cache-Control"]
    keys = [trails.signer("ppk-1").verifier, *(key for each in WITNESSES for key in cosigner(each).keys)]
    assert len(note.open_note(body, keys).verified) == 4


async def test_a_log_without_leaves_has_no_checkpoint(place: Place) -> None:
    assert (await place.get("/netral/ppk-1/checkpoint"))[0] == 404
    assert (await place.get("/netral/nobody/checkpoint"))[0] == 404


async def test_tiles_are_the_bytes_of_the_tree_and_may_be_kept_for_ever(place: Place) -> None:
    await place.grow("ppk-1", 300)
    head = await place.head("ppk-1")

    content = {}
    for tile in tiles.tiles_of(300):
        status, body, headers = await place.get(f"/netral/ppk-1/{tiles.path_of(tile)}")
        assert (status, headers["Content-Type"]) == (200, "application/octet-stream")
        assert "immutable" in headers["Cache-Control"]
        content[tlog.TileId(tile.level, tile.number)] = body

    assert tlog.root(300, content) == head.root


async def test_a_partial_tile_of_an_earlier_size_stays_there(place: Place) -> None:
    await place.grow("ppk-1", 300)
    _, whole, _ = await place.get("/netral/ppk-1/tile/0/000")

    for width in (1, 17, 255):
        assert (await place.get(f"/netral/ppk-1/tile/0/000.p/{width}"))[:2] == (200, whole[: 32 * width])


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/001",
        "tile/0/001.p/45",
        "tile/0/002.p/1",
        "tile/2/000.p/1",
        "tile/0/1",
        "tile/0/000.p/256",
        "x",
    ],
)
async def test_what_the_log_does_not_have_is_not_found(place: Place, path: str) -> None:
    await place.grow("ppk-1", 300)

    assert (await place.get(f"/netral/ppk-1/{path}"))[0] == 404


async def test_entries_are_not_given_over_http(place: Place) -> None:
    await place.grow("ppk-1", 3)

    status, body, _ = await place.get("/netral/ppk-1/tile/entries/000.p/3")

    assert status == 403
    assert b"kept" not in body


async def test_the_hashes_of_a_log_are_copied_and_checked(place: Place, tmp_path: Path) -> None:
    await place.grow("ppk-1", 300)
    await place.collecting.run_once()

    count = await asyncio.to_thread(tile_files.copy, tmp_path / "copy", f"{place.url}/netral/ppk-1/")

    assert count == 4
    assert (tmp_path / "copy" / "tile/0/001.p/44").exists()
    with pytest.raises(CannotCopy, match="404"):
        await asyncio.to_thread(tile_files.copy, tmp_path / "no", f"{place.url}/netral/nobody")
    with pytest.raises(CannotCopy, match="not an http"):
        tile_files.copy(tmp_path / "no", "file:///etc")


# Witnesses


async def test_a_witness_answers_as_the_specification_has_it(place: Place) -> None:
    log = SmallLog(trails.signer("ppk-1"), [b"a", b"b", b"c"])
    path = "/witness/supervisor/add-checkpoint"

    status, body, _ = await place.post(path, log.request(0).text().encode())
    assert status == 200
    assert len(rules.read_cosignatures(log.head().text(), body, cosigner("supervisor").keys)) == 2

    assert await place.post(path, log.grow().request(0).text().encode()) == (409, "3\n", "text/x.tlog.size")
    assert (await place.post(path, b"nothing"))[0] == 400
    stranger = SmallLog.of("netral/stranger", 2)
    assert (await place.post(path, stranger.request(0).text().encode()))[0] == 404
    assert (await place.post(path, SmallLog.of("netral/ppk-1", 4).request(3).text().encode()))[0] == 403
    forged = SmallLog(trails.signer("ppk-1"), [b"x", b"b", b"c", b"d"])
    assert (await place.post(path, forged.request(3).text().encode()))[0] == 422
    assert (await place.post("/witness/nobody/add-checkpoint", log.request(0).text().encode()))[0] == 404


async def test_what_a_witness_cosigned_last_is_found_by_the_hash_of_the_origin(place: Place) -> None:
    log = SmallLog(trails.signer("ppk-1"), [b"a", b"b"])
    await place.post("/witness/examiner/add-checkpoint", log.request(0).text().encode())
    digest = sha256(b"netral/ppk-1").hexdigest()

    status, body, _ = await place.get(f"/witness/examiner/{digest}/checkpoint")

    assert status == 200
    keys = [trails.signer("ppk-1").verifier, *cosigner("examiner").keys]
    assert len(note.open_note(body, keys).verified) == 2
    assert (await place.get(f"/witness/supervisor/{digest}/checkpoint"))[0] == 404
    assert (await place.get(f"/witness/examiner/{digest.upper()}/checkpoint"))[0] == 404


async def test_a_request_larger_than_any_can_be_is_not_read(place: Place) -> None:
    status, _, _ = await place.post(
        "/witness/examiner/add-checkpoint", b"x" * (rules.MAX_REQUEST_BYTES + 1000)
    )

    assert status == 413


async def test_a_port_that_is_held_for_a_moment_is_waited_for(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = socket.create_server(("127.0.0.1", 0))
    port = held.getsockname()[1]
    others = Others(place.database, Clock()).state
    server = Server(lambda: http_api.application(place.database, PARTIES, others), f"127.0.0.1:{port}")
    waited: list[float] = []

    async def let_go(seconds: float) -> None:
        waited.append(seconds)
        held.close()

    with monkeypatch.context() as patched:
        patched.setattr(asyncio, "sleep", let_go)
        await server.start()

    assert len(waited) == 1
    async with place.session.get(f"http://127.0.0.1:{port}/netral/ppk-1/checkpoint") as answer:
        assert answer.status == 404
    await server.stop()
