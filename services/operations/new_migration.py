"""Write the next migration of an agency: `python -m operations.new_migration ppk suspensions`.

A database is made with the migrations that are there, and compared with the tables; what it lacks is the next migration.
"""

import asyncio
import sys
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from host.features import Feature, Host
from storage.engines import Database
from storage.new_migration import text_of_migration


async def next_migration(agency: str, name: str) -> str | None:
    """The text of the agency's next migration; None if its tables are as its migrations make them."""
    host: Host = import_module(f"{agency}.__main__").HOST
    feature: Feature = import_module(f"{agency}.feature").FEATURE
    assert feature.migrations is not None
    room, tables = feature.migrations, feature.retained[0].metadata
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'database'}")
        try:
            await database.migrate(*host.migrations)
            async with database.write() as connection:
                return await connection.run_sync(text_of_migration, tables, room, f"{agency}_{name}")
        finally:
            await database.close()


def main() -> None:
    """Write the file beside the others, with the next number."""
    agency, name = sys.argv[1:]
    text = asyncio.run(next_migration(agency, name))
    if text is None:
        print(f"The tables of {agency} are as its migrations make them: nothing is written.")
        return
    versions = Path(import_module(agency).__path__[0]) / "migrations" / "versions"
    path = versions / f"{len(list(versions.glob('[0-9]*.py'))) + 1:04}_{name}.py"
    path.write_text(text, "utf-8")
    print(path)


if __name__ == "__main__":
    main()
