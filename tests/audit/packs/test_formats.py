"""Formats of packs: what a number freezes, and what a later version may know better without refusing an older pack."""

import json
import tomllib
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from google.protobuf.any_pb2 import Any as AnyMessage

from audit.formats.leaf import Kind
from audit.packs import canonical_zip, formats, layout, verify
from audit.packs.timeline import entries
from audit.packs.view import Scope
from exchange.statements.protobuf_time import timestamp
from netral.exchange.v1 import record_pb2, statement_pb2
from netral.kasn.v1 import events_pb2
from support.evidence import (
    CASE,
    MATTER,
    NOON,
    PRIVATE,
    Log,
    a_pack,
    packed,
    parties_file,
    record,
    send,
    signed_by,
    trusted,
    two_logs,
)
from verifier import manifests, packs


def digest_of(data: bytes) -> str:
    return sha256(data).hexdigest()


def signed_again(files: dict[str, bytes], **said: Any) -> bytes:
    """The pack of these files, listed and signed again by its maker, whose manifest says this too."""
    own = {name: content for name, content in files.items() if name not in layout.MANIFEST_FILES}
    manifest = json.loads(files["manifest.json"]) | {"files": layout._listing(own)} | said
    return canonical_zip.write(
        layout._with_manifest(own, "", manifest, layout.PACK_TYPE, signed_by("bawaslu"))
    )


def is_sound(pack: bytes) -> bool:
    found = verify.check(pack, trusted()).findings
    assert bool(found) == bool(list(verify.read_again(pack, trusted()))), found
    return not found


# --- frozen ------------------------------------------------------------------------------------------------------------


def test_texts_and_template_of_format_2_are_frozen() -> None:
    """A change of these files refuses every pack that there is: it belongs to a format with a number of its own."""
    words = tomllib.loads((formats.FORMAT_2.folder / "words.toml").read_text("utf-8"))
    del words["act"]  # words were added there: a pack names the types that its maker had no word for

    assert digest_of(json.dumps(words, sort_keys=True).encode())[:16] == "46c731c40070fd0c"
    assert digest_of((formats.FORMAT_2.folder / "timeline.html.j2").read_bytes())[:16] == "60936fd1513fa32c"


RULES_OF_FORMAT_3 = {
    "months": (12, "4c1eb04e11217b11"),
    "codes_shown": (9, "20643bf3212b3cb4"),
    "by": (15, "d63e8afbac2faacd"),
    "codes_of": (103, "6e26ab2bf2f7e041"),
}
"""How many rules there were, and their digest: one for a new field or act is added at the end."""


def test_template_and_rules_of_format_3_are_frozen() -> None:
    """Its words are frozen by `test_words.py`."""
    words, fields = (
        tomllib.loads((formats.FORMAT_3.folder / f"{name}.toml").read_text("utf-8"))
        for name in ("words", "fields")
    )
    rules = {name: list(words[name]) for name in ("months", "codes_shown")}
    rules |= {"by": list(words["by"].items()), "codes_of": list(fields["codes_of"].items())}

    assert digest_of((formats.FORMAT_3.folder / "timeline.html.j2").read_bytes())[:16] == "60936fd1513fa32c"
    for name, (count, digest) in RULES_OF_FORMAT_3.items():
        assert digest_of(json.dumps(rules[name][:count]).encode())[:16] == digest, name


def test_both_readers_know_the_same_formats() -> None:
    assert {name: each.type for name, each in formats.BY_NAME.items()} == manifests.PACK_TYPES
    texts = {name: digest_of(each.verify_text()) for name, each in formats.BY_NAME.items()}
    assert texts == manifests.VERIFY_DIGESTS


def test_both_readers_know_the_same_files() -> None:
    assert layout.READABLE_FILES == manifests.READABLE_FILES
    assert {*layout.MANIFEST_FILES} == manifests.MANIFEST_FILES


def test_the_pdf_is_a_convenience_that_nobody_makes_again() -> None:
    files = canonical_zip.read(a_pack(*two_logs())) | {"timeline.id.pdf": b"%PDF-1.7 of another library"}

    assert is_sound(signed_again(files))


# --- what a later version knows better -----------------------------------------------------------------------------------


