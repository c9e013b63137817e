"""An officer's whole case by the command, with the mistakes of a first day: played on real services, its answers kept in both languages.

`day.txt` is the case: `$` a command, `!` what happens beside the officer, `#` and `==` what the reader is told. Each command is given
in English, then in Indonesian; one that writes has the same request id both times, so that it is done once. The answers
are `tests/contracts/golden/officers_day_en.txt` and `…_id.txt`; `make golden` writes them again.
"""

import asyncio
import json
import re
import shlex
import sys
import threading
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import pytest

from cli.groups import whole_command
from operations.drills.world import killable_host
from operations.local.development_world import make_world
from operations.local.installation import HOSTS, Installation
from operations.local.processes import ProcessManager
from support import golden
from support.netral import Netral, Ran
from support.waiting import until_true

pytestmark = pytest.mark.slow

T = TypeVar("T")
DAY = Path(__file__).with_name("day.txt")
NOW = datetime(2023, 12, 11, 2, 0, tzinfo=UTC)
"""Nine o'clock at the office in Sampit, the day before the follow-up is due."""
LANGUAGES = ("en", "id")
PERSON = {
    "full_name": "Tokoh Rekaan Penanda",
    "employment": "EMPLOYMENT_PNS",
    "nip": "19900101 201504 1 007",
    "position": "Pengelola Data",
    "grade": "III/a",
    "unit": "Dinas Rekaan",
}
ENDED = ("COMPLETED",)
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MATTER = re.compile(rf"institutions/bawaslu/matters/({_ID.pattern})")
_TIME = re.compile(r"(?<![0-9])[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]+)?")
_START = 13
"""So many signs of an id tell two apart that were made in one second."""


@dataclass
class World:
    """A small installation that runs in a thread of its own, on the day of the case; commands do not share its event loop."""

    manager: ProcessManager
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(120)

    def down(self, name: str) -> None:
        """End a desk, and have something else in its place that serves nobody."""
        child = self.manager.children[name]
        child.command, self._usual = [sys.executable, "-c", "import time; time.sleep(600)"], child.command
        self.manager.kill(name)
        until_true(lambda: not self.wait(self.manager.is_serving(name)))

    def up(self, name: str) -> None:
        self.manager.children[name].command = self._usual
        self.manager.kill(name)
        self.wait(self.manager.healthy())


@contextmanager
def a_world(folder: Path) -> Iterator[World]:
    state = Installation(folder / ".netral")
    make_world(state, authorities=("ppk-6202", "ppk-6201"))
    for name in HOSTS:
        seconds = (NOW - datetime.now(UTC)).total_seconds()
        killable_host.write_orders(state.host(name), {"clock": seconds})
    programs = {name: ("operations.drills.world.killable_host", name) for name in HOSTS}
    world = World(ProcessManager(state, environment={"NETRAL_CLOCK_SECONDS": "0"}, programs=programs))
    thread = threading.Thread(target=world.loop.run_forever, daemon=True)
    thread.start()
    try:
        world.wait(world.manager.start())
        yield world
    finally:
        world.wait(world.manager.stop())
        world.loop.call_soon_threadsafe(world.loop.stop)
        thread.join()


@dataclass
class Transcript:
    """The case as it was told in one language, without what differs from run to run."""

    ids: dict[str, str]
    lines: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        self.lines += self.stable(text).splitlines() or [""]

    def ran(self, ran: Ran) -> None:
        for said in (ran.out, ran.err):
            self.lines += [f"  {line}".rstrip() for line in self.stable(said).splitlines() if line.strip()]
        if ran.code:
            self.lines.append(f"  [exit {ran.code}]")

    def stable(self, text: str) -> str:
        text = _TIME.sub("00:00:00", _ID.sub(lambda found: self._named(found[0]), text))
        for id, named in self.ids.items():
            text = text.replace(id[:_START], named[:_START])
        return text

    def _named(self, id: str) -> str:
        return self.ids.setdefault(id, f"01990000-0000-7000-8000-{len(self.ids) + 1:012d}")


@dataclass
class Day:
    """The day's case as far as it went."""

    netral: Netral
    world: World
    matter: str = ""

    def __post_init__(self) -> None:
        ids: dict[str, str] = {}
        self.told = {language: Transcript(ids) for language in LANGUAGES}

    def play(self, line: str) -> None:
        if line.startswith("!"):
            self._beside(*line[1:].split())
            return
        for language in LANGUAGES:
            self.told[language].add(self._filled(line))
        if line.startswith("$"):
            self._command(shlex.split(self._filled(line))[2:])

    def _command(self, words: Sequence[str]) -> None:
        again = ("--request-id", str(uuid4())) if writes(words) else ()
        for language in LANGUAGES:
            ran = self.netral.here("--lang", language, *words, *again)
            if not self.matter and (found := _MATTER.search(ran.out)):
                self.matter = found[1]
            self.told[language].ran(ran)

    def _beside(self, what: str, party: str, state: str = "") -> None:
        if what == "until":
            asked = ("matter", "show", self.matter, "--as", party, "--json")
            until_true(lambda: f'"{state}"' in self.netral.here(*asked).out)
            # Whose turn it is follows from the log, a moment later.
            waiting = state not in ENDED
            until_true(
                lambda: (self.matter in self.netral.here("todo", "--as", party, "--json").out) is waiting
            )
        else:
            getattr(self.world, what)(party)

    def _filled(self, line: str) -> str:
        name = f"institutions/bawaslu/matters/{self.matter}"
        return line.format(matter=self.matter, name=name, start=self.matter[:_START])


def writes(words: Sequence[str]) -> bool:
    """True if a command takes a request id."""
    found: Any = whole_command()
    for word in words:
        if not hasattr(found, "get_command") or (below := found.get_command(None, word)) is None:
            break
        found = below
    return any("--request-id" in parameter.opts for parameter in found.params)


def lines(text: str) -> Iterator[str]:
    """The lines of the case; those that go on are joined."""
    yield from re.sub(r"\n {4}", " ", text).splitlines()


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    folder = tmp_path_factory.mktemp("day")
    for name in ("study.pdf", "team.pdf", "minutes.pdf", "decree.pdf", "photo.jpg"):
        (folder / name).write_text(f"{name}, invented")
    (folder / "reasons.txt").write_text("Terbukti.")
    (folder / "person.json").write_text(json.dumps(PERSON))
    with a_world(folder) as world:
        played = Day(Netral(folder), world)
        for line in lines(DAY.read_text()):
            played.play(line)
        yield played


def test_an_officers_whole_case_with_the_mistakes_of_a_first_day_is_answered_as_the_golden_text_says(
    day: Day,
) -> None:
    for language in LANGUAGES:
        golden.compare(f"officers_day_{language}.txt", "\n".join(day.told[language].lines) + "\n")
