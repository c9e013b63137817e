"""A host's metrics: what Prometheus reads tells how its calls, its outbox, its log and its loops fare, and names nobody."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from exchange.tables import Delivery, Inbox, Outbox
from host.services.metrics import HELP
from netral.kasn.v1 import service_pb2
from storage.types import table
from support import desks
from support.desks import Caller, Served
from support.waiting import until

RULES = Path(__file__).parents[3] / "deploy" / "prometheus" / "netral.rules.yml"
LIST = "/netral.kasn.v1.KasnReadService/ListMatters"
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture(params=["sqlite", "postgresql"])
async def kasn(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Served]:
    desks.write_trust(tmp_path)
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    async with desks.serve("kasn", desks.settings(tmp_path, "kasn", database_url=url)) as served:
        yield served


async def page(served: Served) -> str:
    """Read the metrics where the host says that they are."""
    address = (served.desk.settings.state_folder / "kasn.metrics").read_text()
    async with aiohttp.ClientSession() as session, session.get(f"http://{address}/metrics") as answer:
        assert answer.status == 200
        return await answer.text()


async def scraped(served: Served) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(await page(served))
        for sample in family.samples
    }


def of(name: str, **labels: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    return name, tuple(sorted(labels.items()))


async def test_calls_are_counted_by_method_and_code_and_timed(kasn: Served) -> None:
    request = service_pb2.ListMattersRequest(parent="institutions/kasn")
    before = await scraped(kasn)

    for _ in range(2):
        await kasn.call(LIST, request, Caller("kasn"))
    await kasn.call(LIST, request, Caller("ppk-6202"))

    after = await scraped(kasn)
    assert of("netral_calls_total", method=LIST, code="OK") not in before
    assert after[of("netral_calls_total", method=LIST, code="OK")] == 2
    assert after[of("netral_calls_total", method=LIST, code="PERMISSION_DENIED")] == 1
    assert after[of("netral_call_seconds_count", method=LIST)] == 3
    assert after[of("netral_call_seconds_sum", method=LIST)] > 0


async def test_what_is_held_up_is_counted_with_its_age(kasn: Served) -> None:
    before = await scraped(kasn)
    assert before[of("netral_database_up")] == 1
    assert before[of("netral_outbox_statements", awaits="custody")] == 0
    assert before[of("netral_outbox_oldest_seconds", awaits="custody")] == 0

    await hold_up(kasn)

    after = await scraped(kasn)
    assert after[of("netral_outbox_statements", awaits="custody")] == 1
    assert 3600 <= after[of("netral_outbox_oldest_seconds", awaits="custody")] < 3700
    assert after[of("netral_outbox_statements", awaits="outcome")] == 0
    assert after[of("netral_parked", kind="statements")] == before[of("netral_parked", kind="statements")] + 1


async def hold_up(served: Served) -> None:
    """A statement of an hour ago that has no receipt and is not due, and one that is parked."""
    now = served.desk.now()
    then, later = now - timedelta(hours=1), now + timedelta(hours=1)
    sent = Outbox.row(
        id=str(uuid4()),
        party="kasn",
        recipient="ppk-6202",
        sequence=1,
        type="t",
        matter=str(uuid4()),
        digest=b"d" * 32,
        created=then,
    )
    due = Delivery.row(id=sent["id"], party="kasn", recipient="ppk-6202", awaits="custody", due=later)
    parked = Inbox.row(
        party="kasn",
        id=str(uuid4()),
        sender="bawaslu",
        sequence=1,
        type="t",
        matter=str(uuid4()),
        digest=b"d" * 32,
        state="PARKED",
        received=now,
    )
    async with served.desk.database.write() as connection:
        for model, row in ((Outbox, sent), (Delivery, due), (Inbox, parked)):
            await connection.execute(table(model).insert(), [row])


async def test_each_loop_says_that_it_works_and_the_bus_that_it_is_away(kasn: Served) -> None:
    await until(lambda: "relay" in kasn.desk.parts.shown)

    found = await scraped(kasn)

    parts = {labels[0][1] for name, labels in found if name == "netral_part_works"}
    assert {"database", "bus", "inbox", "relay", "sequencer"} <= parts
    assert found[of("netral_part_works", part="database")] == 1
    assert found[of("netral_part_works", part="bus")] == 0


async def test_no_party_and_no_person_is_in_a_label(kasn: Served) -> None:
    await hold_up(kasn)
    request = service_pb2.ListMattersRequest(parent="institutions/kasn")
    await kasn.call(LIST, request, Caller("kasn", officer="petugas-rahasia"))

    families = list(text_string_to_metric_families(await page(kasn)))

    labels = {label for family in families for sample in family.samples for label in sample.labels}
    assert labels <= {"method", "code", "part", "awaits", "kind", "le"}
    said = {value for family in families for sample in family.samples for value in sample.labels.values()}
    assert not said & {"kasn", "bkn", "ppk-6202", "petugas-rahasia"}


async def test_a_database_that_is_away_is_said_and_the_rest_is_told_all_the_same(kasn: Served) -> None:
    if not kasn.desk.database.sqlite:
        pytest.skip("the same on both")
    async with kasn.desk.database.write() as connection:
        await connection.run_sync(lambda sync: table(Delivery).drop(sync))

    found = await scraped(kasn)

    assert found[of("netral_database_up")] == 0
    assert of("netral_outbox_statements", awaits="custody") not in found
    assert of("netral_part_works", part="database") in found or "database" not in kasn.desk.parts.shown


async def test_every_metric_that_an_alert_rule_names_is_there(kasn: Served) -> None:
    await until(lambda: "relay" in kasn.desk.parts.shown)
    text = await page(kasn)
    known = {sample.name for family in text_string_to_metric_families(text) for sample in family.samples}
    known |= {name for line in text.splitlines() if line.startswith("# HELP") for name in [line.split()[2]]}

    words = RULES.read_text().replace("(", " ").replace("{", " ").replace("[", " ").split()
    named = {word for word in words if word.startswith("netral_")}

    assert named
    assert named <= known | {f"{name}_bucket" for name in known}
    assert HELP.keys() <= known
