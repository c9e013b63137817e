"""Words of pack format 3: every type, field and code that a timeline can show has words of its own, and none is changed later."""

import ast
import json
import tomllib
from base64 import b64decode
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path

import pytest
from google.protobuf import descriptor_pool
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.descriptor import Descriptor, EnumDescriptor
from google.protobuf.message import Message

import agreement
from agreement.elections import known
from agreement.information import legal_bases
from agreement.parties import institutions, offices, regions
from audit.packs.formats import LANGUAGES, word_table
from audit.packs.timeline import entries
from audit.packs.timeline.act_words import act_words
from audit.packs.timeline.lines import act_of
from audit.packs.timeline.officers_words import OfficersWords
from audit.packs.timeline.page import Heading, Page
from netral.bawaslu.v1 import events_pb2 as bawaslu
from netral.kasn.v1 import events_pb2 as kasn
from netral.ppk.v1 import discipline_events_pb2 as discipline
from netral.ppk.v1 import events_pb2 as ppk

GOLDEN = Path(__file__).parents[2] / "contracts/golden"
DATA = Path(agreement.__file__).with_name("data")
FROZEN = Path(__file__).with_name("words_3.json")

BY_ANOTHER_ROLE = "the same act of another role; who did it stands beside it"
SHARED = dict.fromkeys(
    (
        "campaign_issued",
        "disclosure_granted",
        "disclosure_received",
        "disclosure_refused",
        "disclosure_requested",
        "erasure_answered",
        "erasure_ordered",
        "figures_agreed",
        "figures_stated",
        "hold_lifted",
        "hold_placed",
        "plan_agreed",
        "plan_noted",
        "plan_proposed",
        "read_file",
        "refute_silence",
    ),
    BY_ANOTHER_ROLE,
)
SHOWN_WHOLE = {"google.type.Date", "google.protobuf.Timestamp"}
PROGRESSED = "netral.personnel_authority.progressed.v1"


def types() -> list[str]:
    return sorted({*legal_bases.statement_types(), *record_facts()})


@cache
def record_facts() -> dict[str, list[str]]:
    return json.loads((GOLDEN / "record_facts.json").read_text())


@cache
def data(file: str) -> dict[str, list[dict[str, str]]]:
    return tomllib.loads((DATA / f"{file}.toml").read_text("utf-8"))


def packed(message: Message) -> AnyMessage:
    found = AnyMessage()
    found.Pack(message)
    return found


def contracts() -> Iterator[Descriptor]:
    """The messages that statements and records carry, and those inside them."""
    entries._know_contracts()
    statements = json.loads((GOLDEN / "leaves_statements.json").read_text())
    roots = {name.split()[1] for name in statements if " " in name}
    roots |= {name for names in record_facts().values() for name in names if name}
    found: dict[str, Descriptor] = {}
    waiting = [descriptor_pool.Default().FindMessageTypeByName(root) for root in sorted(roots)]
    while waiting:
        message = waiting.pop()
        if message.full_name not in found and message.full_name not in SHOWN_WHOLE:
            found[message.full_name] = message
            waiting += [field.message_type for field in message.fields if field.message_type]
    return iter(found.values())


def enumerations() -> dict[str, EnumDescriptor]:
    found = [field.enum_type for message in contracts() for field in message.fields if field.enum_type]
    return {entries.short_name(each.full_name): each for each in found}


def codes_of(enumeration: EnumDescriptor) -> set[str]:
    before = enumeration.values_by_number[0].name.removesuffix("UNSPECIFIED")
    return {value.name.removeprefix(before) for value in enumeration.values if value.number}


# --- acts ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_statement_type_and_record_action_has_words(language):
    words = OfficersWords(language)

    assert {type: words.act(type) for type in types() if words.act(type) == type} == {}
    assert words.missing == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_types_have_the_same_words_only_where_it_is_the_same_act(language):
    same = defaultdict(set)
    for type in types():
        same[OfficersWords(language).act(type)].add(type)
    acts = {text: {act_of(type) for type in alike} for text, alike in same.items() if len(alike) > 1}

    assert {text: found for text, found in acts.items() if len(found) > 1 or not found <= SHARED.keys()} == {}
    assert SHARED.keys() == {act for found in acts.values() for act in found}


def test_every_value_that_decides_on_words_has_its_own():
    values = {
        "followed_up": "ppk.FollowUpKind",
        "verified": "kasn.VerificationStatus",
        "progressed": "ppk.StepKind",
    }
    values |= {"offence_progressed": "bawaslu.OffenceStep", "record_offence_step": "bawaslu.OffenceStep"}
    values |= {"appealed": "ppk.AppealOutcome", "decide_appeal": "ppk.AppealOutcome"}
    values |= {"report_follow_up": "ppk.FollowUpKind", "verify": "kasn.VerificationStatus"}
    acts = word_table().words["act"]
    wanted = {f"{act}/{code}" for act, name in values.items() for code in codes_of(enumerations()[name])}
    wanted |= {f"information_answered/{stage['code']}" for stage in data("supervision")["stage"]}

    assert wanted - acts.keys() == set()
    for index in range(len(LANGUAGES)):
        texts = [both[index] for both in acts.values()]
        assert [text for text in texts if texts.count(text) > 1] == []


