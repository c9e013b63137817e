"""A start that fails in a known way ends with one sentence in the log and a status, never with a traceback."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.util import CommandError
from sqlalchemy.exc import OperationalError

from exchange.settings import Settings
from host.lifecycle import start_failures
from host.lifecycle.start_failures import AWAY, REFUSED
from operations.local import die_with_parent
from support import desks
from support.waiting import HANGS


def start(settings: Settings, **other: str) -> subprocess.CompletedProcess[str]:
    """Start the examiner's host, which is expected to end by itself."""
    environment = {
        f"NETRAL_{name.upper()}": str(value)
        for name, value in settings.model_dump().items()
        if value is not None
    }
    return subprocess.run(
        die_with_parent.command(sys.executable, "-m", "kasn"),
        env=environment | other,
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )


def without_parties_file(settings: Settings) -> dict[str, str]:
    settings.parties_file.unlink()
    return {}


def with_a_strange_setting(settings: Settings) -> dict[str, str]:
    return {"NETRAL_CLOCK_SECONDS": "soon"}


def with_an_open_storage_key(settings: Settings) -> dict[str, str]:
    (settings.keys_folder / "storage.key").chmod(0o644)
    return {}


def with_wrapping_keys_of_another_format(settings: Settings) -> dict[str, str]:
    path = settings.keys_folder / "vault.key"
    path.touch(mode=0o600)
    path.write_text("netral-wrapping-keys/9\n")
    return {}


def without_a_folder_for_the_database(settings: Settings) -> dict[str, str]:
    return {"NETRAL_DATABASE_URL": "sqlite:////nowhere/kasn.sqlite"}


@pytest.mark.parametrize(
    ("harm", "status", "why", "says"),
    [
        (without_parties_file, REFUSED, "BadPartiesFile", "parties.json"),
        (with_a_strange_setting, REFUSED, "ValidationError", "NETRAL_CLOCK_SECONDS"),
        (with_an_open_storage_key, REFUSED, "BadStorageKey", "0600"),
        (with_wrapping_keys_of_another_format, REFUSED, "BadWrappingKeys", "not a file of wrapping keys"),
        (without_a_folder_for_the_database, AWAY, "OperationalError", "the database does not open"),
    ],
)
def test_a_host_that_cannot_start_says_why_in_one_sentence(
    harm: Callable[[Settings], dict[str, str]], status: int, why: str, says: str, tmp_path: Path
) -> None:
    desks.write_trust(tmp_path)
    settings = desks.settings(tmp_path, "kasn")

    ended = start(settings, **harm(settings))

    assert "Traceback" not in ended.stderr
    last = json.loads(ended.stderr.splitlines()[-1])
    assert (ended.returncode, last["why"]) == (status, why)
    assert says in last["reason"]


def test_a_host_whose_port_is_in_use_says_so_and_may_be_started_again(tmp_path: Path) -> None:
    desks.write_trust(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = start(desks.settings(tmp_path, "kasn"), NETRAL_GRPC_LISTEN=address)

    last = json.loads(ended.stderr.splitlines()[-1])
    assert (ended.returncode, last["why"]) == (AWAY, "CannotListen")
    assert address in last["reason"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OperationalError("select", {}, Exception("away"), connection_invalidated=True), AWAY),
        (ConnectionRefusedError(111, "refused"), AWAY),
        (PermissionError(13, "denied", "kasn.pem"), REFUSED),
        (CommandError("no such revision"), REFUSED),
    ],
)
def test_what_is_away_may_come_back_and_what_is_wrong_waits_for_the_operator(
    error: Exception, status: int
) -> None:
    known = start_failures.explanation(error)

    assert known is not None
    assert known[0] == status


def test_a_fault_of_ours_stays_loud() -> None:
    with pytest.raises(ZeroDivisionError), start_failures.explained("kasn"):
        raise ZeroDivisionError