def with_facts(facts: AnyMessage, actor: str = "officer-7") -> Log:
    """BKN's log with one record of these facts."""
    log = Log("bawaslu")
    act = record_pb2.Record(
        id="01900000-0000-4000-8000-000000000000",
        party="bawaslu",
        time=timestamp(NOON),
        actor=statement_pb2.Actor(kind=statement_pb2.Actor.KIND_OFFICER, id=actor, role="officer"),
        action="bawaslu.refer",
        matter=MATTER,
        case_id=CASE,
        facts=facts,
    )
    columns = {"matter": MATTER, "type": act.action, "actor": actor, "author": "bawaslu", "time": NOON}
    log.keep(Kind.RECORD, act.SerializeToString(deterministic=True), ref=act.id, **columns)
    return log


def recommended(**facts: str) -> AnyMessage:
    found = AnyMessage()
    found.Pack(events_pb2.Recommended(**facts))
    return found


def test_a_type_that_the_maker_could_not_read_stays_closed_for_a_version_that_can() -> None:
    parts = {"bawaslu": with_facts(recommended(letter_number="R-1/2026")).part(Scope((MATTER,), CASE))}
    keyid = PRIVATE["bawaslu"].keyid
    unread = ["bawaslu.refer", "netral.kasn.v1.Recommended"]
    older = layout.fixed_files(
        formats.NEWEST, "bawaslu", Scope((MATTER,), CASE), parts, trusted().keys, keyid, unread
    )
    pack = canonical_zip.read(packed(parts, Scope((MATTER,), CASE)))

    assert is_sound(signed_again(pack | older, unread=unread))
    assert not is_sound(signed_again(pack | older))
    assert b"R-1/2026" in pack["timeline.en.html"] and b"R-1/2026" not in older["timeline.en.html"]


def test_facts_with_a_field_or_code_that_the_contract_does_not_know_are_shown_by_name_and_digest() -> None:
    for more in (b"\xfa\x3f\x01x",):
        packed_facts = recommended(letter_number="R-1/2026")
        packed_facts.value += more
        pack = canonical_zip.read(a_pack(with_facts(packed_facts)))

        (fact,) = entries.facts_of(packed_facts)
        assert fact.value == digest_of(packed_facts.value)
        assert json.loads(pack["manifest.json"])["unread"] == ["netral.kasn.v1.Recommended"]


@pytest.mark.parametrize("name", ["", "/", "type.googleapis.com/é", "x y", "a/\n\x00", "a/" + "n" * 9_000])
def test_facts_under_a_name_that_no_contract_has_do_not_spoil_the_pack(name: str) -> None:
    assert is_sound(a_pack(with_facts(AnyMessage(type_url=name, value=b"\x08\x01"))))


def test_a_statement_of_the_last_hour_of_the_year_9999_is_shown_like_any_other() -> None:
    bawaslu, bkn = Log("bawaslu"), Log("bkn")
    send(bkn, bawaslu, MATTER, 1, at=datetime(9999, 12, 31, 23, 30, tzinfo=UTC))

    page = canonical_zip.read(a_pack(bawaslu))["timeline.en.html"]

    assert b"9999-12-31 23:30:00.000000 UTC" in page


def test_what_a_log_says_is_text_in_the_page_and_no_markup() -> None:
    log = with_facts(recommended(letter_number="<script>1</script>"), actor='"><b>officer')

    page = canonical_zip.read(a_pack(log))["timeline.id.html"].decode()

    assert "<script>" not in page and "<b>" not in page
    assert "&lt;script&gt;1&lt;/script&gt;" in page


# --- keys --------------------------------------------------------------------------------------------------------------


def test_the_excerpt_has_the_keys_that_signed_something_here_and_no_others() -> None:
    alone = json.loads(canonical_zip.read(a_pack(with_facts(recommended())))["parties-excerpt.json"])
    together = json.loads(canonical_zip.read(a_pack(two_logs()[0]))["parties-excerpt.json"])

    assert [party["id"] for party in alone["parties"]] == ["bawaslu"]
    assert [party["id"] for party in together["parties"]] == ["bawaslu", "bkn"]
    assert set(alone["parties"][0]["signing"][0]) == {"keyid", "spki"}


def test_a_key_that_had_ended_signs_no_range_of_records() -> None:
    """Records have no signature of their own: checkpoint and manifest are all that a party signs of them."""
    log = Log("bawaslu")
    record(log, MATTER, "bawaslu.refer")
    pack = a_pack(log, scope=Scope((), "", 0, 2))
    trust = trusted(parties_file(until={"bawaslu": "2025-06-01T00:00:00+00:00"}))

    assert is_sound(pack)
    for found in (packs.verify(pack, trust.standalone).findings, list(verify.read_again(pack, trust))):
        assert {"manifest.dsse.json", "logs/bawaslu/manifest.dsse.json", "logs/bawaslu/checkpoint"} == {
            each.file for each in found
        }
