"""Must show: after an erasure nothing in any store is readable with any key that still exists; proofs verify as before.

The same scan, with the same eyes, finds everything before the erasure; else it would prove nothing.
"""

import json
import shutil
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import text

from audit.formats.leaf import Kind
from audit.grpc_api import AuditServicer
from audit.tables import Leaf
from audit.verification.cross_check import cross_check
from audit.verification.findings import Verified
from cooperation.disclosure.documents.encryption import DocumentRef
from cooperation.disclosure.documents.store import DocumentStore
from exchange.personal_data import case_file, wrapping_keys
from exchange.personal_data.vault import decrypt
from exchange.personal_data.wrapping_keys import BadWrappingKeys
from exchange.statements import private_keys, trust
from exchange.tables import PersonalPart
from host import case_files
from netral.audit.v1 import service_pb2 as audit
from operations.local.verify import verify_party
from support.erasures import an_order, carry_out, erasure, place_hold, rows_of
from support.invariants import check_all, read_host_tables
from support.scan import Document, Keys, Scan
from support.steps import MODULES, Place, World
from support.story import Story, a_person

# Of this test alone: PostgreSQL is shared with others, and its files are searched whole.
NAME, NIP = "Tokoh Rekaan Pemindaian", "198807172011012009"
MARK = b"ISI DOKUMEN PEMINDAIAN"
CONTENT = b"%PDF-1.7\n" + MARK
# A busy machine takes its time for a whole story and its scans.
HOLDERS = ("bawaslu", "kasn", "ppk-6202")
PARTIES = ("bawaslu", "kasn", "bkn", "ppk-6202", "ppk-3204", "prov-62", "kemendagri")


class Stores:
    """Places of a world's bytes: its folder with the databases of SQLite, the shelf and the stream; or PostgreSQL's files."""

    def __init__(self, place: Place, postgres: Path | None) -> None:
        self.place, self.postgres = place, postgres

    async def all(self, world: World) -> list[Path]:
        """Everything, written out."""
        if self.postgres is None:
            return [self.place.folder]
        async with world.desks["kasn"].database.write() as connection:
            await connection.execute(text("CHECKPOINT"))
        return [self.place.folder, self.postgres / "data" / "base", self.postgres / "data" / "pg_wal"]


@pytest.fixture
def stores(place: Place, request: pytest.FixtureRequest) -> Stores:
    on_postgresql = place.database("kasn").startswith("postgresql")
    return Stores(place, request.getfixturevalue("postgres_server").folder if on_postgresql else None)


def key_folders(place: Place) -> list[Path]:
    return [place.folder / name for name in MODULES]


async def a_told_story(world: World) -> Story:
    """A matter from report to outcome, with a document at the supervisor."""
    story = Story(person=a_person(NAME, NIP))
    await story.play(world.call, world.settle)
    await shelve(world, story.matter)
    return story


async def shelve(world: World, matter: str) -> None:
    desk = world.desks["bawaslu"]
    key = (await desk.vault.keys([("bawaslu", matter)], make=False))["bawaslu", matter]
    shelf = DocumentStore.of(desk.settings)
    name = DocumentRef("bawaslu", matter, sha256(CONTENT).hexdigest(), len(CONTENT))
    async with shelf.draft(name, key) as draft:
        await draft.write(CONTENT)
        await shelf.keep(draft)


async def secrets_of(world: World) -> tuple[list[bytes], list[bytes]]:
    """The salts of all personal parts, and the keys that are to be gone: of the matters, and what wraps them."""
    salts, keys = [], []
    for host, desk in world.desks.items():
        rows = await rows_of(world, host, PersonalPart)
        held = await desk.vault.keys({(row.party, row.matter) for row in rows}, make=False)
        keys += [*held.values(), *wrapping_keys.read(world.place.folder / host / "vault.key").values()]
        salts += [decrypt(held[row.party, row.matter], row.sealed, row.source)[:32] for row in rows]
    return salts, keys


async def envelopes_of(world: World) -> list[bytes]:
    """All signed statements: they are public to their parties."""
    found = []
    for host in world.desks:
        found += [row.body[1:] for row in await rows_of(world, host, Leaf) if row.kind == Kind.STATEMENT]
    return sorted(set(found))


async def look(world: World, stores: Stores, matter: str, *more: Path) -> Scan:
    """Every byte of every store, with every key that exists now."""
    document = Document("bawaslu", matter, sha256(CONTENT).hexdigest(), len(CONTENT))
    return Scan(
        [*await stores.all(world), *more],
        Keys.of(key_folders(world.place)),
        PARTIES,
        [matter],
        await envelopes_of(world),
        [document],
    )


async def verified(world: World) -> list[Verified]:
    """Every log, verified from its export and the parties file alone."""
    trusted = trust.load_parties(world.place.folder / "parties.json")
    found = []
    for desk in world.desks.values():
        servicer = AuditServicer(desk.database, desk.parties, lambda *_: None, lambda error: error)
        with_leaves = {row.party for row in await rows_of(world, desk.name, Leaf)}
        for party in sorted(with_leaves):
            request = audit.ExportLogRequest(parent=f"institutions/{party}")
            items = [item async for item in servicer.ExportLog(request, None)]
            found.append(verify_party(party, items, trusted))
    return found


