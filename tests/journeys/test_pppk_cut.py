"""A PPPK's cut for eight months: the authority's own rule, its amount and its months stand in the decree."""

from collections.abc import Callable
from pathlib import Path

import pytest

from audit.formats.leaf import Kind
from audit.log.events import decode_leaf
from netral.exchange.v1 import person_pb2
from netral.ppk.v1 import events_pb2 as ppk_events
from refusals import Malformed
from support.decrees import PARTIES, Decided
from support.invariants import read_host_tables
from support.keys import make_keys
from support.nats import NatsServer
from support.steps import Place, World
from support.story import a_person

CUT = {"measure_basis": "Perbup 12/2022", "measure_amount": "Rp500.000", "measure_months": 8}


@pytest.fixture
def place(tmp_path: Path, nats_server: NatsServer, databases: Callable[[str], str]) -> Place:
    make_keys(tmp_path, PARTIES)
    return Place(tmp_path, nats_server.url, databases)


def a_pppk() -> person_pb2.Person:
    person = a_person()
    person.employment, person.nip = person_pb2.EMPLOYMENT_PPPK, "198001012021211001"
    return person


@pytest.mark.parametrize("left_out", ["measure_basis", "measure_amount", "measure_months"])
async def test_a_cut_whose_decree_does_not_say_rule_amount_and_months_is_refused(place: Place, left_out: str):
    async with World(place) as world:
        case = Decided(world)
        await case.recommended("DISCIPLINE_MEDIUM", person=a_pppk())
        said = {name: value for name, value in CUT.items() if name != left_out}

        with pytest.raises(Malformed) as refused:
            await world.call("ppk-6202", "ImposeSanction", case.decree("PP49-MEDIUM", **said))

        assert refused.value.field == left_out


async def test_a_pppks_pay_is_cut_for_eight_months_and_the_examiner_is_told_so(place: Place):
    """The procedure of civil servants is not asked of a PPPK (PP 49/2018 art. 52): there are no minutes here."""
    async with World(place) as world:
        case = Decided(world)
        await case.recommended("DISCIPLINE_MEDIUM", person=a_pppk())

        await case.imposed("PP49-MEDIUM", **CUT)

        books = await read_host_tables("kasn", world.desks["kasn"].database)
        (told,) = [each for each in map(decode, books.leaves) if each is not None]
        assert (told.measure_basis, told.measure_amount, told.measure_months) == tuple(CUT.values())
        await case.reported()
        await case.conforms()
        assert (await case.at_examiner()).state == "COMPLETED"


def decode(leaf) -> ppk_events.Decided | None:
    """The decree that a statement of a log tells of; None for any other leaf."""
    found = decode_leaf(leaf.body)
    facts = ppk_events.Decided()
    if found.kind is not Kind.STATEMENT or not found.statement().facts.Unpack(facts):
        return None
    return facts
