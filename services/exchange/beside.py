"""Facts kept beside a matter: one row per matter in a table of their own, under a kind of their own. Called by a desk's `store`.

Like `exchange.matters`, nothing here knows what the fields mean.
"""

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import select
from sqlmodel import SQLModel

from audit.database import Connection
from audit.tables import table
from exchange.among import among
from exchange.database import insert, upsert
from exchange.matters import plain, row_of
from exchange.transaction import Key, Store

D = TypeVar("D")


def with_rows(base: Store, kind: str, rows: type[SQLModel], domain: type[Any]) -> Store:
    """A store that also keeps facts `(kind, party, matter)` of a domain type with the table's field names."""
    names = [field.name for field in fields(domain)]

    async def load(connection: Connection, keys: Collection[Key]) -> dict[Key, Any]:
        found = await base.load(connection, keys)
        wanted = sorted({(key[1], key[2]) for key in keys if key[0] == kind})
        if wanted:
            kept = table(rows)
            query = (
                select(kept)
                .where(among((kept.c.party, kept.c.id), wanted))
                .order_by(kept.c.party, kept.c.id)
                .with_for_update()
            )
            for row in await connection.execute(query):
                found[kind, row.party, row.id] = value_of(row, domain)
        return found

    async def save(connection: Connection, facts: Mapping[Key, Any], new: Collection[Key]) -> None:
        await base.save(connection, facts, new)
        mine = sorted(key for key in facts if key[0] == kind)
        await upsert(connection, rows, [row_of(facts[key], names) for key in mine if key not in new])
        await insert(connection, rows, [row_of(facts[key], names) for key in mine if key in new])

    return Store(load, save)


def value_of(row: Any, domain: type[D]) -> D:
    """The domain value that a row keeps."""
    return domain(*(plain(getattr(row, field.name)) for field in fields(domain)))  # type: ignore[arg-type]
