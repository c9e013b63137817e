"""Evidence packs: made again they are the same bytes, both readers find them sound, and whatever byte is changed is found."""

import bisect
import io
import itertools
import json
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.timestamp_pb2 import Timestamp

from audit.formats import checkpoint, note
from audit.formats.cosignature import Ed25519Cosigner, MlDsaCosigner
from audit.packs import canonical_zip, layout, verify
from audit.packs.timeline import entries
from audit.packs.verify_part import Trusted
from audit.packs.view import PART_TYPE, Scope
from cli.audit import packs as packs_command
from netral.bawaslu.v1 import events_pb2 as bawaslu_events
from support.evidence import (
    CASE,
    MATTER,
    NOON,
    OTHER,
    PARTIES,
    SIGNERS,
    Log,
    a_pack,
    kinds,
    packed,
    parties_file,
    record,
    send,
    signed_by,
    trusted,
    two_logs,
)
from support.waiting import HANGS
from verifier import build, command, notes, packs
from verifier.findings import Finding
from verifier.packs import Result
from verifier.policy import read_policy
from verifier.strict import Bad
from verifier.trust import load_trust

SCRIPT = build.BUILT


def standalone(pack: bytes, parties: bytes | None = None, *policies: bytes) -> Result:
    """The findings of the stand-alone verifier; the other reader must agree on whether there is anything."""
    trust = trusted(parties, *policies)
    result = packs.verify(pack, trust.standalone)
    again = [each for each in verify.read_again(pack, trust) if each.kind != "timeline"]
    assert bool(result.findings) == bool(again), (result.findings, again)
    return result


def both(pack: bytes) -> list[Finding]:
    """The findings of both readers, which must agree on whether there is anything."""
    found = verify.check(pack, trusted()).findings
    assert bool(found) == bool(standalone(pack).findings)
    return found


