"""Data keys lie apart from the data, wrapped; destroying one erases what was encrypted under it, everywhere."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from audit.tables import table
from exchange import vault
from exchange.database import Database
from exchange.tables import PersonalPart
from exchange.vault import DataKey, Erased, Vault
from netral.exchange.v1 import person_pb2, statement_pb2
from support.pair import Mail, Side, a_matter, a_vault

ONE, TWO = ("anna", "matter-1"), ("anna", "matter-2")


@asynccontextmanager
async def opened(url: str, storage_key: bytes = bytes(32), **more: int) -> AsyncIterator[Vault]:
    found = await a_vault(url, storage_key, **more)
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


# --- what destroying a key does at a desk -------------------------------------------------------------------------


def a_part(text: str) -> bytes:
    return person_pb2.PersonalPart(text=text).SerializeToString()


def text_in(part: bytes) -> str:
    text: str = person_pb2.PersonalPart.FromString(part).text
    return text


def parcel_of(mail: Mail) -> statement_pb2.Parcel:
    (parcel,) = statement_pb2.Parcels.FromString(mail.data).parcels
    return parcel


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


async def test_after_an_erasure_the_matter_can_have_new_parts(pair: tuple[Side, Side]) -> None:
    """What lies there under the old key stays unreadable, and does not stop the relay or the file."""
    anna, budi = pair
    matter = a_matter()
    await anna.mailed(budi, "old", matter=matter, part=a_part("old part"))
    await anna.desk.vault.destroy((anna.party, matter))

    await anna.send(budi, "new", matter=matter, part=a_part("new part"))
    anna.clock.forward(60)
    (mail,) = await anna.mail()

    old, new = statement_pb2.Parcels.FromString(mail.data).parcels
    assert not old.HasField("personal")
    assert new.HasField("personal")
    (entry,) = await anna.file(matter)
    assert text_in(entry) == "new part"


async def test_what_waited_takes_effect_though_its_part_was_erased_meanwhile(pair: tuple[Side, Side]) -> None:
    anna, budi = pair
    matter = a_matter()
    first = await anna.mailed(budi, "first", matter=matter)
    second = await anna.mailed(budi, "second", matter=matter, part=a_part("erased"))
    await budi.take(second)
    await budi.desk.vault.destroy((budi.party, matter))

    await budi.take(first)

    assert (await budi.tally(matter)).heard == ("first", "second")
