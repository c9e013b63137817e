"""A matter from report to outcome by the command line alone; what is refused says why, with exit code 1."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from openpyxl import load_workbook

from host.calls.contract_words import ID
from support.netral import Netral, Ran
from support.story import NAME, NIP
from support.waiting import HANGS, until_true
from verifier import build

# A world of processes, and commands that are processes: a busy machine takes seconds for each.
pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).parents[2] / "deploy" / "examples" / "personnel_office.py"
PERSON = {
    "full_name": NAME,
    "employment": "EMPLOYMENT_PNS",
    "nip": NIP,
    "position": "Pengelola Data",
    "grade": "III/a",
    "unit": "Dinas Rekaan",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A running world with one matter that went all the way, and what each command on the way said."""
    folder = tmp_path_factory.mktemp("world")
    netral = Netral(folder)
    (folder / "person.json").write_text(json.dumps(PERSON))
    (folder / "document.pdf").write_bytes(b"%PDF rekaan")
    (folder / "reasons.txt").write_text("Terbukti.")
    up = netral("up", "--detach", "--json")
    assert up.code == 0, up.err
    try:
        said = play(netral)
        yield SimpleNamespace(
            netral=netral, folder=folder, said=said, matter=said["report"]["matter"].rpartition("/")[2]
        )
    finally:
        assert netral("down").code == 0


REPORT = [
    "bawaslu",
    "report",
    "--number",
    "002/LP/PL/Kab/62.02/XI/2023",
    "--region",
    "62.02",
    "--event-date",
    "2023-11-15",
    "--known-date",
    "2023-11-16",
    "--employer",
    "ppk-6202",
    "--person",
    "person.json",
    "--description",
    "Foto bersama calon.",
]


def play(netral: Netral) -> dict[str, Any]:
    """Every step of a matter by the command line, waiting for what each leads to at the other desk."""
    said = {"report": done(netral(*REPORT, "--json"))}
    m = said["report"]["matter"].rpartition("/")[2]

    def step(words: str, *more: str) -> None:
        said[words.split()[1]] = done(netral.here(*words.format(m=m).split(), *more, "--json"))

    def wait(party: str, state: str) -> None:
        until_true(
            lambda: netral.here("matter", "show", m, "--as", party, "--json").out.find(f'"{state}"') > 0
        )

    step(
        "bawaslu study {m} --number 1/KAJIAN/2023 --date 2023-11-18 --conclusion other-law-violation --act 2022-DSB7"
        " --document document.pdf"
    )
    step("bawaslu refer {m} --number 1/PP.00.02/2023 --date 2023-11-20 --evidence document.pdf")
    wait("kasn", "REFERRED")
    step("examiner accept {m} --register-number P-1")
    step(
        "examiner recommend {m} --to ppk-6202 --number R-1/KASN/11/2023 --date 2023-11-28 --act 2022-DSB7"
        " --sanction-class discipline-severe --due-date 2023-12-12 --reasons @reasons.txt"
    )
    wait("ppk-6202", "RECEIVED")
    step("ppk open {m} --as ppk-6202")
    step("ppk acknowledge {m} --as ppk-6202 --register-number AG-1")
    step("ppk form-team {m} --as ppk-6202 --decree 800/1/TIM --date 2023-11-30 --document document.pdf")
    step("ppk summon {m} --as ppk-6202 --number 800/1/PGL --date 2023-11-30 --examination-date 2023-12-07")
    step("ppk examine {m} --as ppk-6202 --date 2023-12-07 --minutes document.pdf --signature refused")
    step(
        "ppk release-from-duty {m} --as ppk-6202 --number 800/1/BEBAS --date 2023-12-08 --start-date 2023-12-11"
    )
    step("ppk decide {m} --as ppk-6202 --decree 800/1/BKPSDM --date 2023-12-11 --sanction PP94-8-4-A")
    step("ppk correct-decree {m} --as ppk-6202 --number 800/11/BKPSDM --remarks Salah-ketik")
    step("ppk follow-up {m} --as ppk-6202 --number 800/1/TL --date 2023-12-12 --decree-document document.pdf")
    wait("kasn", "FOLLOWED_UP")
    step("examiner verify-follow-up {m} --status conforms --date 2023-12-15")
    wait("bawaslu", "COMPLETED")
    return said


def done(ran: Ran) -> Any:
    assert ran.code == 0, ran.err
    return ran.json


def test_a_matter_is_taken_by_its_name_and_by_the_beginning_of_its_id_and_a_party_by_its_name(world: Any):
    for given in (world.matter, world.said["report"]["matter"], world.matter[:13], world.matter.upper()):
        shown = done(world.netral.here("matter", "show", given, "--as", "Kotawaringin Timur", "--json"))

        assert shown["name"] == f"institutions/ppk-6202/matters/{world.matter}"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("ffff", "no matter of kasn begins with ffff"),
        (f"institutions/kasn/intakes/{ID}", "and one of matters is asked for"),
        ("nothing", "has to look like institutions/ppk-6202/matters/"),
    ],
)
def test_what_names_no_matter_is_refused_in_words(world: Any, given: str, said: str):
    ran = world.netral.here("matter", "show", given, "--as", "kasn")

    assert ran.code != 0
    assert said in " ".join(ran.err.split())


def test_what_the_state_does_not_allow_is_refused_with_what_is_possible_instead(world: Any):
    document = ("--document", "document.pdf", "--decree", "800/9/TIM", "--date", "2023-11-30")
    ran = world.netral.here("ppk", "form-team", world.matter, "--as", "ppk-6202", *document)

    assert ran.code == 1
    assert "possible now:" in ran.err and "(ppk." in ran.err


def test_who_calls_is_named_as_an_institution_and_a_wrong_desk_is_named(world: Any):
    nobody = world.netral.here("matter", "show", world.matter, "--as", "kotwaringin")
    wrong = world.netral.here("examiner", "accept", world.matter, "--register-number", "P", "--as", "bawaslu")
    waiting = world.netral.here("matter", "ls", "--as", "kasn", "--in-state", "recomended")

    assert "did you mean ppk-6201" in " ".join(nobody.err.split())
    assert "bawaslu cannot do this: it is an act of the examiner (KASN, BKN)" in " ".join(wrong.err.split())
    assert waiting.err.startswith("refused: --in-state: ") and "RECOMMENDED" in waiting.err


