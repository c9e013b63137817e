"""Duration of a summary of many cases on SQLite: `PYTHONPATH=tests .venv/bin/python -m bench.monitoring [cases]`."""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from agreement.parties import regions
from cooperation import monitoring
from cooperation.monitoring import reads as calls
from cooperation.monitoring.figures import case_status, counters
from cooperation.monitoring.projection import reads, store
from cooperation.monitoring.projection.tables import CaseRow, Position, TallyRow
from storage.engines import Database
from storage.types import table

TODAY = date(2021, 12, 31)
ROUNDS = 15
WANTED = {
    "of everything": reads.Wanted("kasn"),
    "of a province": reads.Wanted("kasn", region="62"),
    "of every tier that there is (looks at each case)": reads.Wanted("kasn", tier="REGENCY"),
}


def rows(count: int) -> list[dict[str, Any]]:
    """Cases of two years at all stages, spread over all regions."""
    choose = random.Random(1)
    places = [code for code in regions.regions() if len(code) == 5]
    found = []
    for number in range(count):
        since = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=choose.randrange(1_000_000))
        stage, region = choose.choice(case_status.FLOW), choose.choice(places)
        recommended = stage in case_status.FLOW[5:17]
        followed_up = since.date() + timedelta(days=choose.randrange(400)) if stage == "CONFORMS" else None
        found.append(
            {
                "party": "kasn",
                "matter": f"00000000-0000-7000-8000-{number:012d}",
                "case_id": "",
                "stage": stage,
                "holder": "" if stage in case_status.CLOSED else "kasn",
                "since": since,
                "since_date": since.date(),
                "period_date": since.date(),
                "known_date": since.date(),
                "log_index": number,
                "supervisor": "bawaslu",
                "examiner": "kasn",
                "region": region,
                "province": region[:2],
                "agency": f"ppk-{region.replace('.', '')}",
                "tier": "REGENCY",
                "act": "2022-DSB7",
                "employment": "PNS",
                "post": choose.choice(["", "HIGH_LEADERSHIP", "FUNCTIONAL", "IMPLEMENTER"]),
                "recommended_date": since.date() if recommended else None,
                "due_date": since.date() + timedelta(days=14) if recommended else None,
                "followed_up_date": followed_up,
                "on_time": followed_up <= since.date() + timedelta(days=14) if followed_up else None,
                "verified_date": followed_up,
                "status": "CONFORMS" if followed_up else "",
                "answered": recommended,
                "step": "",
                "step_time": None,
                "blocked": False,
            }
        )
    return found


async def main(count: int) -> None:
    room = Path(next(iter(monitoring.__path__)))
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/desk.sqlite")
        await database.migrate(room / "migrations")
        async with database.write() as connection:
            made = rows(count)
            await connection.execute(table(CaseRow).insert(), made)
            cases = {row["matter"]: store.progress_of(SimpleNamespace(**row)) for row in made}
            counted = counters.changes({}, cases)
            await connection.execute(
                table(TallyRow).insert(),
                [{"party": "kasn", "count": n} | asdict(which) for which, n in counted.items()],
            )
            position = {"party": "kasn", "log_index": count, "time": datetime.now(UTC), "rules": 1}
            await connection.execute(table(Position).insert(), [position])
        for what, wanted in WANTED.items():
            elapsed, cpu = await measure(database, wanted)
            print(
                f"{count} cases: a summary {what} takes {elapsed:.0f} ms (median of {ROUNDS}), {cpu:.0f} ms of it"
                " processor time"
            )
        await database.close()


async def measure(database: Database, wanted: reads.Wanted) -> tuple[float, float]:
    """Milliseconds that a summary takes, and those of the processor."""
    took = []
    for _ in range(ROUNDS):
        started, worked = time.perf_counter(), time.process_time()
        async with database.read() as connection:
            await calls.summary(connection, wanted, TODAY)
        took.append(((time.perf_counter() - started) * 1000, (time.process_time() - worked) * 1000))
    elapsed, cpu = (statistics.median(column) for column in zip(*took, strict=True))
    return elapsed, cpu


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
