"""Worlds that earlier commits made, each with every statement type of its day: today's code opens them and goes on with them.

Their databases, keys and secrets are invented and serve these tests only. `make.py` makes them; later commits add worlds of
their own, and leave the older ones as they are.
"""

import json
import sqlite3
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from agreement.information import legal_bases
from compat.make import NAMES, make
from compat.officers import Officers
from netral.disclosure.v1 import service_pb2 as disclosure
from netral.exchange.v1 import person_pb2
from netral.ppk.v1 import service_pb2 as ppk
from operations.local.installation import HOSTS, Installation
from support.netral import Netral
from support.postgres import EMPTY, PostgresServer, find_binaries
from support.story import Story

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
WORLDS = sorted(path.parent.name for path in HERE.glob("*/statements.txt"))
# The oldest world goes through all migrations, the newest has all formats; the others are played in `make soak`.
USUAL = [(WORLDS[0], "sqlite"), (WORLDS[-1], "postgresql")]
KEPT = [
    pytest.param(*kept, marks=() if kept in USUAL else pytest.mark.soak)
    for kept in product(WORLDS, ("sqlite", "postgresql"))
]


class Kept:
    """The kept world of a folder, unpacked into `folder`, where `netral` looks for it; its databases are of one kind."""

    def __init__(self, folder: Path, world: Path, server: PostgresServer | None) -> None:
        kind = "postgresql" if server else "sqlite"
        self.state = Installation(folder / ".netral")
        with tarfile.open(world / f"{kind}.tar.xz") as archive:
            archive.extractall(self.state.folder, filter="data")
        self.statements = (world / "statements.txt").read_text().split()
        self.facts: dict[str, str] = json.loads((self.state.folder / "kept.json").read_text())
        self.netral = Netral(folder)
        self._server, self._prefix = server, f"kept_{uuid4().hex}_"
        self.template = server.url(self._prefix + "{name}") if server else ""

    def load(self) -> None:
        """Load the databases into the server, if there is one."""
        for name in NAMES if self._server else ():
            self._sql("postgres", f'CREATE DATABASE "{self._prefix}{name}" {EMPTY}')
            self._psql(self._prefix + name, "-q", "-f", str(self.state.folder / f"{name}.sql"))

    def drop(self) -> None:
        for name in NAMES if self._server else ():
            self._sql("postgres", f'DROP DATABASE "{self._prefix}{name}" WITH (FORCE)')

    def types(self) -> set[str]:
        """The statement types in the logs, as the databases say without our code."""
        query = "SELECT DISTINCT type FROM leaf WHERE type LIKE 'netral.%'"
        return {type for host in HOSTS for type in self._rows(host, query)}

    def __call__(self, *words: str) -> Any:
        """Run a command, and give its answer if it finds everything well."""
        ran = self.netral.here(*words, "--json")
        assert ran.code == 0, ran.out + ran.err
        return json.loads(ran.out)

    def up(self) -> None:
        database = ("--database", self.template) if self.template else ()
        ran = self.netral("up", "--detach", *database)
        assert ran.code == 0, ran.err

    def is_whole(self) -> None:
        """Every log verifies from outside, and every database from the inside."""
        database = ("--database", self.template) if self.template else ()
        assert self("audit", "verify")["findings"] == []
        assert self("audit", "fsck", *database)["findings"] == []

    def officers(self) -> Officers:
        running = self.state.running()
        assert running is not None
        hosts = self.state.hosts()
        return Officers({party: running["addresses"][host] for host in hosts for party in hosts[host]})

    def _rows(self, host: str, query: str) -> list[str]:
        if self._server:
            return self._sql(self._prefix + host, query).split()
        file = self.state.host(host) / f"{host}.sqlite"
        with sqlite3.connect(file) as connection:
            return [row[0] for row in connection.execute(query)]

    def _sql(self, database: str, statement: str) -> str:
        return self._psql(database, "-q", "-A", "-t", "-c", statement)

    def _psql(self, database: str, *words: str) -> str:
        assert self._server is not None
        command = [
            str(find_binaries() / "psql"),
            "-X",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            str(self._server.folder),
        ]
        done = subprocess.run(
            [*command, "-U", "postgres", "-d", database, *words], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def unpacked(folder: Path, world: Path, server: PostgresServer | None) -> Iterator[Kept]:
    kept = Kept(folder, world, server)
    try:
        kept.load()
        yield kept
    finally:
        kept.netral("down")
        kept.drop()


@pytest.fixture
def server(request: pytest.FixtureRequest) -> PostgresServer | None:
    """The PostgreSQL to load databases into; None: they are files."""
    if request.param == "sqlite":
        return None
    found: PostgresServer = request.getfixturevalue("postgres_server")
    return found


@pytest.mark.parametrize(("name", "server"), KEPT, indirect=["server"])
def test_a_kept_world_opens_verifies_and_goes_on(name: str, server: PostgresServer | None, tmp_path: Path):
    with unpacked(tmp_path, HERE / name, server) as kept:
        assert kept.types() == set(kept.statements)
        opens_and_goes_on(kept)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_a_world_that_is_made_today_has_every_statement_type_and_goes_on(
    postgres_server: PostgresServer, tmp_path: Path
):
    make(tmp_path / "world")
    for server in (None, postgres_server):
        with unpacked(tmp_path / ("postgresql" if server else "sqlite"), tmp_path / "world", server) as kept:
            assert kept.types() == set(legal_bases.statement_types())
            opens_and_goes_on(kept)


def opens_and_goes_on(kept: Kept) -> None:
    kept.up()
    kept.is_whole()
    with kept.officers() as officers:
        what_was_kept_can_be_read(kept, officers)
        goes_on(kept, officers, Story(901, addressee=kept.facts["addressee"], matter=kept.facts["matter"]))
        begins(kept, officers, Story(902, addressee=kept.facts["addressee"]))
    kept.is_whole()


def what_was_kept_can_be_read(kept: Kept, officers: Officers) -> None:
    """The keys open what they opened: the person's file, and the documents that the supervisor attached."""
    addressee = kept.facts["addressee"]
    reading = person_pb2.ReadFileRequest(
        name=f"institutions/{addressee}/matters/{kept.facts['matter']}",
        purpose=person_pb2.READ_PURPOSE_HANDLING,
        request_id=str(uuid4()),
    )
    entries = officers.ask(addressee, reading, contract=ppk.DESCRIPTOR).entries
    assert kept.facts["nip"] in {entry.part.person.nip for entry in entries}
    listing = disclosure.ListDocumentsRequest(parent="institutions/bawaslu", matter_id=kept.facts["matter"])
    documents = officers.ask("bawaslu", listing).documents
    assert documents
    for document in documents:
        request = disclosure.DownloadDocumentRequest(name=document.name, purpose=1, request_id=str(uuid4()))
        assert sha256(officers.download("bawaslu", request)).digest() == document.digest


def goes_on(kept: Kept, officers: Officers, story: Story) -> None:
    """The open matter goes from its receipt by the authority to its end."""
    steps = [step for _, step, _ in story.steps()]
    after = steps.index("AcknowledgeRecommendation") + 1
    for party, request in list(told(kept, story))[after:]:
        state = officers.act(party, request).state
    assert state == "COMPLETED"


def begins(kept: Kept, officers: Officers, story: Story) -> None:
    """A new matter goes from its report to the receipt of a recommendation."""
    for party, request in told(kept, story):
        act = officers.act(party, request)
        story.matter = story.matter or act.matter.rpartition("/")[2]
        if act.state == "ACKNOWLEDGED":
            return
    raise AssertionError("the recommendation was not received")


def told(kept: Kept, story: Story) -> Iterator[tuple[str, Any]]:
    """A story with the examiner of the kept world: who acts, and the request."""
    examiner = kept.facts["examiner"]
    for party, step, request in story.steps():
        if party == "kasn":
            request.name = request.name.replace("institutions/kasn/", f"institutions/{examiner}/")
            if step == "Recommend":
                request.letter_number = f"R-{story.number}/BKN/9/2024"
        yield (examiner if party == "kasn" else party), request