def test_the_examiners_log_explains_the_due_date_of_the_letter_to_the_addressee_and_not_of_a_copy(world: Any):
    explained = world.netral.here("matter", "why-due", world.matter, "--as", "kasn").out

    assert explained.splitlines()[1].split(":")[0].endswith(" to ppk-6202")


def test_a_session_has_one_language(world: Any):
    decree = ("--decree", "800/9/TIM", "--date", "2023-11-30", "--document", "document.pdf")
    refused = world.netral.here("--lang", "id", "ppk", "form-team", world.matter, "--as", "ppk-6202", *decree)
    told = [
        world.netral.here(*lang, "matter", "timeline", world.matter).out for lang in (("--lang", "id"), ())
    ]

    assert refused.err.startswith("ditolak: saat ini tidak dapat dilakukan; status perkara: selesai")
    assert "yang dapat dilakukan sekarang:" in refused.err
    assert "meregistrasi" in told[0].lower() or "registrasi" in told[0].lower()
    assert "registers" in told[1] and not any(" / " in each.splitlines()[0] for each in told)


def test_a_number_on_a_card_is_taken_as_it_is_written_there_and_the_matter_waits_for_its_party(world: Any):
    spaced = f"{NIP[:8]} {NIP[8:14]} {NIP[14]} {NIP[15:]}"
    (world.folder / "card.json").write_text(json.dumps(PERSON | {"nip": spaced}))
    words = ["card.json" if word == "person.json" else word for word in REPORT]
    words[words.index("--number") + 1] = "031/LP/PL/Kab/62.02/XI/2023"

    registered = done(world.netral.here(*words, "--json"))

    assert registered["state"] == "REGISTERED"
    matter = registered["matter"].rpartition("/")[2]
    until_true(lambda: matter in {each["matter"] for each in done(world.netral.here("todo", "--json"))})
    (waiting,) = [each for each in done(world.netral.here("todo", "--json")) if each["matter"] == matter]
    assert waiting["stage"] == "REGISTERED" and "bawaslu.conclude_study" in waiting["possible"]
    assert "concludes the study" in world.netral.here("todo").out


def test_an_act_says_whom_it_told_and_whose_turn_it_is_until_when(world: Any):
    recommended, verified = world.said["recommend"], world.said["verify-follow-up"]
    told = [(each["recipient"], each["recipient_name"]) for each in recommended["told"] if not each["copy"]]

    assert told == [("ppk-6202", "Pemerintah Kabupaten Kotawaringin Timur")]
    assert recommended["next"] == {
        "holder": "ppk-6202",
        "step": "open the recommendation and follow it up",
        "due_date": "2023-12-12",
    }
    assert world.said["follow-up"]["next"] == {
        "holder": "kasn",
        "step": "verify the follow-up",
        "due_date": None,  # the authority's day is none of the examiner's
    }
    assert verified["next"]["holder"] == ""


def test_an_act_of_the_procedure_says_which_limits_run(world: Any):
    summoned, decided = world.said["summon"], world.said["decide"]

    assert summoned["limits"] == [{"limit": "the person is examined", "date": "2023-12-07"}]
    assert decided["limits"] == [
        {
            "limit": "Delivery of the decision to the person",
            "date": "2024-01-03",
        }  # why it is: `netral deadline`
    ]
    assert world.said["report"]["limits"] == []


def test_the_state_of_a_world_says_how_its_clock_stands(world: Any):
    told = world.netral.here("--lang", "id", "status")

    assert told.code == 0
    assert "Jam berhenti (NETRAL_CLOCK_SECONDS=0): tidak ada yang diingatkan" in told.err
    assert done(world.netral.here("status", "--json"))["clock_stands"] == "NETRAL_CLOCK_SECONDS=0"


def test_an_act_is_told_in_one_language(world: Any):
    words = list(REPORT)
    words[words.index("--number") + 1] = "032/LP/PL/Kab/62.02/XI/2023"

    told = world.netral.here("--lang", "id", *words)

    assert told.code == 0, told.err
    lines = told.out.splitlines()
    assert lines[0] == "meregistrasi perkara (bawaslu.register)"
    assert "status perkara                   diregistrasi (REGISTERED)" in lines
    assert any(
        line.endswith("(bawaslu): menyelesaikan kajian hukum; tidak ada batas hari yang ditetapkan")
        for line in lines
    )


def test_every_step_says_the_state_it_led_to(world: Any):
    states = {name: answer["state"] for name, answer in world.said.items()}

    assert states == {
        "report": "REGISTERED",
        "study": "STUDIED",
        "refer": "REFERRED",
        "accept": "EXAMINING",
        "recommend": "RECOMMENDED",
        "open": "OPENED",
        "acknowledge": "ACKNOWLEDGED",
        "form-team": "ACKNOWLEDGED",
        "summon": "ACKNOWLEDGED",
        "examine": "ACKNOWLEDGED",
        "release-from-duty": "ACKNOWLEDGED",
        "decide": "DECIDED",
        "correct-decree": "DECIDED",
        "follow-up": "REPORTED",
        "verify-follow-up": "COMPLETED",
    }


def test_the_timeline_shows_every_statement_with_its_receipt_at_both_ends(world: Any):
    def sent() -> list[Any]:
        acts = done(world.netral.here("matter", "timeline", world.matter, "--json"))
        return [statement for act in acts for statement in act["sent"]]

    # Fifteen on the way, and copies of recommendation and verification to four who oversee.
    assert len(sent()) == 23
    # The last receipts are still on their way when Bawaslu knows the outcome.
    until_true(
        lambda: all({one["sender"], one["recipient"]} == set(one["receipt_kept_by"]) for one in sent())
    )
    assert all(one["outcome"] == "TAKEN_UP" for one in sent())


def test_the_procedure_is_shown_with_its_limits(world: Any):
    shown = done(world.netral.here("ppk", "show-procedure", world.matter, "--as", "ppk-6202", "--json"))

    assert (shown["stage"], shown["signature"]) == ("DECIDED", "REFUSED")
    assert shown["delivery_due"] == {"year": 2024, "month": 1, "day": 3}
    assert "REFUSED" in world.netral.here("ppk", "show-procedure", world.matter, "--as", "ppk-6202").out


