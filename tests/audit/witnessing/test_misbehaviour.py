"""Accusations as files: read and printed the same, and judged from the notes alone."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.witnessing import misbehaviour
from audit.witnessing.misbehaviour import BadAccusation, Seen
from audit.witnessing.rules import FORK, ROLLBACK, Accusation
from support.cosigners import SmallLog, signer

AT = datetime(2026, 3, 2, 12, 0, 0, 17, tzinfo=UTC)
KEYS = [signer("netral/kasn").verifier]


def a_log(size: int) -> SmallLog:
    return SmallLog.of("netral/kasn", size)


def said(held: SmallLog, offered: SmallLog, kind: str = FORK) -> Accusation:
    return Accusation(kind, "netral/kasn", held.note(), offered.note(), False, "why")


FILE = Seen(said(a_log(5), a_log(5).rewrite(0)), "netral/bawaslu/witness", AT).text()


def test_two_roots_for_one_size_are_proven_by_the_file_alone() -> None:
    verdict = misbehaviour.judge(misbehaviour.parse(FILE).accusation, KEYS)

    assert verdict.proven
    assert verdict.reason == "the log signed two roots for size 5"


@pytest.mark.parametrize(
    ("held", "offered", "reason"),
    [
        (a_log(9), a_log(5), "sizes 5 and 9"),
        (a_log(5), a_log(9).rewrite(0), "sizes 5 and 9"),
        (a_log(5), a_log(5), "same tree"),
        (a_log(5), SmallLog.of("netral/kasn", 5, seed=9), "not signed both"),
        (a_log(5), SmallLog.of("netral/bkn", 5), "not signed both"),
    ],
)
def test_what_the_notes_do_not_show_is_not_proven(held: SmallLog, offered: SmallLog, reason: str) -> None:
    verdict = misbehaviour.judge(said(held, offered, ROLLBACK), KEYS)

    assert not verdict.proven
    assert reason in verdict.reason


def test_words_instead_of_a_note_prove_nothing() -> None:
    silent = Accusation(misbehaviour.SILENT, "netral/kasn", a_log(5).note(), "asked 30 times", False, "why")

    assert not misbehaviour.judge(silent, KEYS).proven


def test_what_stands_around_the_notes_does_not_change_the_verdict() -> None:
    read = misbehaviour.parse(
        FILE.replace("detail why", "detail because").replace("kind fork", "kind rollback")
    )

    assert misbehaviour.judge(read.accusation, KEYS).proven


def test_a_file_prints_as_it_was_read() -> None:
    assert misbehaviour.parse(FILE).text() == FILE
    assert misbehaviour.parse(FILE).at == AT


def test_the_same_thing_seen_again_has_the_same_digest() -> None:
    one = said(a_log(5), a_log(5).rewrite(0))
    cosigned = replace(one, offered=one.offered + "— someone AAAAAAAA\n", detail="other words")

    assert misbehaviour.digest(one) == misbehaviour.digest(cosigned)
    assert misbehaviour.digest(one) != misbehaviour.digest(said(a_log(5), a_log(5).rewrite(1)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        FILE + "\n",
        FILE[:-1],
        FILE.replace("/1\n", "/2\n"),
        FILE.replace("kind fork", "kind spoon"),
        FILE.replace("kind fork", "kind  fork"),
        FILE.replace("+00:00", "+07:00"),
        FILE.replace("+00:00", ""),
        FILE.replace("detail why", "detail "),
        FILE.replace("detail why", "detail w\ty"),
        FILE.replace("\n", "\r\n"),
        FILE.replace("\n\n", "\n \n"),
        FILE.replace("\n\n", "\n\n "),
    ],
)
def test_what_is_no_accusation_is_refused(text: str) -> None:
    with pytest.raises(BadAccusation):
        misbehaviour.parse(text)


parts = st.sampled_from([*(line + "\n" for line in FILE.split("\n")), "x", "\r", "kind ", "seen 2026-01-01"])


@given(st.lists(parts).map("".join) | st.text())
def test_whatever_is_read_as_an_accusation_prints_the_same(text: str) -> None:
    try:
        read = misbehaviour.parse(text)
    except BadAccusation:
        return
    assert read.text() == text