def again(pack: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The archive of a pack's files after a change, with a directory that fits."""
    files = canonical_zip.read(pack)
    change(files)
    return canonical_zip.write(files)


def signed_again(pack: bytes, folder: str, party: str, change: Callable[[dict[str, Any]], None]) -> bytes:
    """A pack whose manifest was changed and signed anew by a party."""
    files = canonical_zip.read(pack)
    manifest = json.loads(files[folder + "manifest.json"])
    change(manifest)
    type = PART_TYPE if folder else layout.PACK_TYPE
    files |= layout._with_manifest({}, folder, manifest, type, signed_by(party))
    if folder:
        listing = json.loads(files["manifest.json"])
        own = {name: content for name, content in files.items() if name not in OF_THE_PACK}
        listing["files"] = layout._listing(own)
        files |= layout._with_manifest({}, "", listing, layout.PACK_TYPE, signed_by(listing["maker"]))
    return canonical_zip.write(files)


OF_THE_PACK = ("manifest.json", "manifest.dsse.json")
END = "the end of the archive"
# Into how many tests the long forms are cut.
SHARES = 16


# --- what is sound -----------------------------------------------------------------------------------------------


def test_a_pack_of_one_log_is_sound_to_both_readers() -> None:
    assert both(a_pack(two_logs()[0])) == []


def test_a_pack_of_two_logs_is_sound_and_tells_one_story() -> None:
    pack = a_pack(*two_logs())

    assert both(pack) == []
    page = canonical_zip.read(pack)["timeline.en.html"].decode()
    assert "bawaslu #1, bkn #0" in page and "recommendation" in page
    assert OTHER not in page


def test_a_pack_of_a_range_is_sound() -> None:
    pack = a_pack(two_logs()[0], scope=Scope((), "", 2, 7))

    assert both(pack) == []
    assert [leaf.index for leaf in standalone(pack).parts[0].leaves] == [2, 3, 4, 5, 6]


def test_made_again_a_pack_has_the_same_bytes() -> None:
    assert a_pack(*two_logs()) == a_pack(*two_logs())


def test_usual_tools_can_open_a_pack() -> None:
    pack = zipfile.ZipFile(io.BytesIO(a_pack(*two_logs())))

    assert pack.testzip() is None
    assert {"manifest.json", "VERIFY.md", "prov.json", "timeline.id.pdf", "logs/bkn/checkpoint"} <= {
        *pack.namelist()
    }
    for name in ("timeline.id.pdf", "timeline.en.pdf"):
        assert pack.read(name).startswith(b"%PDF-") and b"/Type /Page" in pack.read(name)


def test_the_timeline_is_in_two_languages() -> None:
    files = canonical_zip.read(a_pack(*two_logs()))

    assert "Linimasa perkara" in files["timeline.id.html"].decode()
    assert "rekomendasi" in files["timeline.id.html"].decode()
    assert "Timeline of a matter" in files["timeline.en.html"].decode()


def test_prov_says_who_acted_for_whom_and_what_followed_from_what() -> None:
    document = json.loads(canonical_zip.read(a_pack(*two_logs()))["prov.json"])

    assert document["actedOnBehalfOf"]["_:actedOnBehalfOf1"]["prov:responsible"] == "party:bkn"
    entity_names, activities = set(document["entity"]), set(document["activity"])
    assert all(each["prov:entity"] in entity_names for each in document["wasAttributedTo"].values())
    assert all(each["prov:activity"] in activities for each in document["wasAssociatedWith"].values())
    assert {name.partition(":")[0] for name in entity_names | activities} <= set(document["prefix"])


# --- what is changed ---------------------------------------------------------------------------------------------


def test_whatever_byte_is_changed_is_found_and_named() -> None:
    pack = full_pack()
    check_flips(pack, range(0, len(pack), 997))


def test_whatever_byte_of_the_archive_itself_is_changed_is_found_and_named() -> None:
    """Of the headers, of the directory, and of its end."""
    pack = a_pack(two_logs()[0])
    spans = spans_of(pack)
    headers = [range(span.start - 30 - len(name), span.start) for name, span in spans.items()]
    directory = max(span.stop for span in spans.values())
    places = itertools.chain(headers[0], *(span[::29] for span in headers), range(directory, len(pack), 29))
    check_flips(pack, itertools.chain(places, range(len(pack) - 22, len(pack))))


def test_whatever_byte_of_a_file_is_changed_is_found_and_named_also_if_the_archive_fits_again() -> None:
    pack = full_pack()
    check_contents(pack, range(0, sum(map(len, canonical_zip.read(pack).values())), 1499))


@pytest.mark.soak
@pytest.mark.parametrize("part", range(SHARES))
def test_every_single_byte_that_is_changed_is_found_and_named(part: int) -> None:
    pack = full_pack()
    check_flips(pack, range(part, len(pack), SHARES))


@pytest.mark.soak
@pytest.mark.parametrize("part", range(SHARES))
def test_every_single_byte_of_a_file_that_is_changed_is_found_and_named(part: int) -> None:
    pack = full_pack()
    check_contents(pack, range(part, sum(map(len, canonical_zip.read(pack).values())), SHARES))


def check_flips(pack: bytes, places: Iterable[int]) -> None:
    """Each flipped bit is found by both readers. The file is named; the matter too, unless the first manifest itself broke."""
    for place in places:
        changed = bytearray(pack)
        changed[place] ^= 1 << place % 8
        inside = entry_at(pack, place)
        found = named_by_both(bytes(changed), inside, full_trust())
        if inside != "manifest.json":
            assert MATTER in {each.matter for each in found}, f"byte {place}: {found}"


def check_contents(pack: bytes, places: Iterable[int]) -> None:
    """Each bit flipped in a file, with an archive made for what it gives, is found by both readers, and the file named."""
    files = canonical_zip.read(pack)
    ends = list(itertools.accumulate(map(len, files.values())))
    for place in places:
        at = bisect.bisect_right(ends, place)
        name = list(files)[at]
        content = bytearray(files[name])
        content[place - ends[at]] ^= 1 << place % 8
        named_by_both(canonical_zip.write(files | {name: bytes(content)}), name, full_trust())


def named_by_both(pack: bytes, name: str, trust: Trusted | None = None) -> list[Finding]:
    """Findings of the stand-alone reader; it and the project's own, each by itself, must name this file.

    Where the name itself was changed, the project's own reader names it as it is now, or by the entry before it.
    """
    trust = trust or trusted()
    found = packs.verify(pack, trust.standalone).findings
    named = {each.file for each in found}
    assert name in named, f"{name}: {found}"
    again = {each.file for each in itertools.islice(verify.read_again(pack, trust), 3)}
    unheard_of = named - set(canonical_zip.read(full_pack()))
    as_it_is = again & unheard_of or any(_one_bit_apart(name, other) for other in again)
    assert name in again or as_it_is, f"{name}: {again}"
    return found


def _one_bit_apart(one: str, other: str) -> bool:
    pairs = zip(one.encode(), other.encode("utf-8", "surrogateescape"), strict=False)
    bits = [(first ^ second).bit_count() for first, second in pairs if first != second]
    return len(one) == len(other) and bits == [1]


@cache
def full_pack() -> bytes:
    """A pack of two logs with everything that a pack can have: the first is cosigned with both kinds of key."""
    scope = Scope((MATTER,), CASE)
    parts = {log.party: log.part(scope) for log in two_logs()} | {"bawaslu": cosigned_part(ED25519, ML_DSA)}
    return packed(parts, scope)


@cache
def full_trust() -> Trusted:
    bawaslu, bkn, *cosigned = a_quorum("all").split(b"\n")
    policies = (b"\n".join([bawaslu, *cosigned]), bkn + b"\nquorum none\n")
    return trusted(None, *policies)


@cache
def spans_of(pack: bytes) -> dict[str, range]:
    """Places of the content of each file."""
    spans = {}
    with zipfile.ZipFile(io.BytesIO(pack)) as opened:
        for each in opened.infolist():
            start = each.header_offset + 30 + len(each.filename)
            spans[each.filename] = range(start, start + each.file_size)
    return spans


def entry_at(pack: bytes, place: int) -> str:
    """The file that a byte belongs to: its header, its content or its line in the directory."""
    spans = spans_of(pack)
    for name, span in spans.items():
        if place < span.stop:
            return name
    end = max(span.stop for span in spans.values())
    for name in spans:
        end += 46 + len(name)
        if place < end:
            return name
    return END


def test_the_full_pack_is_sound() -> None:
    result = verify.check(full_pack(), full_trust())

    assert result.findings == []
    assert [part.cosigned for part in result.parts] == [["k", "b"], []]


def test_a_changed_leaf_is_named_with_its_matter_also_if_the_archive_fits_again() -> None:
    def change(files: dict[str, bytes]) -> None:
        files[name] = files[name][:-1] + bytes([files[name][-1] ^ 1])

    name = "logs/bkn/leaves/000000000002.record"
    found = both(again(a_pack(*two_logs()), change))

    assert (name, MATTER) in {(each.file, each.matter) for each in found}


@pytest.mark.parametrize("member", ["payload", "payloadType", "signatures", "keyid", "sig"])
def test_a_signature_without_one_of_its_members_is_named(member: str) -> None:
    files = canonical_zip.read(full_pack())
    signed = files["manifest.dsse.json"].replace(f'"{member}"'.encode(), b'"other"')

    named_by_both(
        canonical_zip.write(files | {"manifest.dsse.json": signed}), "manifest.dsse.json", full_trust()
    )


def test_a_file_that_is_left_out_is_missed() -> None:
    files = canonical_zip.read(pack := full_pack())

    for name in files:
        left = {other: content for other, content in files.items() if other != name}
        found = packs.verify(canonical_zip.write(left), full_trust().standalone).findings
        assert name in {each.file for each in found}
        assert any(verify.read_again(canonical_zip.write(left), full_trust()))
    assert canonical_zip.write(files) == pack


@pytest.mark.parametrize(
    "name", ["extra.txt", "logs/bkn/extra", "logs/kpu/checkpoint", "logs/extra", "a/../b"]
)
def test_a_file_that_was_put_in_is_found(name: str) -> None:
    files = canonical_zip.read(full_pack()) | {name: b"more"}

    named_by_both(
        canonical_zip.write({each: files[each] for each in layout.in_order(files)}), name, full_trust()
    )


@pytest.mark.parametrize(
    "name", ["manifest.dsse.json", "VERIFY.md", "logs/bkn/checkpoint", "timeline.id.pdf"]
)
def test_a_file_that_stands_in_another_place_is_found(name: str) -> None:
    """A pack is one sequence of bytes: also an order in which each file is sound is refused."""
    files = canonical_zip.read(full_pack())
    others = [other for other in files if other != name]
    for order in ([name, *others], [*others, name]):
        if order == list(files):
            continue
        first = next(a for a, b in zip(order, files, strict=True) if a != b)
        named_by_both(canonical_zip.write({each: files[each] for each in order}), first, full_trust())


def test_a_file_that_stands_twice_is_found() -> None:
    pack = full_pack()
    for name, span in spans_of(pack).items():
        entry = pack[span.start - 30 - len(name) : span.stop]
        place = max(each.stop for each in spans_of(pack).values())
        named_by_both(pack[:place] + entry + pack[place:], name, full_trust())


def by_zipfile(pack: bytes, changed: str = "", **how: Any) -> bytes:
    """The pack written by Python's zipfile as `archive` does it, but for what is said of one file."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as out:
        for name, content in canonical_zip.read(pack).items():
            entry = zipfile.ZipInfo(name)
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            for word, value in (how if name == changed else {}).items():
                setattr(entry, word, value)
            out.writestr(entry, content)
    return written.getvalue()


def test_a_tool_that_writes_a_pack_as_we_do_gives_the_same_bytes() -> None:
    assert by_zipfile(full_pack()) == full_pack()


@pytest.mark.parametrize("name", ["manifest.json", "logs/bkn/leaves/000000000002.record", "timeline.id.pdf"])
@pytest.mark.parametrize(
    "how",
    [
        {"date_time": (2026, 3, 2, 10, 0, 0)},
        {"compress_type": zipfile.ZIP_DEFLATED},
        {"extra": b"\x99\x99\x04\x00abcd"},
        {"comment": b"a word"},
        {"external_attr": 0o100755 << 16},
        {"create_system": 0},
        {"create_version": 63},
        {"extract_version": 45},
        {"internal_attr": 1},
    ],
)
def test_what_a_zip_says_beside_its_files_is_as_we_write_it(name: str, how: dict[str, Any]) -> None:
    """Time, compression, extra fields, comments and attributes: a pack has none of its own, and the file is named."""
    named_by_both(by_zipfile(full_pack(), name, **how), name, full_trust())


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        (lambda pack: pack + b"\0", END),
        (lambda pack: pack + pack, END),
        (lambda pack: pack[:-2] + b"\4\0word", END),
        (lambda pack: pack[:-1], END),
        (lambda pack: pack[:-22], END),
        (lambda pack: b"#!/bin/sh\n" + pack, "manifest.json"),
        (lambda pack: pack[:10], "manifest.json"),
        (lambda pack: b"", "manifest.json"),
    ],
)
def test_bytes_before_and_behind_a_pack_are_found(changed: Callable[[bytes], bytes], name: str) -> None:
    pack = changed(full_pack())

    assert name in {each.file for each in packs.verify(pack, full_trust().standalone).findings}
    assert any(verify.read_again(pack, full_trust()))


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("", {"parts": []}),
        ("", {"parts": ["bawaslu"]}),
        ("", {"parts": ["bkn", "bawaslu"]}),
        ("", {"parts": ["bawaslu", "bkn", "bkn"]}),
        ("", {"parts": "bkn"}),
        ("", {"scope": {"case": "", "matters": [], "range": [0, 10**18]}}),
        ("logs/bkn/", {"scope": {"case": "", "matters": [], "range": [0, 10**18]}}),
        ("logs/bkn/", {"as_of": "0001-01-01T00:00:00+00:00"}),
        ("logs/bkn/", {"as_of": "0001-01-01T00:00:00+01:00"}),
        ("logs/bkn/", {"leaves": [{"index": 2**64, "kind": "record", "matter": MATTER}]}),
        ("logs/bkn/", {"leaves": [{"index": 2.5, "kind": [], "matter": {}}]}),
        ("logs/bkn/", {"size": 10**30}),
    ],
)
def test_what_a_maker_signs_and_cannot_be_is_found(folder: str, said: dict[str, Any]) -> None:
    """And neither reader stumbles over it."""
    maker = "bkn" if folder else "bawaslu"
    pack = signed_again(a_pack(*two_logs()), folder, maker, lambda manifest: manifest.update(said))

    assert both(pack)
    list(verify.read_again(pack, trusted()))


def test_what_a_maker_wrote_does_nothing_on_a_screen(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """No control character of a pack, no text that turns around and no style comes through; nor does it stop the verdict."""
    said = {"matter": "\x1b[2Jsound\u202e [/nothing] [bold]"}

    def change(manifest: dict[str, Any]) -> None:
        manifest["leaves"][0].update(said)
        manifest["leaves"][0]["kind"] = "receipt"

    pack = signed_again(a_pack(*two_logs()), "logs/bkn/", "bkn", change)
    (tmp_path / "pack.zip").write_bytes(pack)
    (tmp_path / "parties.json").write_bytes(parties_file())

    named = [str(tmp_path / "pack.zip"), "--parties", str(tmp_path / "parties.json")]
    assert command.main(named) == 1
    assert packs_command.verify_packs([tmp_path / "pack.zip"], tmp_path / "parties.json", (), False)
    printed = capsys.readouterr().out
    assert "NOT SOUND" in printed and "[/nothing] [bold]" in printed
    assert all(each.isprintable() or each == "\n" for each in printed)


@pytest.mark.parametrize("trust", [b"[" * 100_000, b"null", b"{}", b'"x"'])
def test_trust_that_cannot_be_read_is_told(
    trust: bytes, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "pack.zip").write_bytes(a_pack(two_logs()[0]))
    (tmp_path / "parties.json").write_bytes(trust)

    named = [str(tmp_path / "pack.zip"), "--parties", str(tmp_path / "parties.json")]
    assert command.main(named) == 2
    assert "parties file cannot be read" in capsys.readouterr().err


def test_a_maker_cannot_sign_for_another_party() -> None:
    pack = signed_again(a_pack(*two_logs()), "logs/bkn/", "bawaslu", lambda manifest: None)

    assert ("logs/bkn/manifest.dsse.json", "signature") in {(each.file, each.kind) for each in both(pack)}


def test_a_false_timeline_is_found_by_making_it_again_even_if_its_maker_signed_it() -> None:
    def change(files: dict[str, bytes]) -> None:
        files["timeline.en.html"] = files["timeline.en.html"].replace(b"recommendation", b"acquittal")

    pack = signed_again(again(a_pack(*two_logs()), change), "logs/bkn/", "bkn", lambda manifest: None)

    assert standalone(pack).findings == []
    found = verify.check(pack, trusted()).findings
    assert [(each.file, each.kind, each.matter) for each in found] == [
        ("timeline.en.html", "timeline", MATTER)
    ]


# --- keys and policy come from outside -----------------------------------------------------------------------------


def test_keys_in_the_pack_are_not_taken() -> None:
    strangers = parties_file().replace(b"bkn", b"xyz")

    assert standalone(a_pack(*two_logs())).findings == []
    assert standalone(a_pack(*two_logs()), strangers).findings != []


def test_a_key_that_had_ended_does_not_count() -> None:
    pack = a_pack(*two_logs())

    found = standalone(pack, parties_file(until={"bkn": "2026-01-01T00:00:00+00:00"})).findings

    assert {each.message for each in found} == {
        "its key was not valid when it was signed",
        "a key of the log was not valid when it was signed",
    }
    assert {"logs/bkn/manifest.dsse.json", "logs/bkn/checkpoint"} <= {each.file for each in found}


def policy(*lines: str) -> bytes:
    logs = [f"log {vkey(SIGNERS[party])}" for party in PARTIES]
    return "\n".join([*logs, *(lines or ("quorum none",)), ""]).encode()


def vkey(signer: Any) -> str:
    return note.vkey(signer.name, signer.verifier.public_key)


def test_a_policy_alone_is_trust_enough() -> None:
    trust = load_trust(None, policy())

    assert packs.verify(a_pack(*two_logs()), trust).findings == []


def test_a_log_that_the_policy_does_not_have_is_found() -> None:
    only_bawaslu = policy().split(b"\n")[0] + b"\nquorum none\n"

    found = standalone(a_pack(*two_logs()), None, only_bawaslu).findings

    assert [(each.file, each.kind) for each in found] == [("logs/bkn/checkpoint", "policy")]


@pytest.mark.parametrize(
    "lines",
    [
        ("quorum nobody",),
        ("quorum none", "quorum none"),
        ("log nonsense", "quorum none"),
        ("group g 2 w", "quorum g"),
        ("group g any w", "quorum g"),
        ("quorum",),
        (),
    ],
)
def test_a_policy_that_is_none_is_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(Bad):
        read_policy("\n".join([*lines, ""]).encode())


ED25519 = Ed25519Cosigner("netral/kemendagri/witness", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
ML_DSA = MlDsaCosigner("netral/bpk/witness", MLDSA44PrivateKey.from_seed_bytes(bytes(range(32))))


def cosigned_pack(*cosigners: Ed25519Cosigner | MlDsaCosigner) -> bytes:
    """A pack of one log whose checkpoint these have cosigned."""
    parts = {"bawaslu": cosigned_part(*cosigners)}
    return packed(parts, Scope((MATTER,), CASE))


def cosigned_part(*cosigners: Ed25519Cosigner | MlDsaCosigner, at: int = 1_772_431_200) -> layout.Files:
    """A part whose checkpoint these have cosigned."""
    scope = Scope((MATTER,), CASE)
    view = two_logs()[0].view(scope)
    opened = note.parse_note(view.note)
    lines = [each.cosign(checkpoint.parse(opened.text), at) for each in cosigners]
    cosigned = note.print_note(replace(opened, signatures=(*opened.signatures, *lines)))
    return layout.part(replace(view, note=cosigned), scope, signed_by("bawaslu"))


def a_quorum(wanted: str) -> bytes:
    """A policy in which two witnesses, one of each kind of key, cosign."""
    return policy(
        f"witness k {ED25519.verifier.vkey}",
        f"witness b {ML_DSA.verifier.vkey}",
        f"group both {wanted} k b",
        "quorum both",
    )


def test_cosignatures_of_both_kinds_are_counted_against_the_policy() -> None:
    result = standalone(cosigned_pack(ED25519, ML_DSA), None, a_quorum("all"))

    assert result.findings == []
    assert result.parts[0].cosigned == ["k", "b"]


def test_too_few_cosignatures_do_not_meet_the_quorum() -> None:
    pack = cosigned_pack(ML_DSA)

    assert standalone(pack, None, a_quorum("any")).findings == []
    (found,) = standalone(pack, None, a_quorum("all")).findings
    assert (found.kind, found.matter) == ("policy", MATTER) and "cosigned by b" in found.message


def test_of_two_policies_for_one_log_the_milder_one_does_not_count_alone() -> None:
    pack = cosigned_pack(ML_DSA)

    for policies in ((a_quorum("any"), a_quorum("all")), (a_quorum("all"), policy(), a_quorum("any"))):
        (found,) = standalone(pack, None, *policies).findings
        assert (found.kind, found.file) == ("policy", "logs/bawaslu/checkpoint")


def test_a_part_is_not_of_after_a_cosignature_of_its_checkpoint() -> None:
    late = packed({"bawaslu": cosigned_part(ED25519, at=1_772_427_600)}, Scope((MATTER,), CASE))

    found = standalone(late, None, a_quorum("any")).findings

    assert [(each.file, each.kind) for each in found] == [("logs/bawaslu/manifest.json", "manifest")]


@pytest.mark.parametrize("cosigner", [ED25519, ML_DSA])
def test_a_cosignature_over_something_else_is_found(cosigner: Ed25519Cosigner | MlDsaCosigner) -> None:
    pack = cosigned_pack(cosigner)
    line = canonical_zip.read(pack)["logs/bawaslu/checkpoint"].decode().split("\n")[-2]
    other = two_logs()[1].view(Scope((MATTER,))).note
    head = notes.read_checkpoint(notes.read_note(other.encode()).text)
    signature = notes.read_note(f"x\n\n{line}\n".encode()).signatures[0][2]

    assert not notes.is_cosigned(notes.read_vkey(cosigner.verifier.vkey, {4, 6}), signature, head)


# --- log against log -----------------------------------------------------------------------------------------------


def test_a_party_that_dropped_a_statement_from_its_log_is_caught_by_its_own_receipt() -> None:
    bawaslu, bkn = two_logs()
    dropped = bkn.rows[0]["ref"]
    bkn.drop(dropped)

    found = both(a_pack(bawaslu, bkn))

    assert {(each.file, each.kind, each.matter) for each in found} == {
        ("logs/bkn/manifest.json", "other log", MATTER)
    }
    assert all(dropped in each.message for each in found)


def test_what_was_under_way_when_the_other_log_was_read_is_not_held_against_it() -> None:
    bawaslu, bkn = two_logs()
    late = NOON + timedelta(minutes=30)
    scope = Scope((MATTER,))
    before = bkn.part(scope, as_of=NOON + timedelta(minutes=5))
    send(bawaslu, bkn, MATTER, 9, at=late)

    parts = {"bawaslu": bawaslu.part(scope), "bkn": before}
    pack = packed(parts, scope)

    assert both(pack) == []


@pytest.mark.parametrize("place", range(5))
def test_a_leaf_that_its_maker_leaves_out_of_a_matter_is_missed(place: int) -> None:
    """The maker signs a pack without it, and each proof in it holds; the log's chain has one leaf more."""
    bawaslu, _ = two_logs()
    scope = Scope((MATTER,), CASE)
    view = bawaslu.view(scope)
    leaves = list(view.leaves)
    del leaves[place]
    part = layout.part(replace(view, leaves=leaves), scope, signed_by("bawaslu"))

    found = both(packed({"bawaslu": part}, scope))

    assert (f"logs/bawaslu/chains/{MATTER}.json", "completeness", MATTER) in {
        (each.file, each.kind, each.matter) for each in found
    }
    assert any("4 of 5 leaves" in each.message for each in found)


def test_a_matter_that_a_log_does_not_have_is_proved_to_be_absent() -> None:
    unknown = "01900000-0000-7000-8000-0000000000ff"
    pack = a_pack(two_logs()[0], scope=Scope((MATTER, unknown)))

    assert both(pack) == []
    assert json.loads(canonical_zip.read(pack)[f"logs/bawaslu/chains/{unknown}.json"])["length"] == 0


def test_a_receipt_without_its_statement_is_found() -> None:
    bawaslu, bkn = Log("bawaslu"), Log("bkn")
    send(bawaslu, bkn, MATTER, 1)
    bawaslu.rows.pop(0)

    assert "receipt" in kinds(both(a_pack(bawaslu)))


# --- the story -------------------------------------------------------------------------------------------------------


def test_facts_without_a_contract_are_shown_by_name_and_digest() -> None:
    packed = AnyMessage(type_url="type.googleapis.com/netral.nobody.v9.Nothing", value=b"\x08\x01")

    (fact,) = entries.facts_of(packed)

    assert fact.path == "netral.nobody.v9.Nothing" and len(fact.value) == 64


def test_documents_are_named_where_they_stand() -> None:
    from netral.kasn.v1 import events_pb2

    packed = AnyMessage()
    packed.Pack(events_pb2.ClarificationHeld(minutes_digest=bytes(range(32))))

    assert [fact.path for fact in entries.facts_of(packed) if fact.document] == ["minutes_digest"]


# --- a clean environment -------------------------------------------------------------------------------------------


def test_a_pack_verifies_with_nothing_but_cryptography(tmp_path: Path) -> None:
    """In a new environment that holds copies of `cryptography` and what it needs, and the one file."""
    python = clean_environment(tmp_path / "clean")
    script = shutil.copy(SCRIPT, tmp_path / "verify_standalone.py")
    pack = a_pack(*two_logs())
    (tmp_path / "pack.zip").write_bytes(pack)
    (tmp_path / "broken.zip").write_bytes(again(pack, lambda files: files.update({"prov.json": b"{}\n"})))
    (tmp_path / "parties.json").write_bytes(parties_file())

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        command = [python, "-I", str(script), *words]
        return subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=HANGS, check=False
        )

    assert run("pack.zip", "--parties", "parties.json").returncode == 0
    broken = run("broken.zip", "--parties", "parties.json")
    assert broken.returncode == 1 and f"prov.json, matter {MATTER}: digest" in broken.stdout
    assert run("pack.zip").returncode == 2
    found = json.loads(run("pack.zip", "--parties", "parties.json", "--json").stdout)
    assert found["findings"] == [] and found["scope"]["case"] == CASE
    nothing_else = subprocess.run([python, "-c", "import google.protobuf"], capture_output=True, check=False)
    assert nothing_else.returncode == 1