def test_a_release_from_duty_is_shown_with_its_end_and_known_to_the_examiner(world: Any):
    shown = done(world.netral.here("ppk", "show-procedure", world.matter, "--as", "ppk-6202", "--json"))
    examined = done(world.netral.here("matter", "show", world.matter, "--as", "kasn", "--json"))

    assert shown["release_number"] == "800/1/BEBAS"
    assert shown["release_date"] == shown["release_end_date"] == {"year": 2023, "month": 12, "day": 11}
    assert examined["last_step"] == "RELEASED_FROM_DUTY"


def test_a_typing_error_in_a_decree_is_corrected_at_both_desks_and_both_statements_stand(world: Any):
    at_both = [
        done(world.netral.here("matter", "show", world.matter, "--as", party, "--json"))
        for party in ("ppk-6202", "kasn")
    ]
    acts = done(world.netral.here("matter", "timeline", world.matter, "--json"))

    assert [matter["decree_number"] for matter in at_both] == ["800/11/BKPSDM"] * 2
    assert {"ppk.impose_sanction", "ppk.correct_decree"} <= {act["action"] for act in acts}


def test_a_refusal_names_the_field_and_exits_with_1(world: Any):
    words = [word if word != "62.02" else "62.99" for word in REPORT]
    ran = world.netral(*words, "--json")

    assert ran.code == 1
    assert ran.json["error"]["code"] == "INVALID_ARGUMENT"
    assert "region" in ran.json["error"]["fields"]


def test_a_personal_value_at_fault_is_not_repeated(world: Any):
    (world.folder / "wrong.json").write_text(json.dumps(PERSON | {"nip": "199001012015041"}))
    ran = world.netral.here(*[word if word != "person.json" else "wrong.json" for word in REPORT])

    assert ran.code == 1
    assert "--person (nip)" in ran.err
    assert "199001012015041" not in ran.out + ran.err


def test_a_wrong_use_exits_with_2_and_changes_nothing(world: Any):
    before = done(world.netral.here("matter", "ls", "--json"))

    assert world.netral("bawaslu", "report", "--number", "1").code == 2
    assert world.netral.here("ppk", "open", world.matter).code == 2
    assert world.netral.here("bawaslu", "refer", world.matter, "--date", "tomorrow").code == 2
    assert done(world.netral.here("matter", "ls", "--json")) == before


def test_the_same_request_id_changes_nothing_twice(world: Any):
    id = "0f5b0a3e-6f0b-4c62-9d5e-2f1f6b1f8a11"
    words = [*REPORT, "--request-id", id, "--json"]
    words[words.index("002/LP/PL/Kab/62.02/XI/2023")] = "003/LP/PL/Kab/62.02/XI/2023"

    first, again = done(world.netral.here(*words)), done(world.netral.here(*words))

    assert first == again


def test_a_desk_that_is_not_there_is_said_in_words(tmp_path: Path):
    ran = Netral(tmp_path)("matter", "ls")

    assert ran.code == 1
    assert "not running" in ran.err
    assert "Traceback" not in ran.err


def test_the_persons_file_is_read_for_a_purpose_and_the_reading_is_in_the_trail(world: Any):
    read = done(
        world.netral.here("matter", "file", world.matter, "--as", "kasn", "--purpose", "handling", "--json")
    )
    leaves = done(world.netral.here("audit", "search", "--as", "kasn", "--type", "kasn.read_file", "--json"))

    assert read["entries"][0]["part"]["person"]["nip"] == NIP
    assert read["record"] in {leaf["ref"] for leaf in leaves}


def test_a_matter_is_answered_whole_and_by_all_desks_in_order(world: Any):
    whole = done(
        world.netral.here("audit", "search", "--as", "kasn", "--matter", world.matter, "--complete", "--json")
    )["kasn"]
    told = done(world.netral.here("audit", "search", "--matter", world.matter, "--everywhere", "--json"))
    first = told[0]["ref"]
    why = done(world.netral.here("audit", "why", first, "--json"))
    state = done(world.netral.here("audit", "state", world.matter, "--as", "kasn", "--json"))
    several = world.netral.here("audit", "search", "--complete", "--as", "kasn", "--type", "kasn.recommend")

    found = done(
        world.netral.here("audit", "search", "--as", "kasn", "--matter", world.matter, "--proofs", "--json")
    )
    assert whole["complete"] and whole["leaves"] <= len(found)
    assert all(leaf["proved"] and leaf["actor_kind"] and leaf["source"] for leaf in found)
    times = [datetime.fromisoformat(leaf["time"]) for leaf in told]
    assert times == sorted(times)
    assert {party for leaf in told for party in leaf["places"]} >= {"bawaslu", "kasn"}
    assert first in {each["ref"] for each in why}
    assert state["outcome"]
    assert several.code == 2


def test_every_log_verifies_and_a_changed_byte_of_an_exported_one_names_the_matter(world: Any):
    verified = done(world.netral.here("audit", "verify", "--json"))
    exported = world.netral.here("audit", "export", "kasn.log", "--as", "kasn")
    sound = world.netral.here("audit", "verify", "kasn.log", "--parties", ".netral/parties.json", "--json")
    content = bytearray((world.folder / "kasn.log").read_bytes())
    content[content.index(b"netral.examiner.recommended.v1") + 3] ^= 1
    (world.folder / "changed.log").write_bytes(content)
    changed = world.netral.here(
        "audit", "verify", "changed.log", "--parties", ".netral/parties.json", "--json"
    )

    assert verified["findings"] == []
    assert exported.code == 0
    assert sound.code == 0
    assert changed.code == 1
    assert world.matter in {finding["matter"] for finding in changed.json["findings"]}