def test_a_bare_summons_or_examination_is_not_called_a_follow_up():
    told = {
        kind: act_words(PROGRESSED, packed(discipline.Progressed(kind=kind)))
        for kind in discipline.StepKind.values()
        if kind
    }

    assert told[discipline.STEP_KIND_SUMMONED] == {
        "id": "yang bersangkutan dipanggil (panggilan I)",
        "en": "person summoned (first summons)",
    }
    assert told[discipline.STEP_KIND_EXAMINED]["id"] == "yang bersangkutan diperiksa (BAP)"
    assert not any("tindak lanjut" in words["id"] for words in told.values())


def test_words_follow_what_the_facts_say():
    partial = ppk.FollowedUp(kind=ppk.FOLLOW_UP_KIND_PARTIAL)
    withdrawn = kasn.Withdrawn(letter_number="R-1")
    annulled = discipline.Appealed(outcome=discipline.APPEAL_OUTCOME_ANNULLED)

    assert (
        act_words("netral.personnel_authority.followed_up.v1", packed(partial))["id"]
        == "tindak lanjut sebagian dilaporkan"
    )
    assert "mencabut" in act_words("kasn.answer_objection", packed(withdrawn))["id"]
    assert "dibatalkan" in act_words("netral.personnel_authority.appealed.v1", packed(annulled))["id"]
    assert (
        "diajukan" in act_words("netral.personnel_authority.appealed.v1", packed(discipline.Appealed()))["id"]
    )


# --- facts ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_of_every_fact_has_a_label_that_no_other_of_its_message_has(language):
    words = OfficersWords(language)
    for message in contracts():
        owner = entries.short_name(message.full_name)
        labels = [words._field(f"{owner}.{field.name}") for field in message.fields]
        assert [label for label in labels if labels.count(label) > 1] == [], owner

    assert words.missing == set()


def test_every_value_of_an_enumeration_has_a_text():
    tables = word_table().words
    for name, enumeration in enumerations().items():
        assert codes_of(enumeration) - tables[f"code/{name}"].keys() == set(), name


AGREED = {
    "prevention_act": ("prevention", "act"),
    "campaign_kind": ("prevention", "kind"),
    "pledge": ("prevention", "pledge"),
    "pledge_reader": ("prevention", "reader"),
    "channel": ("supervision", "channel"),
    "guidance": ("supervision", "guidance"),
    "information_stage": ("supervision", "stage"),
    "requirement": ("intake", "requirement"),
    "category": ("intake", "category"),
    "not_registered": ("intake", "not_registered"),
    "information_source": ("intake", "information_source"),
    "information_closed": ("intake", "information_closed"),
    "route": ("intake", "route"),
    "block_reason": ("oversight", "block_reason"),
    "unblock_reason": ("oversight", "unblock_reason"),
    "annul_reason": ("oversight", "annul_reason"),
    "inaction": ("deciding", "inaction"),
    "purpose": ("disclosure", "purpose"),
    "document_kind": ("disclosure", "kind"),
    "personnel_fact": ("disclosure", "field"),
    "post": ("posts", "post"),
    "erasure_ground": ("retention", "ground"),
    "hold_reason": ("retention", "hold"),
    "succession_rule": ("succession", "rule"),
    "step": ("ladder", "step"),
    "sanction": ("sanctions", "sanction"),
    "sanction_class": ("sanctions", "class"),
    "measure": ("sanctions", "measure"),
    "due_rule": ("deadlines", "rule"),
    "calendar": ("calendar", "decree"),
    "violation": ("violations_skb2022", "violation"),
    "offence": ("offences", "offence"),
    "subject": ("intake", "subject"),
    "offence_step": ("offences", "step"),
}


@pytest.mark.parametrize("list", sorted(AGREED))
def test_every_code_of_the_agreement_has_a_text(list):
    file, table = AGREED[list]
    codes = {line.get("code") or line.get("id") for line in data(file)[table]}
    if list == "violation":
        codes |= {line["code"] for line in data("violations_skb2020")["violation"]}

    assert codes - word_table().words[f"code/{list}"].keys() == set()


def test_every_basis_region_institution_role_and_election_has_a_text():
    tables = word_table().words
    officials = {line["official"] for line in data("deciding")["decider"]}

    assert legal_bases.bases().keys() - tables["code/basis"].keys() == set()
    assert regions.regions().keys() - tables["code/region"].keys() == set()
    assert institutions.institutions().keys() - tables["code/institution"].keys() == set()
    assert institutions.ROLES - tables["code/role"].keys() == set()
    assert {election.id for election in known.shipped()} - tables["code/election"].keys() == set()
    assert {asked.data for asked in legal_bases.data_requests()} - tables["code/data"].keys() == set()
    assert officials - tables["code/deciding_official"].keys() == set()
    for each in offices.known().offices.values():
        assert not each.name or each.code in tables[f"code/{each.institution}_office"]


