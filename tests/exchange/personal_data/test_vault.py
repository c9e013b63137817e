"""Data keys lie apart from the data, wrapped; destroying one erases what was encrypted under it, everywhere."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from audit.tables import Leaf
from exchange.delivery.inbox.statements import NOT_KEPT
from exchange.personal_data import vault, wrapping_keys
from exchange.personal_data.vault import DataKey, Erased, Vault
from exchange.personal_data.wrapping_keys import BadWrappingKeys
from exchange.statements import envelope
from exchange.tables import PersonalPart
from netral.exchange.v1 import person_pb2, record_pb2, statement_pb2
from refusals import WrongState
from storage.engines import Database
from storage.types import table
from support.pair import Mail, Side, a_matter, a_vault

ONE, TWO = ("anna", "matter-1"), ("anna", "matter-2")


@asynccontextmanager
async def opened(url: str, storage_key: bytes = bytes(32), **more: Any) -> AsyncIterator[Vault]:
    found = await a_vault(url, storage_key, **more)
    await found.open()
    yield found
    await found.database.close()


async def test_every_matter_has_a_key_of_its_own_that_stays(database_url: str) -> None:
    async with opened(database_url) as first:
        made = await first.keys([ONE, TWO], make=True)
    async with opened(database_url) as second:
        found = await second.keys([ONE, TWO], make=True)

    assert made == found
    assert made[ONE] != made[TWO]
    assert len(made[ONE]) == 32


async def test_keys_are_not_made_unless_asked_for(database_url: str) -> None:
    async with opened(database_url) as keys:
        assert await keys.keys([ONE], make=False) == {}
        await keys.keys([ONE], make=True)
        assert (await keys.keys([ONE, TWO], make=False)).keys() == {ONE}


async def test_keys_are_stored_wrapped(database_url: str) -> None:
    async with opened(database_url) as keys:
        made = await keys.keys([ONE], make=True)
        async with keys.database.read() as connection:
            (row,) = await connection.execute(table(DataKey).select())

    assert made[ONE] not in row.wrapped


async def test_a_wrong_storage_key_is_named(database_url: str) -> None:
    async with opened(database_url) as keys:
        await keys.keys([ONE], make=True)
    async with opened(database_url, bytes(31) + b"x") as other:
        with pytest.raises(ValueError, match="storage key does not fit"):
            await other.keys([ONE], make=False)


async def test_a_key_moved_to_another_matter_does_not_open(database_url: str) -> None:
    async with opened(database_url) as keys:
        await keys.keys([ONE], make=True)
        async with keys.database.write() as connection:
            await connection.execute(table(DataKey).update().values(matter="matter-2"))
    async with opened(database_url) as other:
        with pytest.raises(ValueError, match="storage key does not fit"):
            await other.keys([TWO], make=False)


async def test_two_who_make_the_same_key_at_once_get_the_same(database_url: str) -> None:
    async with opened(database_url) as keys, opened(database_url) as others:
        vaults = [keys, others] * 5
        found = await asyncio.gather(*(one.keys([ONE, TWO], make=True) for one in vaults))

    assert all(one == found[0] for one in found)


async def test_a_vault_that_forgets_still_gives_every_key(database_url: str) -> None:
    """Forgetting used to drop keys that were just asked for; their parts then counted as erased."""
    matters = [("anna", f"matter-{n}") for n in range(8)]
    async with opened(database_url, remember=2) as keys:
        made = await keys.keys(matters[:4], make=True)
        found = await keys.keys(matters, make=True)

        assert found.keys() == set(matters)
        assert all(found[matter] == made[matter] for matter in made)
        assert await keys.keys(matters, make=False) == found


async def test_a_destroyed_key_is_gone_also_from_memory(database_url: str) -> None:
    async with opened(database_url) as keys:
        await keys.keys([ONE, TWO], make=True)

        assert await keys.destroy(ONE)
        assert not await keys.destroy(ONE)
        assert (await keys.keys([ONE, TWO], make=False)).keys() == {TWO}


async def test_a_destroyed_key_is_not_made_again(database_url: str) -> None:
    async with opened(database_url) as keys:
        await keys.keys([ONE, TWO], make=True)
        await keys.destroy(ONE)
        assert (await keys.keys([ONE, TWO], make=True)).keys() == {TWO}
    async with opened(database_url) as later:
        assert later.is_erased(*ONE) and not later.is_erased(*TWO)
        assert (await later.keys([ONE, TWO], make=True)).keys() == {TWO}


async def test_a_key_that_never_was_can_be_destroyed_beforehand(database_url: str) -> None:
    async with opened(database_url) as keys:
        assert not await keys.destroy(ONE)
        assert await keys.keys([ONE], make=True) == {}


async def test_another_process_forgets_what_was_destroyed_here(database_url: str) -> None:
    async with opened(database_url) as keys, opened(database_url) as others:
        await others.keys([ONE, TWO], make=True)
        await keys.destroy(ONE)

        await others.refresh()

        assert (await others.keys([ONE, TWO], make=True)).keys() == {TWO}


async def test_renewing_keeps_every_key_and_leaves_one_wrapping_key(
    database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "vault.key"
    async with opened(database_url, keys_file=file) as keys, opened(database_url, keys_file=file) as others:
        made = await keys.keys([ONE], make=True)
        before = wrapping_keys.read(file)
        await keys.renew()
        after = wrapping_keys.read(file)
        made |= await others.keys([TWO], make=True)

        assert len(before) == len(after) == 1 and not before.items() & after.items()
        async with keys.database.read() as connection:
            assert {row.generation for row in await connection.execute(table(DataKey).select())} == set(after)
    async with opened(database_url, keys_file=file) as later:
        assert await later.keys([ONE, TWO], make=False) == made


async def test_a_vault_of_the_storage_key_alone_is_wrapped_anew_when_it_gets_a_wrapping_key(
    database_url: str, tmp_path: Path
) -> None:
    async with opened(database_url) as old:
        made = await old.keys([ONE], make=True)
    async with opened(database_url, keys_file=tmp_path / "vault.key") as new:
        assert await new.keys([ONE], make=False) == made
        async with new.database.read() as connection:
            (row,) = await connection.execute(table(DataKey).select())

    assert row.generation == 1


@pytest.mark.parametrize("written", [True, False])
async def test_a_renewal_that_broke_off_is_ended_at_the_next_start(
    written: bool, database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "vault.key"
    async with opened(database_url, keys_file=file) as keys:
        made = await keys.keys([ONE, TWO], make=True)
        both = {**wrapping_keys.read(file), 2: bytes(32)}
        wrapping_keys.write(file, both)
        if written:  # the keys were wrapped anew, and the old wrapping key was not let go
            await keys.renew()
            wrapping_keys.write(file, both)
    async with opened(database_url, keys_file=file) as later:
        assert await later.keys([ONE, TWO], make=False) == made

    assert list(wrapping_keys.read(file)) == [2]


async def test_a_vault_from_before_an_erasure_is_not_opened(sqlite_url: str, tmp_path: Path) -> None:
    file = tmp_path / "vault.key"
    async with opened(sqlite_url, keys_file=file) as keys:
        await keys.keys([ONE], make=True)
    backup = files_of(tmp_path)
    async with opened(sqlite_url, keys_file=file) as keys:
        await keys.destroy(ONE)
        await keys.renew()
    for path, content in backup.items():
        path.write_bytes(content)

    with pytest.raises(BadWrappingKeys, match="restored from before an erasure"):
        async with opened(sqlite_url, keys_file=file):
            pass


async def test_a_vault_without_its_wrapping_keys_is_not_opened(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "vault.key"
    async with opened(database_url, keys_file=file) as keys:
        await keys.keys([ONE], make=True)
    file.unlink()

    with pytest.raises(BadWrappingKeys, match="put its newest copy back"):
        async with opened(database_url, keys_file=file):
            pass
    assert not file.exists()


def files_of(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.glob("test.sqlite*")}


def test_the_file_of_wrapping_keys_is_read_strictly(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    wrapping_keys.write(path, {3: bytes(32)})
    good = path.read_text()
    assert wrapping_keys.read(path) == {3: bytes(32)}

    for bad in (
        "",
        good[:-1],
        good.replace("3 ", "03 "),
        good.replace("/1", "/2"),
        good.upper(),
        good + "\n",
    ):
        path.write_text(bad)
        with pytest.raises(BadWrappingKeys):
            wrapping_keys.read(path)
    path.chmod(0o644)
    with pytest.raises(BadWrappingKeys, match="0600"):
        wrapping_keys.read(path)


def test_a_part_opens_only_for_its_own_source_and_key() -> None:
    sealed = vault.encrypt(bytes(32), b"a part", "statement-1")
    assert vault.decrypt(bytes(32), sealed, "statement-1") == b"a part"

    with pytest.raises(Erased):
        vault.decrypt(bytes(32), sealed, "statement-2")
    with pytest.raises(Erased):
        vault.decrypt(bytes(31) + b"x", sealed, "statement-1")


async def test_request_digests_are_keyed(tmp_path: Path) -> None:
    """A plain hash of a request with a NIP in it could be guessed."""
    nowhere = Database(f"sqlite:///{tmp_path / 'never.sqlite'}")
    one, other = Vault(nowhere, bytes(32)), Vault(nowhere, bytes(31) + b"x")

    assert one.request_digest(b"content") == Vault(nowhere, bytes(32)).request_digest(b"content")
    assert one.request_digest(b"content") != one.request_digest(b"other content")
    assert one.request_digest(b"content") != other.request_digest(b"content")


@pytest.mark.parametrize("text", ["", "00" * 31, "00" * 33, "zz" * 32])
def test_a_storage_key_that_is_not_32_bytes_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "storage.key"
    path.touch(mode=0o600)
    path.write_text(text)

    with pytest.raises(ValueError):  # noqa: PT011 - bytes.fromhex has its own words
        vault.read_storage_key(path)


def test_a_storage_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "storage.key"
    path.write_text("00" * 32)
    path.chmod(0o640)

    with pytest.raises(ValueError, match="0600"):
        vault.read_storage_key(path)


# --- beside other work ---------------------------------------------------------------------------------------------


async def test_keys_that_are_made_beside_other_work_are_those_that_are_given(database_url: str) -> None:
    async with opened(database_url) as keys, opened(database_url) as others:
        async with keys.beside([ONE, TWO]), keys.beside([ONE]):
            given = await keys.keys([ONE], make=True)
        found = await others.keys([ONE, TWO], make=False)

        assert found.keys() == {ONE, TWO}
        assert given == {ONE: found[ONE]}


async def test_after_the_other_work_nothing_is_under_way(database_url: str) -> None:
    async with opened(database_url) as keys, opened(database_url) as others:
        with pytest.raises(WrongState):
            async with keys.beside([ONE]):
                raise WrongState("the other work is refused", reason="ERASED")

        assert (await others.keys([ONE], make=False)).keys() == {ONE}
        assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_destroyed_key_is_not_made_beside_other_work(database_url: str) -> None:
    async with opened(database_url) as keys, opened(database_url) as others:
        await keys.keys([TWO], make=True)
        await keys.destroy(ONE)
        await keys.destroy(TWO)

        async with others.beside([ONE, TWO]):
            assert await others.keys([ONE, TWO], make=True) == {}


async def test_a_key_that_is_destroyed_while_it_is_made_is_not_given(database_url: str) -> None:
    async with opened(database_url) as keys, keys.beside([ONE]):
        await keys.destroy(ONE)
        assert await keys.keys([ONE], make=True) == {}


async def test_who_needs_a_key_hears_that_the_vault_is_away_and_nobody_else_does(tmp_path: Path) -> None:
    nowhere = Vault(Database(f"sqlite:///{tmp_path / 'no folder' / 'vault.sqlite'}"), bytes(32))
    async with nowhere.beside([ONE]):
        pass
    async with nowhere.beside([ONE]):
        with pytest.raises(OperationalError):
            await nowhere.keys([ONE], make=True)


async def test_a_name_that_is_too_long_is_not_cut(postgresql_url: str) -> None:
    async with opened(postgresql_url) as keys:
        with pytest.raises(DBAPIError):
            await keys.keys([("anna", "m" * 37)], make=True)


# --- what destroying a key does at a desk -------------------------------------------------------------------------


def a_part(text: str) -> bytes:
    return person_pb2.PersonalPart(text=text).SerializeToString()


def text_in(part: bytes) -> str:
    text: str = person_pb2.PersonalPart.FromString(part).text
    return text


def parcel_of(mail: Mail) -> statement_pb2.Parcel:
    (parcel,) = statement_pb2.Parcels.FromString(mail.data).parcels
    return parcel


def id_of(mail: Mail) -> str:
    statement = statement_pb2.Statement.FromString(envelope.read(parcel_of(mail).envelope).payload)
    return str(statement.id)


async def test_personal_parts_rest_encrypted_on_both_sides(pair: tuple[Side, Side]) -> None:
    anna, budi = pair
    matter = a_matter()

    await budi.take(await anna.mailed(budi, matter=matter, part=a_part("very personal")))

    for side in pair:
        (row,) = await side.rows(PersonalPart)
        assert b"very personal" not in row.sealed
        (entry,) = await side.file(matter)
        assert text_in(entry) == "very personal"


async def test_an_erased_part_is_not_sent_again(pair: tuple[Side, Side]) -> None:
    anna, budi = pair
    matter = a_matter()
    first = await anna.mailed(budi, matter=matter, part=a_part("very personal"))
    assert parcel_of(first).HasField("personal")

    await anna.desk.vault.destroy((anna.party, matter))
    anna.clock.forward(60)
    (again,) = await anna.mail()

    assert parcel_of(again).envelope == parcel_of(first).envelope
    assert not parcel_of(again).HasField("personal")
    assert await anna.file(matter) == []


async def test_after_an_erasure_the_desk_itself_can_add_nothing_personal_to_the_matter(
    pair: tuple[Side, Side],
) -> None:
    anna, budi = pair
    matter = a_matter()
    await anna.mailed(budi, "old", matter=matter, part=a_part("old part"))
    await anna.desk.vault.destroy((anna.party, matter))

    with pytest.raises(WrongState) as refused:
        await anna.send(budi, "new", matter=matter, part=a_part("new part"))

    assert refused.value.reason == "ERASED"
    assert await anna.file(matter) == []
    await anna.send(budi, "without a part", matter=matter)


async def test_what_comes_late_for_an_erased_matter_takes_effect_and_is_not_readable(
    pair: tuple[Side, Side],
) -> None:
    anna, budi = pair
    matter = a_matter()
    await budi.take(await anna.mailed(budi, "first", matter=matter, part=a_part("first")))
    late = await anna.mailed(budi, "late", matter=matter, part=a_part("late"))
    await budi.desk.vault.destroy((budi.party, matter))

    await budi.take(late)
    await budi.take(late)

    assert (await budi.tally(matter)).heard == ("first", "late")
    assert await budi.file(matter) == []
    assert len(await budi.rows(PersonalPart)) == 1
    (leaf,) = await budi.rows(Leaf, type=NOT_KEPT)
    assert list(record_pb2.Record.FromString(leaf.body[1:]).statements) == [id_of(late)]


async def test_what_waited_takes_effect_though_its_part_was_erased_meanwhile(pair: tuple[Side, Side]) -> None:
    anna, budi = pair
    matter = a_matter()
    first = await anna.mailed(budi, "first", matter=matter)
    second = await anna.mailed(budi, "second", matter=matter, part=a_part("erased"))
    await budi.take(second)
    await budi.desk.vault.destroy((budi.party, matter))

    await budi.take(first)

    assert (await budi.tally(matter)).heard == ("first", "second")