def test_a_pack_verifies_by_the_command_and_by_one_file_and_a_changed_byte_is_named(world: Any):
    packed = done(
        world.netral.here("audit", "pack", world.matter, "--with", "kasn", "--file", "pack.zip", "--json")
    )
    pack = world.folder / "pack.zip"
    changed = bytearray(pack.read_bytes())
    changed[changed.index(b"netral.supervisor.referred.v1")] ^= 1
    (world.folder / "changed.zip").write_bytes(changed)

    sound = world.netral.here("audit", "verify", "pack.zip", "--parties", ".netral/parties.json", "--json")
    broken = world.netral.here(
        "audit", "verify", "changed.zip", "--parties", ".netral/parties.json", "--json"
    )
    alone = [
        sys.executable,
        "-I",
        build.BUILT,
        pack,
        "--parties",
        world.folder / ".netral/parties.json",
    ]

    assert sound.code == 0 and sound.json[0]["sha256"] == packed["sha256"]
    assert [log["party"] for log in sound.json[0]["logs"]] == ["bawaslu", "kasn"]
    assert broken.code == 1 and world.matter in {each["matter"] for each in broken.json[0]["findings"]}
    assert subprocess.run(alone, capture_output=True, check=False).returncode == 0


def test_a_pack_with_ones_own_party_beside_another_is_made_once(world: Any):
    words = ("audit", "pack", world.matter, "--as", "kasn", "--with", "kasn", "--with", "bawaslu")
    done(world.netral.here(*words, "--file", "own.zip", "--json"))
    sound = world.netral.here("audit", "verify", "own.zip", "--parties", ".netral/parties.json", "--json")

    assert sorted(log["party"] for log in sound.json[0]["logs"]) == ["bawaslu", "kasn"]


def test_a_check_of_databases_that_are_elsewhere_asks_for_their_url(world: Any):
    files = sorted((world.folder / ".netral").glob("**/kasn.sqlite"))
    hidden = [file.rename(file.with_suffix(".away")) for file in files]
    try:
        ran = world.netral.here("audit", "fsck", "--host", "kasn")
    finally:
        for file, away in zip(files, hidden, strict=True):
            away.rename(file)

    assert files and ran.code == 2
    assert "--database" in ran.err and "URL template" in ran.err


def test_two_desks_reconcile_and_the_file_says_the_same_without_them(world: Any):
    made = world.netral.here("audit", "reconcile", "bawaslu", "kasn", "--file", "pair.json", "--json")
    again = world.netral.here(
        "audit", "reconcile", "pair.json", "--parties", ".netral/parties.json", "--json"
    )

    assert made.json["pair"] == ["bawaslu", "kasn"]
    assert again.json == made.json and again.code == made.code


def test_a_leaf_is_proved_to_be_in_the_tree(world: Any):
    proof = done(world.netral.here("audit", "proof", "1", "--as", "kasn", "--json"))

    assert proof["hashes"]
    assert proof["note"].startswith("netral/kasn\n")


def test_nothing_waits_and_nothing_is_parked_after_all_is_settled(world: Any):
    assert world.netral.here("exchange", "outbox", "--as", "kasn").code == 0
    assert world.netral.here("exchange", "parked", "--as", "kasn").code == 0
    assert world.netral.here("exchange", "pairs", "--as", "kasn").code == 0
    assert "[yellow]" not in world.netral.here("exchange", "outbox", "--as", "kasn", "--all").out
    settled = done(world.netral.here("exchange", "outbox", "--as", "kasn", "--all", "--json"))
    assert {one["outcome"] for one in settled} == {"TAKEN_UP"}


