"""Documents and requests for them by the command line alone, between real processes."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from operations.local.installation import Installation
from support.disclosures import a_document
from support.netral import Netral, Ran
from support.processes import a_small_world
from support.waiting import until_true

# With `make soak`: every command is a process, and these take minutes of them.
pytestmark = pytest.mark.soak
# Every look is a process of its own.

PERSON = {
    "full_name": "Tokoh Rekaan",
    "employment": "EMPLOYMENT_PNS",
    "nip": "199001012015041007",
    "position": "Pengelola Data",
    "grade": "III/a",
    "unit": "Dinas Rekaan",
}
REQUEST = "disclosure request {m} --as kasn --holder bawaslu --data evidence --authority head-1"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A small world that runs, with a matter that Bawaslu referred and a document attached to it there."""
    folder = tmp_path_factory.mktemp("world")
    state: Installation = a_small_world(folder / ".netral")
    netral = Netral(folder)
    (folder / "person.json").write_text(json.dumps(PERSON))
    (folder / "foto.pdf").write_bytes(a_document(700_000))
    assert netral("up", "--detach").code == 0
    try:
        report = (
            "bawaslu report --number 002/LP/PL/Kab/62.02/XI/2023 --region 62.02 --event-date 2023-11-15"
            " --known-date 2023-11-16 --employer ppk-6202 --person person.json --description Foto"
        )
        m = done(netral(*report.split(), "--json"))["matter"].rpartition("/")[2]
        study = (
            f"bawaslu study {m} --number 1/KAJIAN/2023 --date 2023-11-18 --conclusion other-law-violation"
            " --act 2022-DSB7 --document foto.pdf"
        )
        done(netral(*study.split(), "--json"))
        refer = f"bawaslu refer {m} --number 1/PP.00.02/2023 --date 2023-11-20 --evidence foto.pdf"
        done(netral(*refer.split(), "--json"))
        add = f"document add {m} foto.pdf --as bawaslu"
        act = done(netral(*add.split(), "--json"))
        assert act["action"] == "disclosure.attach_document"
        until_true(lambda: "REFERRED" in netral("matter", "show", m, "--as", "kasn", "--json").out)
        yield SimpleNamespace(netral=netral, folder=folder, matter=m, state=state)
    finally:
        assert netral("down").code == 0


def done(ran: Ran) -> Any:
    assert ran.code == 0, ran.err
    return ran.json


def run(world: Any, words: str, *more: str) -> Ran:
    ran: Ran = world.netral(*words.format(m=world.matter).split(), *more)
    return ran


def state_of(world: Any, id: str, party: str) -> Any:
    return done(run(world, f"disclosure show {id} --as {party} --json"))["state"]


def test_evidence_is_asked_for_granted_fetched_and_read(world: Any) -> None:
    asking = REQUEST + " --purpose examination --basis skb-2022 --document foto.pdf --json"
    id = done(run(world, asking))["statements"][0]
    until_true(lambda: state_of(world, id, "kasn") == "GRANTED")

    fetched = run(world, f"disclosure fetch {id} --as kasn --wait 60")
    assert fetched.code == 0, fetched.err
    until_true(lambda: state_of(world, id, "bawaslu") == "RECEIVED")

    content = (world.folder / "foto.pdf").read_bytes()
    digest = sha256(content).hexdigest()
    (listed,) = done(run(world, "document ls --as kasn --json"))
    assert listed["disclosure"].endswith(id)
    got = run(world, f"document get {{m}} {digest} --as kasn --purpose handling --to copy.pdf --json")
    assert done(got)["digest"] == digest
    assert (world.folder / "copy.pdf").read_bytes() == content
    # The name of the file came sealed with the grant, and is personal.
    assert "foto.pdf" in run(world, "matter file {m} --as kasn --purpose handling").out
    shown = run(world, f"disclosure show {id} --as kasn").out
    assert digest in shown and "head-1" in shown
    assert id in run(world, "disclosure ls --as bawaslu").out
    assert digest in run(world, "document ls --as bawaslu").out


def test_a_refusal_says_why_and_a_lapsed_agreement_is_not_even_sent(world: Any) -> None:
    asking = REQUEST + " --purpose monitoring --basis skb-2022 --json"
    id = done(run(world, asking))["statements"][0]
    until_true(lambda: state_of(world, id, "kasn") == "REFUSED")
    assert done(run(world, f"disclosure show {id} --as kasn --json"))["reason"] == "PURPOSE_NOT_COVERED"
    not_granted = run(world, f"disclosure fetch {id} --as kasn")
    assert not_granted.code == 1 and "the disclosure stands at: refused" in not_granted.err

    lapsed = run(world, REQUEST + " --purpose examination --basis pks-2020/enforcement")
    assert lapsed.code == 1
    assert "pks-2020/enforcement lapsed on 2023-01-31" in lapsed.err


def test_an_officer_decides_on_a_case_file(world: Any) -> None:
    asking = REQUEST.replace("evidence", "case-file") + " --purpose examination --basis skb-2022 --json"
    one, two = (done(run(world, asking))["statements"][0] for _ in range(2))

    def waits(id: str) -> bool:
        return id in run(world, "disclosure ls --as bawaslu --in-state REQUESTED").out

    until_true(lambda: waits(one) and waits(two))
    granted = run(world, f"disclosure grant {one} --as bawaslu --document foto.pdf --json")
    assert done(granted)["state"] == "GRANTED"
    refused = run(world, f"disclosure refuse {two} --as bawaslu --reason other --remarks Belum --json")
    assert done(refused)["state"] == "REFUSED"
    until_true(lambda: state_of(world, two, "kasn") == "REFUSED")


def test_a_file_that_is_not_taken_is_refused_in_words(world: Any) -> None:
    (world.folder / "program.pdf").write_bytes(b"MZ\x90\x00 bukan pdf rekaan")
    (world.folder / "catatan.txt").write_text("x")

    wrong = run(world, "document add {m} program.pdf --as bawaslu")
    unknown = run(world, "document add {m} catatan.txt --as bawaslu")

    assert (
        wrong.code == 1 and "the content is not of the media type" in wrong.err and "program" not in wrong.err
    )
    assert unknown.code == 2


def test_facts_are_read_from_a_file_only(world: Any) -> None:
    ran = run(world, "disclosure grant 0199 --as bawaslu --facts", '{"grade": "III/c"}')

    assert ran.code == 2


def test_up_says_where_every_party_is(world: Any) -> None:
    addresses = json.loads(Path(world.state.peers_file).read_text())["addresses"]

    assert set(addresses) == {"bawaslu", "kasn", "ppk-6202", "ppk-3204"}
