"""Makes a development world: a parties file with every institution, all keys, and the passwords of NATS. Later versions of its parties
file let the examiner's role pass on and renew sealing keys.
"""

import errno
import json
import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

from agreement.parties import institutions, succession
from exchange.statements import private_keys, trust
from operations.local.installation import BY_LAW, Installation
from storage.files import write_whole

KEYS_SINCE = datetime(2014, 1, 1, tzinfo=UTC)
# Whose witnesses watch every log: the supervisor and whoever is or was the examiner.
_WATCHES_ALL = ("bawaslu", "kasn")


class CannotMake(Exception):
    """A world cannot be made in this folder; the message is for the person who tried."""


def examiner_of(state: Installation) -> str:
    """The party that holds the examiner's role now, of those that the examiner's desk serves; the first of them if nobody does."""
    served = state.hosts()["kasn"]
    holders = trust.load_parties(state.parties_file).holders(institutions.EXAMINER, datetime.now(UTC))
    return next((party for party in holders if party in served), served[0])


def make_world(
    state: Installation,
    examiner: str = "kasn",
    *,
    ml_dsa: bool = False,
    authorities: Sequence[str] | None = None,
    auditors: Sequence[str] = (),
) -> None:
    """Make a development world: a parties file with every institution, keys, storage keys, NATS passwords.

    The examiner holds its role until `pass_role`, whatever the law says of it today; `BY_LAW`: KASN until 4 September 2024,
    then BKN. The examiner's desk serves both. `authorities` are the personnel authorities; None: all. `auditors` (see
    `is_auditor`) are parties at the authorities' desk. The world is made in a folder beside it and renamed, so that nobody finds half of
    one, whenever it stops and whoever makes another meanwhile.

    Raises:
        CannotMake: the folder has something else in it, or cannot be written.
    """
    folder = state.folder.resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f"{folder.name}.", dir=folder.parent) as made:
            draft = Installation(Path(made) / "whole")
            draft.folder.mkdir()
            _fill(draft, examiner, _served(examiner, authorities, auditors), ml_dsa)
            draft.folder.rename(folder)
    except OSError as error:
        if not state.exists:  # else somebody else made it meanwhile, and whole
            raise CannotMake(f"{state.folder}: {_why(error)}") from error


def _why(error: OSError) -> str:
    if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
        return "it is no installation, and not empty; remove it, or name another folder with --state"
    return error.strerror or str(error)


def _fill(state: Installation, examiner: str, served: Mapping[str, Sequence[str]], ml_dsa: bool) -> None:
    """Write the files of a world into an empty folder."""
    entries = []
    for host, parties in served.items():
        state.keys(host).mkdir(parents=True, mode=0o700)
        for party in parties:
            keys = private_keys.new_keys(cosigning=ml_dsa and host in _WATCHES_ALL)
            name = institutions.institution(party).name
            entries.append(private_keys.party_entry(party, name, _roles(party, examiner), keys, KEYS_SINCE))
            private_keys.write_private_keys(state.keys(host), party, keys)
        _secret(state.keys(host) / "storage.key", secrets.token_hex(32))
        _secret(state.host(host) / "nats.password", secrets.token_urlsafe(32))
    state.nats.mkdir(mode=0o700, exist_ok=True)
    _secret(state.nats / "admin.password", secrets.token_urlsafe(32))
    document = {
        "format": "netral-parties/1",
        "serial": 1,
        "issued": datetime.now(UTC).isoformat(),
        "parties": sorted(entries, key=lambda entry: str(entry["id"])),
    }
    write_whole(state.parties_file, json.dumps(document, indent=1))


def pass_role(state: Installation, successor: str, at: datetime) -> str:
    """Let the examiner's role pass on at an instant (UTC): a new version of the parties file; gives the old holder.

    Raises:
        NotAllowed: the agreement knows of no such succession.
    """
    document = json.loads(state.parties_file.read_text())
    holder = examiner_of(state)
    today = at.astimezone(institutions.zone(holder)).date()
    passing = succession.succession(institutions.EXAMINER, holder, successor, today)
    roles = {entry["id"]: entry["roles"] for entry in document["parties"]}
    for role in roles[holder]:
        if role["role"] == passing.role:
            role["until"] = at.isoformat()
    since = {"since": at.isoformat(), "until": None}
    roles[holder].append({"role": passing.former, **since})
    roles[successor].append({"role": passing.role, **since})
    document |= {"serial": document["serial"] + 1, "issued": at.isoformat()}
    write_whole(state.parties_file, json.dumps(document, indent=1))
    trust.load_parties(state.parties_file)
    return holder


def rotate_seal(
    state: Installation, at: datetime, parties: Sequence[str] = (), *, at_once: bool = False
) -> list[str]:
    """Give parties (none named: all) a new sealing key from an instant (UTC) on; gives who got one.

    Private keys whose period ended a day ago are destroyed when the desk starts; `at_once`: all older ones now. What was sealed
    to a destroyed key, on the bus or in a backup of it, nobody opens any more; what had not arrived is sealed and sent anew.
    """
    folders = {party: state.keys(host) for host, served in state.hosts().items() for party in served}
    wanted = {party: folder for party, folder in folders.items() if party in (parties or folders)}
    document = private_keys.rotate_sealing(
        json.loads(state.parties_file.read_text()), wanted, at, at_once=at_once
    )
    write_whole(state.parties_file, json.dumps(document, indent=1))
    return sorted(wanted)


def _served(
    examiner: str, only: Sequence[str] | None, auditors: Sequence[str]
) -> Mapping[str, Sequence[str]]:
    """List the parties of each desk: those who oversee or audit are with the authorities, but for BKN.

    BKN is the examiner, was not yet, or will be: it has all its roles at the examiner's desk, so that no log has to move
    when the role passes.
    """
    examiners = ("bkn",) if examiner == "bkn" else ("kasn", "bkn")
    elsewhere = ("bawaslu", *examiners)
    known = institutions.personnel_authorities() if only is None else only
    authorities = [party for party in known if party not in elsewhere]
    taken = {*elsewhere, *authorities}
    overseers = [party for party in institutions.institutions() if party not in taken and _oversees(party)]
    return {"bawaslu": ["bawaslu"], "kasn": examiners, "ppk": [*authorities, *overseers, *auditors]}


def is_auditor(party: str) -> bool:
    """True of BPK and of the inspectorate of a personnel authority."""
    try:
        return institutions.AUDITOR in {held.role for held in institutions.default_roles(party)}
    except institutions.Unknown:
        return False


def _oversees(party: str) -> bool:
    roles = {held.role for held in institutions.default_roles(party)}
    return not roles.isdisjoint((institutions.DATA_HOLDER, institutions.WARNER))


def _roles(party: str, examiner: str) -> Iterator[tuple[str, datetime, datetime | None]]:
    if party == examiner:
        yield institutions.EXAMINER, KEYS_SINCE, None
    by_law = examiner == BY_LAW
    passing = (institutions.EXAMINER, institutions.FORMER_EXAMINER)
    for held in institutions.default_roles(party):
        if by_law or held.role not in passing:
            until = _start_of(held.until, party) if held.until else None
            yield held.role, _start_of(held.since, party), until


def _start_of(day: date, party: str) -> datetime:
    """Midnight at the party: roles begin and end with its legal dates."""
    return datetime.combine(day, time(), institutions.zone(party)).astimezone(UTC)


def _secret(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)