@pytest.mark.parametrize(
    "module",
    [
        "bawaslu.matters.domain.matter",
        "bawaslu.intake.domain.state",
        "kasn.matters.domain.matter",
        "ppk.recommendations.domain.matter",
        "cooperation.disclosure.domain.requests",
        "cooperation.erasure.domain.orders",
        "cooperation.oversight.domain.matters",
        "cooperation.prevention.campaigns.domain",
        "cooperation.prevention.pledges.domain.lists",
        "cooperation.supervision.indications.domain",
        "cooperation.supervision.plans.domain",
    ],
)
def test_every_state_has_a_text(module):
    assert set(import_module(module).State) - word_table().words["code/state"].keys() == set()


def test_every_warning_of_a_rule_has_a_text():
    reasons = {
        keyword.value.value
        for path in Path(agreement.__file__).parents[1].rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ActWarning"
        for keyword in node.keywords
        if keyword.arg == "reason" and isinstance(keyword.value, ast.Constant)
    }

    assert "READING_NOT_CHOSEN" in reasons
    assert reasons - word_table().words["code/warning"].keys() == set()


def test_an_act_that_a_rule_warned_of_says_so_in_words():
    entry = entries.Entry(
        "record",
        "id",
        None,
        "kasn",
        "kasn.verify",
        "",
        "",
        "",
        "",
        "",
        [],
        {},
        "",
        warnings=["READING_NOT_CHOSEN"],
    )

    assert list(OfficersWords("id").facts(entry)) == [
        "Peringatan aturan, dijawab dengan alasan tertulis: sanksi menurut tafsir yang bukan tafsir terpilih"
    ]


def test_a_page_of_every_kind_of_leaf_has_no_field_name_and_no_code_without_its_text():
    leaves = [
        b64decode(body)
        for name in ("leaves_statements", "leaves_records")
        for body in json.loads((GOLDEN / f"{name}.json").read_text()).values()
    ]
    words = OfficersWords("id")
    story = entries.tell([("kasn", index, body) for index, body in enumerate(leaves)])
    page = Page(Heading("kasn", "", (), (0, len(leaves)), ()), story, words)
    page.read_through()
    made_up = {name for name in words.missing if name[-1].isdigit()}  # such as `code/region/region 1`
    made_up |= {"code/state/STATE", "code/step/step", "code/step/reached"}

    assert len(story) == len(leaves)
    assert words.missing - made_up == set()


def test_a_recommendation_is_told_in_words():
    said = kasn.Recommended(
        letter_number="R-1/2024", addressee="ppk-6202", sanction_class="DISCIPLINE_SEVERE", region="62.02"
    )
    said.letter_date.year, said.letter_date.month, said.letter_date.day = 2024, 5, 18
    entry = entries.Entry(
        "statement", "id", None, "kasn", "t", "", "", "", "", "", entries.facts_of(packed(said)), {}, ""
    )

    assert list(OfficersWords("id").facts(entry)) == [
        "Nomor rekomendasi: R-1/2024",
        "Tanggal rekomendasi: 18 Mei 2024",
        "Ditujukan kepada: Pemerintah Kabupaten Kotawaringin Timur (ppk-6202)",
        "Sanksi yang direkomendasikan: hukuman disiplin berat",
        "Daerah kejadian: Kabupaten Kotawaringin Timur (62.02)",
    ]


def test_what_has_no_text_is_shown_as_it_stands_and_named():
    words = OfficersWords("en")
    facts = entries.facts_of(packed(bawaslu.Referred(region="99.99")))

    assert [words._text(fact) for fact in facts] == ["99.99"]
    assert words.missing == {"code/region/99.99"}
    assert OfficersWords("en", ["code/region/62.02"]).code("62.02", "region") == "62.02", (
        "its maker had no text"
    )


# --- frozen --------------------------------------------------------------------------------------------------------------


def test_words_are_added_at_the_end_and_none_is_changed():
    """A pack that somebody holds is made again with these words. `words_3.json`: how many there were, and their digest."""
    for group, (count, digest) in json.loads(FROZEN.read_text()).items():
        first = list(word_table().words[group].items())[:count]
        assert sha256(json.dumps(first).encode()).hexdigest()[:16] == digest, group


def test_every_word_has_both_languages_and_a_key_that_a_pack_can_name():
    for group, words in word_table().words.items():
        for key, both in words.items():
            assert len(both) == 2 and all(both), f"{group}/{key}"
            assert f"{group}/{key}".isascii() and " " not in key
