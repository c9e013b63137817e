"""Coverage-guided fuzzing of every reader; long, so in the soak. Seeded with one sound text of each format."""

import importlib.util
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from audit.formats import note
from audit.formats.proof import TlogProof
from audit.witnessing.misbehaviour import Seen
from audit.witnessing.rules import FORK, Accusation
from support.cosigners import SPRING, SmallLog, ed25519, ml_dsa
from support.readers import readers

SCRIPT = Path(__file__).parents[1] / "fuzz" / "parsers.py"
SECONDS = 60


def sound_texts() -> list[bytes]:
    """In the order of the script's readers."""
    log, witness = SmallLog.of("netral/kasn", 9), ed25519("netral/bawaslu/witness")
    lines = note.print_signatures([each.cosign(log.head(), SPRING) for each in (witness, ml_dsa("w"))])
    key = note.vkey("netral/kasn", log.signer.verifier.public_key)
    policy = f"log {key} url\nwitness W {witness.verifier.vkey}\ngroup g any W\nquorum g\n"
    proof = TlogProof(3, (b"x" * 32,), log.note(), b"extra").text()
    request = log.request(4).text()
    said = Accusation(FORK, "netral/kasn", log.note(), log.note(), False, "why")
    accusation = Seen(said, "netral/bawaslu/witness", datetime(2026, 3, 2, tzinfo=UTC)).text()
    texts = [log.note() + lines, lines, key, log.head().text(), proof, request, "12\n", "eA==", policy]
    texts += [accusation, "\x00\x03abc\x00\x00", "tile/0/x001/067.p/3"]
    others = [reader.sound for _, reader in sorted(readers().items()) if not reader.slow]
    sound = [*(text.encode() for text in texts), *others]
    return [bytes([number]) + each for number, each in enumerate(sound)]


@pytest.mark.soak
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="needs the extra `fuzz`")
def test_fuzzing_every_reader_finds_nothing(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, text in enumerate(sound_texts()):
        (corpus / str(number)).write_bytes(text)
    command = [sys.executable, SCRIPT, corpus, f"-max_total_time={SECONDS}", "-max_len=6000"]

    done = subprocess.run(
        [*command, f"-artifact_prefix={tmp_path}/"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr[-3000:]
    assert "Done" in done.stderr