def test_every_line_of_the_managers_log_has_its_time(world: Any):
    said = (world.folder / ".netral" / "logs" / "supervisor.log").read_text().splitlines()

    assert [line for line in said if line.endswith("Running. Ctrl-C stops it.")]
    assert all(re.match(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ \S", line) for line in said), said


def test_a_second_world_in_the_same_folder_is_refused(world: Any):
    ran = world.netral("up", "--detach")

    assert ran.code == 1
    assert "already running" in ran.err


def test_keys_are_not_thrown_away_while_the_world_runs(world: Any):
    ran = world.netral("keys", "init", "--force")

    assert ran.code == 1
    assert "running" in ran.err


def test_a_personnel_offices_own_system_takes_in_what_is_new_and_reports_what_was_decided(world: Any):
    words = [
        word if word != "002/LP/PL/Kab/62.02/XI/2023" else "007/LP/PL/Kab/62.02/XI/2023" for word in REPORT
    ]
    m = done(world.netral.here(*words, "--json"))["matter"].rpartition("/")[2]
    for step in (
        f"bawaslu study {m} --number 7/KAJIAN/2023 --date 2023-11-18 --conclusion other-law-violation --act 2022-DSB7"
        " --document document.pdf",
        f"bawaslu refer {m} --number 7/PP.00.02/2023 --date 2023-11-20 --evidence document.pdf",
        f"examiner accept {m} --register-number P-7",
    ):
        until_true(lambda step=step: world.netral.here(*step.split()).code == 0)
    address = done(world.netral.here("status", "--json"))["addresses"]["ppk"]
    simpeg, decisions = world.folder / "employees.csv", world.folder / "decisions.csv"

    def recommend(number: str, to: str, found: str, nips: str) -> str:
        letter = f"examiner recommend {m} --to {to} --number {number} --date 2023-11-28 --act 2022-KEA1 --family ethics"
        until_true(
            lambda: (
                world.netral.here(
                    *letter.split(),
                    *("--sanction-class", "moral-closed", "--reasons", "@reasons.txt"),
                    # KEA1 is of the stage before candidates were fixed, and they were on 13 November.
                    *("--stated-reason", "@reasons.txt"),
                ).code
                == 0
            )
        )
        until_true(lambda: world.netral.here("matter", "show", m, "--as", to).code == 0)
        simpeg.write_text(f"nip\n{nips}\n")
        ran = office("take-in", address, to, str(simpeg))
        assert "netral.ppk.v1.PpkService" in ran
        assert f"institutions/{to}/matters/{m} {found}" in ran.splitlines()[-1]
        return ran

    recommend("R-7/KASN/11/2023", "ppk-3204", "REJECTED", "198001012005011001")
    recommend("R-17/KASN/11/2023", "ppk-6202", "ACKNOWLEDGED", NIP)
    for step in (
        f"ppk summon {m} --as ppk-6202 --number 800/6/PGL/2023 --date 2023-11-28 --examination-date 2023-11-30",
        f"ppk examine {m} --as ppk-6202 --date 2023-11-30 --minutes document.pdf",
    ):
        done(world.netral.here(*step.split(), "--json"))
    columns = "matter,decree_number,decree_date,decree_sha256,sanction,council_number,council_date,letter_number,letter_date"
    line = f"{m},800/7/SK/2023,2023-12-01,{'ab' * 32},PP42-15-CLOSED,800/1/MKE/2023,2023-11-30,800/8/TL/2023,2023-12-04"
    decisions.write_text(f"{columns}\n{line}\n")

    first, again = (office("report", address, "ppk-6202", str(decisions)) for _ in range(2))

    assert first == again
    assert f"ppk.report_follow_up institutions/ppk-6202/matters/{m} REPORTED" in first


def office(*words: str) -> str:
    """The output of a personnel office's own system."""
    ran = subprocess.run([sys.executable, EXAMPLE, *words], capture_output=True, text=True, timeout=HANGS)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_a_due_date_by_rule_is_explained_with_its_receipt_from_both_logs(world: Any):
    words = [
        word if word != "002/LP/PL/Kab/62.02/XI/2023" else "008/LP/PL/Kab/62.02/XI/2023" for word in REPORT
    ]
    m = done(world.netral.here(*words, "--json"))["matter"].rpartition("/")[2]
    for step in (
        f"bawaslu study {m} --number 8/KAJIAN/2023 --date 2023-11-18 --conclusion other-law-violation --act 2022-DSB7"
        " --document document.pdf",
        f"bawaslu refer {m} --number 8/PP.00.02/2023 --date 2023-11-20 --evidence document.pdf",
        f"examiner accept {m} --register-number P-8",
        f"examiner recommend {m} --to ppk-6202 --number R-8/KASN/11/2023 --date 2023-11-28 --act 2022-DSB7"
        " --sanction-class discipline-severe --reasons @reasons.txt",
        f"ppk open {m} --as ppk-6202",
    ):
        until_true(lambda step=step: world.netral.here(*step.split()).code == 0)
    until_true(lambda: '"OPENED"' in world.netral.here("matter", "show", m, "--as", "kasn", "--json").out)

    told = [
        done(world.netral.here("matter", "why-due", m, "--as", party, "--json"))
        for party in ("kasn", "ppk-6202")
    ]
    claim = done(world.netral.here("examiner", "claim-silence", m, "--json"))
    until_true(lambda: world.netral.here("ppk", "refute-silence", m, "--as", "ppk-6202").code == 0)
    until_true(lambda: done(world.netral.here("matter", "escalation", m, "--json"))["refuted_by"])

    for why in told:
        assert (why["due"], why["rule"]["id"], why["zone"]) == ("2023-12-12", "follow-up", "Asia/Jakarta")
        assert why["start"]["day"] == "2023-11-28" and "R-8/KASN/11/2023" in why["start"]["event"]
    assert told[0]["receipt"] == told[1]["receipt"] and told[0]["receipt"].startswith("sha256:")
    standing = done(world.netral.here("matter", "escalation", m, "--json"))
    assert standing["silence"] == "SILENCE_NOT_ACTED_ON"
    assert standing["claim"] == claim["statements"][0]
    assert standing["next_step"] == "OVERDUE" and standing["next_actor"] == "clock"


def test_bawaslu_claims_the_examiners_silence_and_hears_how_it_is_refuted(world: Any):
    words = [
        word if word != "002/LP/PL/Kab/62.02/XI/2023" else "009/LP/PL/Kab/62.02/XI/2023" for word in REPORT
    ]
    m = done(world.netral.here(*words, "--json"))["matter"].rpartition("/")[2]
    for step in (
        f"bawaslu study {m} --number 9/KAJIAN/2023 --date 2023-11-18 --conclusion other-law-violation --act 2022-DSB7"
        " --document document.pdf",
        f"bawaslu refer {m} --number 9/PP.00.02/2023 --date 2023-11-20 --evidence document.pdf",
    ):
        until_true(lambda step=step: world.netral.here(*step.split()).code == 0)
    assert "Nothing was claimed." in world.netral.here("matter", "silence", m).out
    until_true(lambda: '"REFERRED"' in world.netral.here("matter", "show", m, "--as", "kasn", "--json").out)

    claim = done(world.netral.here("bawaslu", "claim-silence", m, "--json"))
    until_true(lambda: world.netral.here("examiner", "refute-silence", m).code == 0)
    until_true(lambda: done(world.netral.here("matter", "silence", m, "--json"))["refuted_by"])

    both = [
        done(world.netral.here("matter", "silence", m, "--as", party, "--json"))
        for party in ("bawaslu", "kasn")
    ]
    assert {known["claim"] for known in both} == {claim["statements"][0]}
    assert both[0]["refuted_by"] == both[1]["refuted_by"]


def test_a_due_date_that_the_examiner_set_is_said_to_be_so(world: Any):
    why = done(world.netral.here("matter", "why-due", world.matter, "--json"))

    assert (why["due"], why["rule"]) == ("2023-12-12", None)


def test_a_deadline_is_explained_without_a_world(tmp_path: Path):
    ran = Netral(tmp_path).here(
        *[
            "deadline",
            "explain",
            "decision-delivery",
            "--start",
            "2023-04-10",
            "--for",
            "ppk-6202",
            "--calendar",
            "skb-2023-amendment-1",
        ],
        *["--before", "skb-2023", "--json"],
    )

    assert ran.code == 0, ran.err
    assert ran.json["due"] == "2023-05-08"
    assert "Wed 2023-04-19 is off now: Cuti bersama Hari Raya Idul Fitri" in ran.json["changes"]


def test_an_unknown_rule_exits_with_1_in_words(tmp_path: Path):
    ran = Netral(tmp_path).here("deadline", "calc", "never", "--start", "2023-04-10")

    assert ran.code == 1
    assert "not a rule of the agreement" in ran.err and "Traceback" not in ran.err


def test_a_figure_says_n_of_n_its_definition_and_as_of_and_is_the_same_recomputed(world: Any):
    def followed_up() -> Any:
        summary = done(
            world.netral.here("monitor", "summary", "--as", "kasn", "--agency", "ppk-6202", "--json")
        )
        figures = {figure["id"]: figure for figure in summary["figures"]}
        return figures if figures["conforming-rate"]["n"] == "1" else None

    until_true(followed_up)
    figures = followed_up()
    table = world.netral.here("monitor", "summary", "--as", "kasn", "--agency", "ppk-6202")
    again = done(world.netral.here("audit", "recompute", "all", "--by", "agency", "--as", "kasn", "--json"))

    on_time = figures["on-time-rate"]
    assert int(on_time["n"]) >= 1 and int(on_time["of"]) >= 1  # other tests leave what is overdue
    assert "paling lambat pada hari tenggat" in figures["on-time-rate"]["definition_id"]
    assert "entry" in table.out and f"{on_time['n']}/{on_time['of']}" in table.out
    assert again["equal"]
    told = {figure["id"] for figure in again["figures"]}
    assert told >= {*figures, "cohort all 2m", "conforming-rate agency ppk-6202"}


def test_lists_and_exports_of_monitoring(world: Any):
    lists = (
        "overdue",
        "escalation",
        "regions",
        "regions --by agency",
        "regions --by post",
        "cohort",
        "peer-activity",
        "published",
    )
    for words in lists:
        ran = world.netral.here("monitor", *words.split(), "--as", "kasn")
        assert ran.code == 0, ran.err
    own = done(world.netral.here("monitor", "summary", "--as", "ppk-6202", "--json"))
    assert sum(int(count["count"]) for count in own["flow"]) >= 1
    world.netral.here("monitor", "export", "figures.csv", "--as", "kasn")
    world.netral.here("monitor", "export", "figures.json", "--as", "kasn")
    world.netral.here("monitor", "export", "figures.xlsx", "--as", "kasn")
    lines = list(csv.DictReader((world.folder / "figures.csv").open(encoding="utf-8-sig")))
    objects = json.loads((world.folder / "figures.json").read_text())

    assert [line["n"] for line in lines] == [str(one["n"]) for one in objects]
    head, *cells = load_workbook(world.folder / "figures.xlsx")["figures"].iter_rows(values_only=True)
    assert [dict(zip(head, row, strict=True))["n"] for row in cells] == [one["n"] for one in objects]
    assert ("follow-up-rate", "agency", "ppk-6202") in {
        (line["figure"], line["by"], line["key"]) for line in lines
    }
    assert all(line["definition_id"] and line["log_index"] for line in lines)
    assert world.netral.here("monitor", "export", "figures.xls", "--as", "kasn").code == 2


def test_matters_and_figures_are_told_apart_and_filtered_by_office(world: Any):
    mine = done(world.netral.here("matter", "ls", "--json"))[0]
    listed = world.netral.here("matter", "ls", "--office", mine["office"].lower(), "--as", "bawaslu")
    at_bawaslu = done(world.netral.here("matter", "ls", "--office", mine["office"], "--json"))
    by_office = world.netral.here("monitor", "regions", "--by", "office", "--as", "bawaslu")
    last = max(each["update_time"] for each in done(world.netral.here("matter", "ls", "--json")))
    again = done(
        world.netral.here("audit", "recompute", "all", "--by", "office", "--as", "bawaslu", "--json")
    )
    nowhere = world.netral.here("matter", "ls", "--as", "kasn", "--office", "KANREG-VIII")
    authority = world.netral.here("matter", "ls", "--as", "ppk-6202", "--office", "KANREG-VIII")

    assert {each["office"] for each in at_bawaslu} == {mine["office"]} and listed.code == 1
    assert by_office.code == 0 and mine["office"] in by_office.out and again["equal"]
    assert "not an office of Komisi Aparatur Sipil Negara (kasn)" in nowhere.err and authority.code == 2
    assert done(world.netral.here("matter", "ls", "--updated-since", last, "--json")) == []
    assert mine in done(world.netral.here("matter", "ls", "--updated-since", "2023-01-01", "--json"))
    assert "office" in world.netral.here("matter", "ls", "--as", "kasn").out


def test_a_published_table_is_text_csv_and_a_workbook_and_the_same_recomputed(world: Any):
    asked = ("monitor", "table", "follow-up", "--as", "kasn", "--period", "2023")
    text = world.netral.here(*asked)
    for kind in ("csv", "json", "xlsx"):
        ran = world.netral.here(*asked, "--file", f"table.{kind}", "--language", "en")
        assert ran.code == 0, ran.err
    again = done(
        world.netral.here("audit", "recompute", "follow-up", "--as", "kasn", "--period", "2023", "--json")
    )

    assert "Tindak lanjut rekomendasi" in text.out and "ppk-6202" in text.out
    assert again["equal"] and "follow-up agency ppk-6202 conforms" in {one["id"] for one in again["figures"]}
    assert (world.folder / "table.csv").read_bytes().startswith(b"\xef\xbb\xbfCode,Authority,Recommended")
    book = load_workbook(world.folder / "table.xlsx")
    head, *rows = book["Follow-up of recommendations"].iter_rows()
    found = {cell.value: row for cell, row in zip(head, rows[0], strict=True)}
    told = json.loads((world.folder / "table.json").read_text())
    (said,) = [row for row in told["rows"] if row["Code"] == found["Code"].value]
    beside = {name: found[name].value for name in ("As of", "Entry of the trail")}
    assert {name: cell.value for name, cell in found.items()} == said | beside
    assert found["% followed up"].number_format == "0.0%" and found["As of"].is_date
    assert book.worksheets[0].auto_filter.ref and book.worksheets[0].column_dimensions["B"].width > 30
    assert book.sheetnames[1] == "Notes"
    notes = set(book["Notes"].iter_rows(values_only=True))
    assert ("Period", "2023") in notes
    assert not any("rekomendasi" in str(said).lower() for line in notes for said in line)


def test_a_crossed_table_has_subtotals_and_each_cell_recomputed(world: Any):
    by = ("--by", "province", "--by", "recommended-class", "--by", "quarter")
    ran = world.netral.here("monitor", "table", "sanctions", "--as", "kasn", *by, "--file", "crossed.xlsx")
    again = done(world.netral.here("audit", "recompute", "sanctions", "--as", "kasn", *by, "--json"))
    filters = (
        "--as",
        "bawaslu",
        "--by",
        "office",
        "--office",
        "Kab/62.00",
        "--election",
        "PEMILU-2024",
        "--json",
    )
    filtered = done(world.netral.here("audit", "recompute", "handling", *filters))

    assert filtered["equal"] and filtered["figures"]
    assert ran.code == 0, ran.err
    head, *rows = load_workbook(world.folder / "crossed.xlsx").worksheets[0].iter_rows(values_only=True)
    assert head[:4] == ("Kode (provinsi)", "Provinsi", "Sanksi yang direkomendasikan", "Triwulan")
    assert rows[-1][:4] == (None, "Jumlah", None, None)
    assert "Subjumlah" in {row[2] for row in rows} & {row[3] for row in rows}
    total = dict(zip(head, rows[-1], strict=True))["Direkomendasikan"]
    quarters = [row[4] for row in rows if row[3] and row[3] != "Subjumlah"]
    assert sum(quarters) == total and again["equal"]
    assert "sanctions province 62" in {one["id"].removesuffix(" recommended") for one in again["figures"]}


def test_the_form_of_auditors_counts_the_recommendations_that_its_list_has(world: Any):
    asked = ("--as", "kasn", "--period", "2023-S2", "--language", "en")
    counted = done(world.netral.here("monitor", "table", "siptl", *asked, "--json"))["rows"][-1]
    listed = done(world.netral.here("monitor", "table", "siptl-list", *asked, "--json"))["rows"]
    again = world.netral.here("audit", "recompute", "siptl", "--as", "kasn", "--period", "2023-S2")

    assert again.code == 0, again.out
    assert counted["Recommended"] == len(listed) > 0
    for status in {(row["Status"], row["Meaning"]) for row in listed}:
        of_it = [row for row in listed if (row["Status"], row["Meaning"]) == status]
        assert counted[f"Status {status[0]}: {status[1]}"] == len(of_it)
    assert all(row["Age (days)"] >= 0 and row["Authority"] for row in listed)


def test_the_list_of_what_is_overdue_names_the_authority_and_who_must_act(world: Any):
    ran = world.netral.here("monitor", "table", "overdue", "--as", "kasn", "--file", "overdue.xlsx")
    head, *rows = load_workbook(world.folder / "overdue.xlsx").worksheets[0].iter_rows(values_only=True)

    assert ran.code == 0, ran.err
    printed = world.netral.here("monitor", "table", "overdue", "--as", "kasn", "--language", "en")
    assert "Who" in printed.out and "act" in printed.out  # nothing is cut off at the right
    for row in rows:
        line = dict(zip(head, row, strict=True))
        assert str(line["Instansi"]).startswith("Pemerintah ") and int(line["Hari terlambat"]) > 0
        assert isinstance(line["Tenggat"], datetime) and line["Yang harus bertindak"]
    assert "Tenggat" in head


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("follow-up --period 2023-Q5", "2024-Q4"),
        ("follow-up --region 6202", "62.02"),
        ("follow-up --file table.pdf", ".xlsx"),
        ("happiness", "recommended-sanctions"),
        ("overdue --by region", "--by"),
        ("sanctions --by happiness", "imposed-class"),
        ("intake", "supervisor"),
        ("sanctions --by act --by act", "once"),
    ],
)
def test_a_table_that_cannot_be_given_is_refused_with_what_can(words: str, says: str, world: Any):
    ran = world.netral.here("monitor", "table", *words.split(), "--as", "kasn")

    assert ran.code and says in ran.err.replace("\n", " "), ran.err