def clean_environment(folder: Path) -> str:
    """A virtual environment with the installed `cryptography` and cffi in it, without any index."""
    import _cffi_backend
    import cryptography

    venv.create(folder, with_pip=False, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    installed = Path(cryptography.__file__).parent.parent
    shutil.copytree(installed / "cryptography", packages / "cryptography")
    shutil.copy(_cffi_backend.__file__, packages)
    if (installed / "cffi").exists():
        shutil.copytree(installed / "cffi", packages / "cffi")
    return str(folder / "bin" / Path(sys.executable).name.replace(sys.executable, "python"))


def test_the_standalone_file_imports_nothing_of_ours() -> None:
    text = SCRIPT.read_text("utf-8")
    imported = {
        line.split()[1].partition(".")[0]
        for line in text.split("\n")
        if line.startswith(("import ", "from "))
    }

    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


def test_records_of_another_party_do_not_belong_in_a_log() -> None:
    bawaslu, _ = two_logs()
    stranger = Log("bkn")
    record(stranger, MATTER)
    bawaslu.rows.append(replace_party(stranger.rows[0]))

    assert "signature" in kinds(both(a_pack(bawaslu)))


def replace_party(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"party": "bawaslu"}


def test_a_time_that_is_none_in_the_facts_of_a_peer_does_not_keep_the_story_from_being_told() -> None:
    packed = AnyMessage()
    packed.Pack(bawaslu_events.SilenceClaimed(letter_number="S-1", sent_time=Timestamp(seconds=2**62)))

    told = {fact.path: fact.value for fact in entries.facts_of(packed)}

    assert told == {"letter_number": "S-1", "sent_time": f"{2**62} s 0 ns"}
