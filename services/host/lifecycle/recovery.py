"""A host that was restored from a backup: it serves reads only, until no peer holds more of its parties than its database does.

`recovery.json` in the state folder says so; `netral restore` writes it. While it is there the host signs, sends and takes
nothing. It asks every peer what it holds (`exchange.reconciliation.holdings`), answers peers that recover as well, and goes
on by itself when all that it exchanged anything with, and all that cosign its logs, have answered twice in a row and none
holds more. A peer answers only when the stream has nothing left for it. If one holds more, the host waits for its operator
to restore a newer backup. `without` are peers that need not answer since they are gone for good.
"""

import asyncio
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import structlog

from audit.witnessing.quorum import Part
from exchange.bus import subjects
from exchange.bus.connection import Bus, Reply, RequestHandler
from exchange.context import HostContext
from exchange.reconciliation import holdings
from exchange.reconciliation.holdings import BadHoldings, Beyond
from host.services.witness_service import answer_holdings
from netral.exchange.v1 import recovery_pb2
from storage.files import write_whole

log = structlog.get_logger("host.lifecycle.recovery")

_FILE, _STATUS = "recovery.json", "recovery-status.json"
_ASK_SECONDS, _PAUSE_SECONDS = 20.0, 2.0
_AT_ONCE = 16
_ROUNDS = 2


class BadRecoveryFile(ValueError):
    """The file that says that a host recovers cannot be read; the message names it."""


@dataclass(frozen=True)
class RecoveryState:
    """State of a recovery, as the host wrote it last: whom it waits for, and what peers hold beyond the database (UTC)."""

    at: str
    unanswered: Sequence[str] = ()
    beyond: Sequence[Beyond] = ()


def begin(state_folder: Path, backup_made: datetime, without: Collection[str] = ()) -> None:
    """Let the host of a state folder begin with recovery at its next start, or go on with it without these peers."""
    said = {
        "format": "netral-recovery/1",
        "backup": backup_made.isoformat(),
        "without": sorted(without),
    }
    write_whole(state_folder / _FILE, json.dumps(said, indent=1))


def is_recovering(state_folder: Path) -> bool:
    """True while the host of a state folder has to recover, or does."""
    return (state_folder / _FILE).exists()


def read(state_folder: Path) -> tuple[datetime, Sequence[str]]:
    """Read when the backup was made (UTC), and without whom the host may go on.

    Raises:
        BadRecoveryFile: the file is none.
    """
    file = state_folder / _FILE
    try:
        said = json.loads(file.read_text("utf-8"))
        if said["format"] != "netral-recovery/1":
            raise ValueError("another format")
        return datetime.fromisoformat(said["backup"]), [str(party) for party in said["without"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadRecoveryFile(f"{file}: {error}") from error


def state_of(state_folder: Path) -> RecoveryState | None:
    """Read how far a recovery is; None while the host has not asked anybody yet."""
    try:
        said = json.loads((state_folder / _STATUS).read_text("utf-8"))
        found = [Beyond(**each) for each in said["beyond"]]
        return RecoveryState(said["at"], said["unanswered"], found)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def request_handler(desk: HostContext, bus: Bus, party: str) -> RequestHandler:
    """Answer a peer's ask for holdings; while this host recovers, nothing else that is asked of a party's witness."""

    async def answered(data: bytes) -> Reply:
        if not holdings.is_ask(data):
            return Reply(503, b"this witness recovers from a backup; try again\n")
        return await answer_holdings(desk, bus, party, data)

    return answered


@dataclass
class Recovery:
    """The recovery of one host; `done` once it may sign and send again."""

    desk: HostContext
    bus: Bus
    done: bool = False
    _clear_rounds: int = 0
    _said: RecoveryState | None = field(default=None, repr=False)

    async def run(self, ended: asyncio.Event) -> None:
        """Ask until nobody holds more, then set `ended`."""
        for party in self.desk.parties:
            self.bus.answer(party, request_handler(self.desk, self.bus, party))
        await self.bus.connect()
        while True:
            try:
                if await self._is_clear():
                    break
            except Exception as error:
                log.warning("recovery", error=type(error).__name__)
            await asyncio.sleep(_PAUSE_SECONDS)
        folder = self.desk.settings.state_folder
        (folder / _FILE).unlink()
        (folder / _STATUS).unlink(missing_ok=True)
        self.done = True
        ended.set()

    async def _is_clear(self) -> bool:
        """Ask all peers once; true if the round before was clear too."""
        _, without = read(self.desk.settings.state_folder)
        async with self.desk.database.read() as connection:
            needed = await holdings.peers_of(connection, self.desk.parties) | self._cosigners()
        answers = await self._ask_all(needed)
        async with self.desk.database.read() as connection:
            beyond = await holdings.beyond(connection, self.desk, answers.values())
        unanswered = sorted(needed - self.desk.parties - answers.keys() - set(without))
        self._tell(unanswered, beyond, without)
        self._clear_rounds = 0 if unanswered or beyond else self._clear_rounds + 1
        return self._clear_rounds >= _ROUNDS

    def _cosigners(self) -> set[str]:
        now = self.desk.now()
        return {
            cosigner.party
            for party in self.desk.parties
            for cosigner in self.desk.watching.cosigners_of(party, now)
            if cosigner.part is Part.PEER
        }

    async def _ask_all(self, needed: Collection[str]) -> dict[str, recovery_pb2.Holdings]:
        """Give what every peer that answered holds, by peer: ever more at once, since one host may answer for hundreds.

        Of those that are not `needed`, a host may say itself that they hold nothing.
        """
        left = sorted(peer for peer in self.desk.trust.parties if peer not in self.desk.parties)
        found: dict[str, recovery_pb2.Holdings] = {}
        count = 1
        while left:
            some, left = left[:count], left[count:]
            for answer in await asyncio.gather(*map(self._ask, some)):
                found |= {held.sender: held for held in answer}
                silent = {peer for held in answer for peer in held.host_parties} - set(needed)
                left = [peer for peer in left if peer not in found and peer not in silent]
            count = min(2 * count, _AT_ONCE)
        return found

    async def _ask(self, peer: str) -> list[recovery_pb2.Holdings]:
        asked = holdings.ask(self.desk, peer)
        subject = subjects.Subject(min(self.desk.parties), peer, subjects.WITNESS)
        try:
            reply = await self.bus.request(subject, asked, _ASK_SECONDS)
            return holdings.read_answer(self.desk, asked, reply.data) if reply.status == 200 else []
        except (ConnectionError, TimeoutError):
            return []
        except BadHoldings as error:
            log.warning("holdings", peer=peer, reason=str(error))
            return []

    def _tell(self, unanswered: Sequence[str], beyond: Sequence[Beyond], without: Sequence[str]) -> None:
        """Write how far it is, and say so in the log if that has changed."""
        now = RecoveryState(datetime.now(UTC).isoformat(timespec="seconds"), unanswered, beyond)
        write_whole(self.desk.settings.state_folder / _STATUS, json.dumps(asdict(now), indent=1))
        before, self._said = self._said, now
        if before is not None and (before.unanswered, before.beyond) == (unanswered, beyond):
            return
        if without:
            log.warning("recovering without", peers=without)
        if beyond:
            log.critical(
                "peers hold more than the restored database: restore a newer one",
                beyond=[asdict(each) for each in beyond[:20]],
                count=len(beyond),
            )
        if unanswered:
            log.warning("recovering: waiting for peers", peers=unanswered[:20], count=len(unanswered))
