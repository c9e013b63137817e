"""Evidence packs that an earlier commit made: both readers find them sound, whatever words and contracts came since.

`packs-2` was made by the first commit with format 2, at the desks of `world-1`. Its makers did not know a word for each act (`unread`).
`packs-3` has the same parts in format 3.
Keys and policies are those of that world; the readers' clock stands on the day after.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from audit.formats import policy
from audit.packs import canonical_zip, verify
from audit.packs.verify_part import Trusted
from exchange.statements import public_keys, trust
from verifier.trust import load_trust

HERE = Path(__file__).parent
PACKS = sorted(HERE.glob("packs-*/*.zip"))
DAY_AFTER = datetime(2026, 11, 30, tzinfo=UTC)


def trusted(folder: Path) -> Trusted:
    parties = trust.load_parties(folder / "parties.json")
    policies = [path.read_bytes() for path in sorted(folder.glob("*.policy"))]
    return Trusted(
        public_keys.author_keys(parties),
        {party: public_keys.log_keys(parties, party) for party in parties.parties},
        [policy.parse(text) for text in policies],
        load_trust((folder / "parties.json").read_bytes(), *policies),
    )


@pytest.mark.parametrize("path", PACKS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_kept_pack_is_sound_to_both_readers(path: Path) -> None:
    result = verify.check(path.read_bytes(), trusted(path.parent), DAY_AFTER)

    assert result.findings == []
    assert all(part.cosigned for part in result.parts)


def test_the_kept_packs_hold_what_their_makers_could_not_read() -> None:
    files = canonical_zip.read((HERE / "packs-2/matter.zip").read_bytes())

    assert json.loads(files["manifest.json"])["unread"] == ["bawaslu.keep_reporter"]
    assert "menyimpan identitas" not in files["timeline.id.html"].decode()
