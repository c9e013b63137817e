"""Coverage-guided fuzzing of every reader of what comes from outside, with atheris: `python tests/fuzz/parsers.py -max_total_time=60`.

What is read must print as it was read; whatever else is refused by the reader's own error. Anything else ends the run with
the input that did it. Needs the extra `fuzz`.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[2] / "services"))

sys.path.insert(0, str(Path(__file__).parents[1]))

with atheris.instrument_imports(include=["audit", "exchange", "prevention", "disclosure"]):
    from audit.formats import canonical, checkpoint, cosignature, note, policy, proof, tiles
    from audit.witnessing import misbehaviour, rules
    from support.readers import Reader, readers


def _note(data: bytes) -> None:
    _same(data, lambda: note.print_note(note.parse_note(data)).encode())


def _signatures(data: bytes) -> None:
    _same(data, lambda: note.print_signatures(note.parse_signatures(data.decode())).encode())


def _vkey(data: bytes) -> None:
    _same(data, lambda: note.join_vkey(*note.split_vkey(data.decode())).encode())
    _same(data, lambda: cosignature.parse_vkey(data.decode()).vkey.encode())


def _checkpoint(data: bytes) -> None:
    _same(data, lambda: checkpoint.parse(data.decode()).text().encode())


def _proof(data: bytes) -> None:
    _same(data, lambda: proof.parse(data).text().encode())


def _request(data: bytes) -> None:
    _same(data, lambda: rules.parse(data).text().encode())


def _size(data: bytes) -> None:
    _same(data, lambda: f"{rules.read_size(data.decode())}\n".encode())


def _hash(data: bytes) -> None:
    _same(data, lambda: canonical.print_base64(canonical.read_base64(data.decode())).encode())


def _policy(data: bytes) -> None:
    try:
        read = policy.parse(data)
    except policy.PolicyError:
        return
    assert policy.parse(policy.print_policy(read)) == read


def _accusation(data: bytes) -> None:
    _same(data, lambda: misbehaviour.parse(data.decode()).text().encode())


def _bundle(data: bytes) -> None:
    _same(data, lambda: tiles.bundle(tiles.entries_in(data)))


def _path(data: bytes) -> None:
    path = data.decode(errors="replace")
    tile = tiles.parse(path)
    assert tile is None or tiles.path_of(tile) == path


READERS = (
    _note,
    _signatures,
    _vkey,
    _checkpoint,
    _proof,
    _request,
    _size,
    _hash,
    _policy,
    _accusation,
    _bundle,
    _path,
)
# Readers that are not asked whether what they read prints the same.
OTHERS: list[Reader] = [reader for _, reader in sorted(readers().items()) if not reader.slow]
REFUSALS = (ValueError,)  # each reader's error is one; UnicodeDecodeError, from decoding here, too


def _same(data: bytes, read_and_print: Callable[[], bytes]) -> None:
    try:
        printed = read_and_print()
    except REFUSALS:
        return
    assert printed == data


def one_input(data: bytes) -> None:
    """The first byte chooses the reader."""
    if not data:
        return
    number = data[0] % (len(READERS) + len(OTHERS))
    if number < len(READERS):
        READERS[number](data[1:])
        return
    other = OTHERS[number - len(READERS)]
    try:
        other.read(data[1:])
    except other.refusals:
        return


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
