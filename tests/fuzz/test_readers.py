"""Readers of bytes from outside read them, or refuse them by the error that their documentation names; nothing else comes out.

`support.readers` has every reader with something sound; here it is harmed. `parsers.py` goes further, guided by coverage.
"""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.readers import Reader, readers

READERS = readers()
# What breaks readers: signs of formats, ends of ranges, text that prints as other text.
TOKENS = [
    *(
        b"\n",
        b"\n\n",
        b"\r\n",
        b"\0",
        b"\xff",
        b" ",
        b"+",
        b"=",
        b"\xe2\x80\x94 ",
        b"\xed\xa0\x80",
        b"\xef\xbc\x95",
    ),
    *(b"-1", b"0", b"00", b"9223372036854775808", b"18446744073709551616", b"1e999", b"NaN", b"9" * 5000),
    *(
        b"\xff" * 9 + b"\x01",
        b"\xff" * 10,
        b"[" * 2000,
        b'{"a":' * 500,
        b"null",
        b"true",
        b'""',
        b"PK\3\4",
        b"PK\1\2",
    ),
]
INSTANTS = [
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00+00:00",
    "2026-03-02",
]
STRANGE = st.sampled_from(
    [
        None,
        True,
        -1,
        0,
        1,
        2**31,
        2**63,
        2**64,
        10**30,
        1.5,
        "",
        "x",
        "\ud800",
        "\x1b[2J",
        "../x",
        [],
        {},
        [[]],
        *INSTANTS,
    ]
)


@st.composite
def harmed(draw: st.DrawFn, sound: bytes) -> bytes:
    """Sound bytes after some harm; of JSON, also another value at some place."""
    document = _json(sound)
    if document is not None and draw(st.booleans()):
        for _ in range(draw(st.integers(1, 2))):
            document = draw(_exchanged(document))
        return json.dumps(document, sort_keys=True, indent=1).encode() + b"\n"
    data = sound
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + draw(st.sampled_from([0, 1, 1, 8, 64])))))
        piece = draw(st.sampled_from(TOKENS) | st.binary(max_size=4) | st.just(data[start:end] * 2))
        data = data[:start] + piece + data[end:]
    return data


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None


@st.composite
def _exchanged(draw: st.DrawFn, document: Any) -> Any:
    """A document with something strange in the place of one of its values, or without it."""
    if not document or not isinstance(document, dict | list) or draw(st.integers(0, 9)) == 0:
        return draw(STRANGE)
    inside = dict(document) if isinstance(document, dict) else dict(enumerate(document))
    place = draw(st.sampled_from(list(inside)))
    if draw(st.integers(0, 9)) == 0:
        del inside[place]
    else:
        inside[place] = draw(_exchanged(inside[place]))
    return inside if isinstance(document, dict) else list(inside.values())


def check(name: str, data: bytes) -> None:
    reader: Reader = READERS[name]
    try:
        reader.read(data)
    except reader.refusals:
        return


@pytest.mark.parametrize("name", READERS)
def test_what_is_sound_is_read(name: str) -> None:
    READERS[name].read(READERS[name].sound)


@pytest.mark.parametrize("name", READERS)
def test_what_is_nothing_is_refused_as_the_reader_says(name: str) -> None:
    for data in (b"", b"\0", b"[" * 100_000, b"\xff" * 100, b"{}", b"null", b'{"a": 1, "a": 2}'):
        check(name, data)


@pytest.mark.parametrize("name", READERS)
def test_what_is_harmed_is_read_or_refused_as_the_reader_says(name: str) -> None:
    _play(name, 5 if READERS[name].slow else 25)


@pytest.mark.soak
@pytest.mark.parametrize("name", READERS)
def test_what_is_harmed_thousands_of_times_is_read_or_refused_as_the_reader_says(name: str) -> None:
    _play(name, 300 if READERS[name].slow else 3000)


def _play(name: str, examples: int) -> None:
    quiet = settings(max_examples=examples, suppress_health_check=list(HealthCheck), database=None)

    @quiet
    @given(harmed(READERS[name].sound) | st.binary(max_size=200))
    def play(data: bytes) -> None:
        check(name, data)

    play()