def test_a_table_is_printed_on_a_terminal_that_is_not_unicode(world: Any):
    ran = subprocess.run(
        [sys.executable, "-m", "cli", "monitor", "table", "follow-up", "--as", "kasn"],
        cwd=world.folder,
        env=os.environ | {"PYTHONIOENCODING": "cp1252"},
        capture_output=True,
        timeout=HANGS,
    )

    assert ran.returncode == 0, ran.stderr
    assert "Tindak lanjut" in ran.stdout.decode("cp1252")


def test_two_agencies_reconcile_a_figure(world: Any):
    period = "--since 2023-11-01 --until 2023-12-01"
    told = done(
        world.netral.here(*f"monitor publish-figures follow-up-rate --to kasn {period} --json".split())
    )
    id = told["statements"][0]

    until_true(lambda: world.netral.here("monitor", "reconcile", id, "--as", "kasn").code == 0)
    compared = done(world.netral.here("monitor", "reconcile", id, "--as", "kasn", "--json"))
    agreed = done(world.netral.here("monitor", "agree-figures", id, "--as", "kasn", "--json"))
    until_true(lambda: len(done(world.netral.here("monitor", "published", "--json"))) == 2)
    answer, _ = done(world.netral.here("monitor", "published", "--json"))

    assert compared["stated_by"] == "bawaslu"
    assert agreed["state"] == "AGREED"
    assert answer["agreed"]["stated"] == id
    assert answer["agreed"]["alike"] == compared["alike"]


