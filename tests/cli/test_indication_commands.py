"""A team's first indication on its way to Bawaslu by the command line alone, in a world of real processes; and what rises."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.netral import Netral, Ran
from support.waiting import until_true

# With `make soak`: every command is a process, and these take minutes of them.
pytestmark = pytest.mark.soak

TEAM, LINK = "188.45/77/HUK/2023", "https://contoh.invalid/unggahan/1"


@pytest.fixture(scope="module")
def netral(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Netral]:
    """A running world."""
    folder: Path = tmp_path_factory.mktemp("world")
    run = Netral(folder)
    (folder / "sk.pdf").write_bytes(b"%PDF rekaan")
    (folder / "shot.png").write_bytes(b"rekaan")
    up = run("up", "--detach", "--json")
    assert up.code == 0, up.err
    try:
        yield run
    finally:
        assert run("down").code == 0


def authority(words: str) -> list[str]:
    return [*words.split(), "--as", "ppk-6202", "--json"]


def done(ran: Ran) -> Any:
    assert ran.code == 0, ran.err
    return ran.json


def test_a_team_sees_what_became_of_its_indication(netral: Netral) -> None:
    done(
        netral(
            *authority(
                f"satgas register --body internal-team --number {TEAM} --date 2023-10-02 --document sk.pdf --people 7"
            )
        )
    )
    words = f"indication record --team {TEAM} --act 2022-DSB7 --channel social-media --region 62.02 --seen 2023-11-10"
    act = done(netral(*authority(f"{words} --link {LINK} --material shot.png")))
    id = act["matter"].rpartition("/")[2]
    opened = done(netral(*authority(f"indication file {id} --purpose handling")))
    done(
        netral(
            *authority(
                f"indication pass {id} --letter 700/12/REGU --date 2023-11-11 --election pemilu --office Kab/27.09"
            )
        )
    )
    until_true(lambda: done(netral("bawaslu", "intake", "ls", "--json")))
    (arrived,) = done(netral("bawaslu", "intake", "ls", "--json"))
    today = arrived["received_date"]
    date = f"{today['year']}-{today['month']:02d}-{today['day']:02d}" if isinstance(today, dict) else today
    done(netral(*f"bawaslu intake close {id} --reason no-indication --date {date} --json".split()))
    until_true(lambda: done(netral(*authority("indication ls")))[0].get("stage") == "CLOSED")
    shown = netral("indication", "show", id, "--as", "ppk-6202")

    assert opened["entries"][0]["part"]["links"] == [LINK]
    assert (arrived["state"], arrived["informant"]) == ("INFORMATION_RECEIVED", "ppk-6202")
    assert "CLOSED" in shown.out and "NO_INDICATION" in shown.out
    assert LINK not in shown.out


def test_a_link_without_its_material_is_a_mistake_of_use(netral: Netral) -> None:
    words = f"indication record --team {TEAM} --act 2022-DSB7 --channel social-media --region 62.02 --seen 2023-11-10"

    assert netral(*authority(f"{words} --link {LINK}")).code == 2


def test_what_rises_is_said_with_its_definition_and_recomputed_from_the_log(netral: Netral) -> None:
    found = done(netral("supervision", "warnings", "--as", "bawaslu", "--all", "--by", "act", "--json"))
    again = done(netral("supervision", "recompute", "--as", "bawaslu", "--by", "act", "--json"))

    assert "as_of" in found
    assert again["equal"] is True


def test_supervisor_and_examiner_agree_on_a_plan_and_see_each_others_notes(netral: Netral) -> None:
    words = "plan propose --number 3/PWB/2023 --start 2023-11-01 --end 2023-12-31 --region 62 --act 2022-DSB7"
    act = done(netral(*words.split(), "--document", "sk.pdf", "--json"))
    id = act["matter"].rpartition("/")[2]
    at_examiner = ["--as", "kasn", "--json"]
    until_true(lambda: done(netral("plan", "ls", *at_examiner)))
    done(netral(*f"plan agree {id} --letter 4/PWB/2023 --date 2023-11-02".split(), *at_examiner))
    until_true(lambda: done(netral("plan", "ls", "--json"))[0]["state"] == "AGREED")
    note = f"plan note {id} --date 2023-11-20 --region 62.02 --act 2022-DSB7 --document sk.pdf"
    done(netral(*note.split(), "--json"))
    until_true(lambda: done(netral("plan", "show", id, *at_examiner)).get("notes"))
    shown = netral("plan", "show", id, "--as", "kasn")

    assert "2023-11-20" in shown.out and "bawaslu" in shown.out
