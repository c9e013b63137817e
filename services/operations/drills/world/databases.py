"""Databases of a drill's world, of either kind: named, copied and put aside as an operator would, gone at the end."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, MetaData, Table, text

from operations.local.installation import HOSTS, Installation
from storage.engines import Database


@dataclass(frozen=True)
class DrillDatabases:
    """The databases of one world.

    `template` is a URL template on a PostgreSQL, where every name begins with `prefix`; empty for SQLite, whose files are in the
    hosts' folders.
    """

    state: Installation
    template: str
    prefix: str

    def url_template(self) -> str:
        """Return the template for the hosts' processes; empty for SQLite."""
        return self.template.replace("{name}", self.prefix + "{name}")

    def url(self, name: str) -> str:
        """Return the URL of a host's database, or of its vault (`kasn_vault`)."""
        if self.template:
            return self.template.replace("{name}", self.prefix + name)
        return f"sqlite:///{self.state.host(name.removesuffix('_vault')).absolute()}/{name}.sqlite"

    @asynccontextmanager
    async def open(self, name: str) -> AsyncIterator[Database]:
        """Open a host's database, and close it at the end."""
        database = Database(self.url(name))
        try:
            yield database
        finally:
            await database.close()

    async def make(self) -> None:
        """Make databases for the hosts on PostgreSQL; SQLite makes its files itself."""
        for host in HOSTS:
            for name in (host, f"{host}_vault"):
                await self._admin(f'CREATE DATABASE "{self.prefix}{name}" TEMPLATE template0')

    async def drop(self) -> None:
        """Leave nothing behind on the server."""
        mine = f"SELECT datname FROM pg_database WHERE datname LIKE '{self.prefix}%'"  # noqa: S608 - our own name
        for name in await self._admin(mine):
            await self._admin(f'DROP DATABASE "{name}" WITH (FORCE)')

    async def back_up(self, host: str) -> None:
        """Copy a host's database; the host must be stopped."""
        await self.copy(host, f"{host}_backup")

    async def restore(self, host: str) -> None:
        """Put the copy in the place of the database."""
        await self.copy(f"{host}_backup", host)

    async def empty(self, host: str) -> None:
        """Put empty databases in the place of a host's, as on a new machine; SQLite has its files in the host's folder."""
        for name in (host, f"{host}_vault"):
            await self._admin(f'DROP DATABASE IF EXISTS "{self.prefix}{name}" WITH (FORCE)')
            await self._admin(f'CREATE DATABASE "{self.prefix}{name}" TEMPLATE template0')

    async def copy(self, source: str, target: str) -> None:
        """Copy a database over another one; nothing may be connected to either."""
        if self.template:
            await self._admin(f'DROP DATABASE IF EXISTS "{self.prefix}{target}" WITH (FORCE)')
            await self._admin(f'CREATE DATABASE "{self.prefix}{target}" TEMPLATE "{self.prefix}{source}"')
            return
        folder = self.state.host(source.partition("_")[0])
        for ending in ("", "-wal", "-shm"):
            (folder / f"{target}.sqlite{ending}").unlink(missing_ok=True)
            file = folder / f"{source}.sqlite{ending}"
            if file.exists():
                shutil.copy(file, folder / f"{target}.sqlite{ending}")

    async def _admin(self, statement: str) -> list[str]:
        if not self.template:
            return []
        database = Database(self.template.replace("{name}", "postgres"))
        try:
            async with database.read_latest() as connection:
                done = await connection.execute(text(statement))
                return list(done.scalars())
        finally:
            await database.close()


def reflected_tables(connection: Connection) -> dict[str, Table]:
    """Read the tables of a database, by name, as they are there."""
    found = MetaData()
    found.reflect(connection)
    return dict(found.tables)
