"""The code in the guide for integrators runs as it is printed: a call, its repeat while the database is away, what is new."""

import asyncio
import re
from pathlib import Path
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy import make_url

import agreement
from netral.ppk.v1 import service_pb2 as pb
from support import acts, desks
from support.postgres import PostgresServer
from support.waiting import until

GUIDE = Path(next(iter(agreement.__path__))).parents[1] / "proto" / "README.md"
PARTY = "ppk-6202"


async def test_the_guides_code_connects_repeats_waits_and_follows_what_is_new(
    tmp_path: Path, postgresql_url: str, postgres_server: PostgresServer
) -> None:
    call, repeat, new = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    desks.write_trust(tmp_path)
    settings = desks.settings(tmp_path, "ppk", database_url=postgresql_url)
    async with desks.serve("ppk", settings) as served:
        name, other = [await acts.is_recommended(served, PARTY) for _ in range(2)]
        taken: list[pb.Matter] = []
        guide: dict[str, Any] = {"address": served.running.address, "take_in": taken.append}

        def run(code: str) -> None:
            exec(code, guide)  # noqa: S102 - the guide's own words

        await asyncio.to_thread(run, call.replace(f"institutions/{PARTY}/matters/…", name))
        assert guide["act"].state == "OPENED"
        await asyncio.to_thread(run, repeat)
        await asyncio.to_thread(run, new)

        since = await asyncio.to_thread(guide["what_is_new"], Timestamp())
        assert [each.name for each in taken] == [other, name]
        request = pb.OpenRecommendationRequest(name=other, request_id=acts.new_id())
        database = make_url(postgresql_url).database
        postgres_server.sql(f'ALTER DATABASE "{database}" SET default_transaction_read_only = on')
        postgres_server.sql(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
        )
        waiting = asyncio.create_task(
            asyncio.to_thread(guide["patiently"], guide["desk"].OpenRecommendation, request)
        )
        await until(lambda: served.desk.database.retry_after > 0.5)
        assert not waiting.done()
        postgres_server.sql(f'ALTER DATABASE "{database}" RESET default_transaction_read_only')
        assert (await waiting).state == "OPENED"

        later = await asyncio.to_thread(guide["what_is_new"], since)
        assert later.ToNanoseconds() > since.ToNanoseconds()
        assert taken[-1].name == other and taken[-1].state == "OPENED"
        guide["channel"].close()