def test_who_oversees_has_a_list_of_its_own(world: Any):
    listed = world.netral.here("overseer", "ls", "--as", "kemendagri", "--overdue", "--json")

    assert (listed.code, isinstance(json.loads(listed.out), list)) == (0, True)


@pytest.mark.parametrize(
    "command",
    [
        "overseer open {m} --as prov-62",
        "overseer file {m} --as bkn --purpose supervision",
        "overseer block {m} --as bkn --number 26/BLK --date 2023-12-20 --office KANREG-VIII",
        "overseer unblock {m} --as bkn --number 8/BKA --date 2023-12-20 --office KANREG-VIII --reason court-decision",
        "overseer warn {m} {m} --as kemendagri --number 800/2344/IJ --date 2023-12-18",
    ],
)
def test_a_matter_without_a_copy_is_not_overseen(world: Any, command: str):
    unknown = "0199f1a0-0000-7000-8000-000000000000"
    ran = world.netral.here(*command.format(m=unknown).split(), "--json")

    assert (ran.code, json.loads(ran.out)["error"]["code"]) == (1, "NOT_FOUND")


def test_who_oversees_must_be_named(world: Any):
    ran = world.netral.here("overseer", "ls")

    assert (ran.code, "--as" in ran.err) == (2, True)


LISTS_AT_A_DESK = [
    "matter ls --as kasn",
    "matter ls --as ppk-6202",
    "matter show {matter} --as kasn",
    "matter timeline {matter}",
    "matter why-due {matter}",
    "todo --as kasn",
    "monitor summary --as kasn",
    "monitor overdue --as kasn",
    "monitor escalation --as kasn",
    "monitor regions --by agency --as kasn",
    "monitor cohort --as kasn",
    "monitor peer-activity --as kasn",
    "monitor table overdue --as kasn",
    "monitor table follow-up --as kasn",
    "monitor export --as kasn",
    "audit search --as kasn --limit 20",
    "audit state {matter} --as kasn",
    "audit peers --as kasn",
    "audit pairs --as kasn",
    "exchange outbox --as kasn --all",
    "exchange pairs --as kasn",
    "bawaslu intake ls",
    "campaign ls --as kasn",
    "disclosure ls --as kasn",
    "document ls --as bawaslu",
    "status",
]