def findings(logs: Iterable[Verified]) -> list[object]:
    logs = list(logs)
    return [finding for log in logs for finding in log.findings] + cross_check(logs)


def copied(stores: Iterable[Path], to: Path, leave: Callable[[Path], bool]) -> Path:
    """A backup of files as an operator makes it: without the folders of keys."""
    for number, store in enumerate(stores):
        for path in store.rglob("*"):
            if path.is_file() and not leave(path):
                target = to / str(number) / path.relative_to(store)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target)
    return to


async def test_after_an_erasure_no_key_that_exists_opens_anything_in_any_store_or_backup(
    place: Place, stores: Stores, tmp_path_factory: pytest.TempPathFactory
) -> None:
    backup = tmp_path_factory.mktemp("backup")
    keys = {path for folder in key_folders(place) for path in (folder / "storage.key", folder / "vault.key")}
    keys |= {path for folder in key_folders(place) for path in folder.glob("*.pem")}
    async with World(place) as world:
        story = await a_told_story(world)
        salts, gone = await secrets_of(world)
        needles = (NAME.encode(), NIP.encode(), MARK, *salts)
        before = await look(world, stores, story.matter)
        found = before.look_for(*needles)
        # The eyes are good: every way of reading finds something, and every needle is found.
        assert {each.how for each in found} == {"part", "sealed", "document"}
        assert {each.needle for each in found} == set(needles)
        assert set(gone) & before.data_keys
        logs = {log.party: log.size for log in await verified(world)}
        copied(await stores.all(world), backup, lambda path: path in keys)

        await world.call("bawaslu", "OrderErasure", an_order("bawaslu", story.matter))
        await carry_out(world)
        assert findings(await verified(world)) == []
    rotate_sealing_keys(place)
    async with World(place) as world:
        after = await look(world, stores, story.matter, backup)

        assert after.look_for(*needles) == []
        assert after.data_keys == set()
        assert after.holds(*gone) == []
        now = await verified(world)
        assert findings(now) == []
        assert all(log.size > logs[log.party] for log in now if log.party in logs)
        check_all([await read_host_tables(name, desk.database) for name, desk in world.desks.items()])
        for party in HOLDERS:
            assert (await erasure(world, party, story.matter)).index >= 0


def rotate_sealing_keys(place: Place) -> None:
    """As `netral keys rotate-seal --at-once` does."""
    path = place.folder / "parties.json"
    folders = {pem.stem: pem.parent for folder in key_folders(place) for pem in folder.glob("*.pem")}
    document = private_keys.rotate_sealing(
        json.loads(path.read_text()), folders, datetime.now(UTC), at_once=True
    )
    path.write_text(json.dumps(document))


@pytest.mark.soak
async def test_what_a_hold_protects_stays_readable_and_what_it_does_not_is_gone(
    place: Place, stores: Stores
) -> None:
    async with World(place) as world:
        story = await a_told_story(world)
        await place_hold(world, "ppk-6202")
        await world.call("bawaslu", "OrderErasure", an_order("bawaslu", story.matter))
        await carry_out(world)

        scan = await look(world, stores, story.matter)
        assert {each.how for each in scan.look_for(NAME.encode())} >= {"part"}
        assert len(scan.data_keys) == 1
        assert scan.look_for(MARK) == []
        assert await readable(world, story.matter) == ["ppk-6202"]


async def readable(world: World, matter: str) -> list[str]:
    found = []
    for desk in world.desks.values():
        async with desk.database.read() as connection:
            opened = await case_file.opened(
                connection, desk.vault, [(party, matter) for party in desk.parties]
            )
        found += [party for party, _ in opened]
    return found


# A backup of PostgreSQL is put back by PostgreSQL's own tools; its bytes are scanned above.
@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_databases_from_before_the_erasure_open_nothing_and_their_vault_is_refused(
    place: Place, tmp_path_factory: pytest.TempPathFactory
) -> None:
    backup = tmp_path_factory.mktemp("backup")
    async with World(place) as world:
        story = await a_told_story(world)
    databases = [path for path in place.folder.iterdir() if ".sqlite" in path.name]
    for path in databases:
        shutil.copy(path, backup)
    async with World(place) as world:
        await world.call("bawaslu", "OrderErasure", an_order("bawaslu", story.matter))
        await carry_out(world)

    put_back(place.folder, backup, "*[!t].sqlite*")  # the data, not the vaults
    async with World(place) as world:
        assert await rows_of(world, "kasn", PersonalPart)
        for party in HOLDERS:
            assert await case_files.opened(world.desk_of(party), party, story.matter) == []

    put_back(place.folder, backup, "*")
    with pytest.raises(BadWrappingKeys, match="restored from before an erasure"):
        async with World(place):
            pass


def put_back(folder: Path, backup: Path, names: str) -> None:
    for path in backup.glob(names):
        for left in folder.glob(f"{path.name}-*"):
            left.unlink()
        shutil.copy(path, folder)
