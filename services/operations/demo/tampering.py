"""The changed byte of the demo: in a copy of the examiner's database, which is served read-only and verified as an auditor does."""

import asyncio
import os
import shutil
import sys
import time
from pathlib import Path

from audit.formats.leaf import Kind
from audit.log.events import decode_leaf
from audit.verification.findings import Finding, Verified
from exchange.statements import trust
from operations.demo.teller import Teller
from operations.local import die_with_parent, matters
from operations.local.client import Caller, Desks
from operations.local.installation import Installation
from operations.local.patience import patience
from operations.local.processes import CannotStart, Child, ProcessManager, is_serving, tail
from operations.local.verify import exported, verify_party

_SERVED_WITHIN = 60.0


async def tamper(world: Installation, manager: ProcessManager, teller: Teller, matter: str) -> list[Finding]:
    """Change one byte in a copy of the examiner's database, serve the copy, verify what it shows."""
    teller.chapter("Tampering: one byte, in a copy of the examiner's database")
    copy = world.folder / "tampered"
    shutil.copytree(world.host("kasn"), copy)
    database = copy / "kasn.sqlite"
    child, address = _read_only_copy(manager, copy)
    async with _running(child, address):
        desks = Desks({"kasn": address}, "kasn")
        body = await asyncio.to_thread(_recommendation, desks, matter)
        desks.close()
    offset = _flip(database, body)
    teller.say(
        f"{database}: byte {offset}, inside the recommendation that KASN signed, is changed by one bit."
    )
    async with _running(child, address):
        desks = Desks({"kasn": address}, "kasn")
        found = await asyncio.to_thread(_verify_copy, desks, world)
        desks.close()
    teller.verified([found], found.findings)
    named = {finding.matter for finding in found.findings}
    if matter not in named:
        raise CannotStart("the changed byte was not found; this should not happen")
    teller.say(f"Caught: the verification names matter {matter}.")
    return found.findings


def _recommendation(desks: Desks, matter: str) -> bytes:
    """The bytes of the first recommendation on the matter, as the copy keeps them."""
    leaves = matters.leaves_of(desks, Caller("kasn", "auditor-1", "auditor"), matter)
    bodies = (
        leaf.body
        for leaf in leaves
        if decode_leaf(leaf.body).kind is Kind.STATEMENT and leaf.type == "netral.examiner.recommended.v1"
    )
    return next(bodies)


def _verify_copy(desks: Desks, world: Installation) -> Verified:
    items = exported(desks, Caller("kasn", "auditor-1", "auditor"))
    return verify_party("kasn", items, trust.load_parties(world.parties_file))


def _flip(database: Path, body: bytes) -> int:
    """Flip one bit in the middle of a leaf's bytes in a database file; gives the byte's place."""
    content = bytearray(database.read_bytes())
    offset = content.index(body) + len(body) // 2
    content[offset] ^= 1
    database.write_bytes(content)
    return offset


def _read_only_copy(manager: ProcessManager, folder: Path) -> tuple[Child, str]:
    """A kasn process over a copy of its folder that serves reads only: no relay, no inbox, no sequencer."""
    original = manager.children["kasn"]
    address = manager.addresses["kasn"]
    absolute = folder.absolute()
    changed = {
        "NETRAL_READ_ONLY": "1",
        "NETRAL_DATABASE_URL": f"sqlite:///{absolute}/kasn.sqlite",
        "NETRAL_VAULT_URL": f"sqlite:///{absolute}/kasn_vault.sqlite",
        "NETRAL_STATE_FOLDER": str(absolute),
    }
    environment = {**original.environment, **changed}
    log = original.log.with_name("tampered.log")
    return Child("kasn", [sys.executable, "-m", "kasn"], environment, log), address


class _running:
    """A process that serves while inside."""

    def __init__(self, child: Child, address: str) -> None:
        self._child, self._address = child, address

    async def __aenter__(self) -> None:
        with self._child.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *die_with_parent.command(*self._child.command),
                env={**os.environ, **self._child.environment},
                stdout=log,
                stderr=log,
            )
        started = time.monotonic()
        while not await is_serving(self._address, "kasn", service="netral.audit.v1.AuditService"):
            if self._process.returncode is not None or time.monotonic() - started > patience(_SERVED_WITHIN):
                raise CannotStart(f"the copy is not served:\n{tail(self._child.log)}")
            await asyncio.sleep(0.05)

    async def __aexit__(self, *error: object) -> None:
        self._process.terminate()
        await self._process.wait()
