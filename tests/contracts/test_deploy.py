"""Files of deploy/ are accepted by those who read them: the settings, nats-server, systemd's format."""

import configparser
import subprocess
import sys
from pathlib import Path

import pytest

from exchange.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"


@pytest.mark.parametrize("path", sorted((DEPLOY / "env").glob("*.env")), ids=lambda path: path.stem)
def test_every_variable_of_an_environment_file_is_a_setting(path: Path):
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]

    names = {line.partition("=")[0] for line in lines}
    assert names <= {f"NETRAL_{field.upper()}" for field in Settings.model_fields}
    assert {"NETRAL_DATABASE_URL", "NETRAL_VAULT_URL", "NETRAL_KEYS_FOLDER"} <= names


def test_nats_accepts_the_configuration():
    nats_server = Path(sys.executable).with_name("nats-server")
    done = subprocess.run(
        [nats_server, "-t", "-c", DEPLOY / "nats" / "nats.conf"], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", sorted((DEPLOY / "systemd").glob("*.service")), ids=lambda path: path.stem)
def test_a_unit_starts_something_and_starts_it_again(path: Path):
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(path)

    assert unit["Service"]["ExecStart"]
    assert unit["Service"]["Restart"] == "always"
    assert unit["Service"]["NoNewPrivileges"] == "yes"
