"""SQLite databases whose migrations ran already: a desk that starts on a copy of one starts in a fraction of the time.

The first desk of a kind in a test process makes the template. That migrations work from nothing, every world of real
processes shows.
"""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import audit
import exchange
from exchange.database import Database

_AUDIT, _EXCHANGE = Path(audit.__file__).parent, Path(exchange.__file__).parent
_folder = tempfile.TemporaryDirectory(prefix="netral-migrated-")


async def start_from(url: str, kind: str, rooms: Sequence[Path]) -> None:
    """Put a migrated database where this URL will look for one, unless there is one already. PostgreSQL: nothing."""
    if not url.startswith("sqlite:///") or _is_there(url):
        return
    template = f"sqlite:///{_folder.name}/{kind}.sqlite"
    if not _is_there(template):
        database = Database(template)
        await database.migrate(*rooms)
        await database.close()
    shutil.copy(_path(template), _path(url))


def _path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def _is_there(url: str) -> bool:
    return _path(url).exists()


async def desk(name: str, rooms: Sequence[Path], database_url: str, vault_url: str) -> None:
    """Both databases of a desk, which has these rooms of its own."""
    await start_from(database_url, name, [_AUDIT / "migrations", _EXCHANGE / "migrations", *rooms])
    await start_from(vault_url, "vault", [_EXCHANGE / "vault_migrations"])