@pytest.mark.parametrize("words", LISTS_AT_A_DESK)
def test_what_a_desk_tells_is_a_table_json_csv_and_a_spreadsheet(world: Any, words: str):
    asked = words.format(matter=world.matter).split()
    printed = world.netral.here(*asked)
    as_json = world.netral.here(*asked, "-o", "json")
    listed = world.netral.here(*asked, "-o", "csv")
    book = world.netral.here(*asked, "--file", "answer.xlsx")

    assert printed.code == as_json.code == listed.code == book.code, printed.err + book.err
    assert as_json.json is not None
    rows = list(csv.DictReader(listed.out.splitlines()))
    page = load_workbook(world.folder / "answer.xlsx").worksheets[0]
    assert page.max_row >= len(rows) and page.freeze_panes and page.auto_filter.ref
    assert not [row for row in rows if None in row]


ENGLISH = re.compile(
    r"\b(the|of|and|is|not|with|by|for|that|was|from|which|has|are|since|before|after|yes|held|missing)\b"
)


# An export for programs has definitions in both languages.
@pytest.mark.parametrize("words", [each for each in LISTS_AT_A_DESK if "monitor export" not in each])
def test_what_a_desk_tells_in_indonesian_has_no_english_sentence(world: Any, words: str):
    ran = world.netral.here(*words.format(matter=world.matter).split(), "-o", "csv", "--lang", "id")
    head, *rows = csv.reader(ran.out.splitlines())

    english = [text for text in (*head, *ran.err.splitlines()) if ENGLISH.search(text)]
    english += [cell for row in rows for cell in row if len(set(ENGLISH.findall(cell))) > 1]
    assert not english


def test_what_is_overdue_is_exported_by_name(world: Any):
    world.netral.here("monitor", "overdue", "--as", "kasn", "--file", "late.xlsx")
    head, *rows = load_workbook(world.folder / "late.xlsx").worksheets[0].iter_rows(values_only=True)

    for row in rows:
        line = dict(zip(head, row, strict=True))
        assert line["agency"].startswith("ppk-") and str(line["agency (name)"]).startswith("Pemerintah ")
        assert isinstance(line["due"], datetime) and line["days late"] > 0


# --- what is new -------------------------------------------------------------------------------------------------------


def test_a_matter_is_shown_as_it_stands_and_a_state_that_there_is_not_is_not_waited_for(world: Any):
    shown = world.netral.here("--lang", "id", "matter", "watch", world.matter, "--once")
    lines = [json.loads(line) for line in told(world, world.matter, "--until", "COMPLETED", "-o", "json")]
    late = world.netral.here("matter", "watch", world.matter, "--until", "STUDIED", "--within", "1")
    unknown = world.netral.here("matter", "watch", world.matter, "--until", "GONE")
    nothing = world.netral.here("matter", "watch", "--once")

    assert f"{world.matter}  selesai: sesuai (COMPLETED)" in shown.out
    assert [(line["matter"], line["state"], line["next"]["holder"]) for line in lines] == [
        (world.matter, "COMPLETED", "")
    ]
    assert (late.code, unknown.code, nothing.code) == (1, 1, 2)
    assert "--until: not a state of this list" in unknown.err


def told(world: Any, *words: str) -> list[str]:
    ran = world.netral.here("matter", "watch", *words)
    assert ran.code == 0, ran.err
    return ran.out.splitlines()


@contextmanager
def watching(world: Any, *words: str) -> Iterator["subprocess.Popen[str]"]:
    """A `netral matter watch` that runs, and ends with the test."""
    with subprocess.Popen(
        [sys.executable, "-m", "cli", "matter", "watch", *words],
        cwd=world.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_takes_ctrl_c,
    ) as watch:
        try:
            yield watch
        finally:
            watch.kill()


def _takes_ctrl_c() -> None:
    """A shell starts what runs in the background with Ctrl-C ignored, and the tests may run there."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_what_is_new_is_told_though_the_service_was_killed_meanwhile(world: Any):
    words = list(REPORT)
    words[words.index("--number") + 1] = "033/LP/PL/Kab/62.02/XI/2023"
    matter = done(world.netral.here(*words, "--json"))["matter"].rpartition("/")[2]
    with watching(world, matter, "-o", "json", "--until", "NOT_A_VIOLATION") as watch:
        assert watch.stderr is not None and watch.stdout is not None
        assert json.loads(watch.stdout.readline())["state"] == "REGISTERED"
        running = json.loads(world.netral.here("status", "--json").out)
        os.kill(running["processes"]["bawaslu"]["pid"], signal.SIGKILL)
        study = ("--number", "33/KAJIAN/2023", "--date", "2023-11-18", "--document", "document.pdf")
        concluded = ("--conclusion", "not-a-violation", *study)
        until_true(lambda: world.netral.here("bawaslu", "study", matter, *concluded).code == 0)
        line = json.loads(watch.stdout.readline())

        assert watch.wait(timeout=300) == 0, watch.stderr.read()

    assert (line["matter"], line["state"]) == (matter, "NOT_A_VIOLATION")


def test_ctrl_c_ends_a_watch_without_a_word(world: Any):
    with watching(world, world.matter) as watch:
        assert watch.stdout is not None and watch.stderr is not None
        assert world.matter in watch.stdout.readline()
        watch.send_signal(signal.SIGINT)

        assert (watch.wait(timeout=300), watch.stderr.read()) == (0, "")
