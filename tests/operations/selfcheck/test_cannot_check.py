"""A host whose keys or databases do not open is not checked, and says why."""

from pathlib import Path

import pytest

from operations.selfcheck.check import CannotCheck, Progress, check_host
from support import desks


async def test_a_host_that_never_ran_is_not_checked(tmp_path: Path) -> None:
    desks.write_trust(tmp_path)

    with pytest.raises(CannotCheck, match="has it ever run"):
        await check_host("kasn", desks.settings(tmp_path, "kasn"), Progress())


async def test_a_host_without_its_storage_key_is_not_checked(tmp_path: Path) -> None:
    desks.write_trust(tmp_path)
    settings = desks.settings(tmp_path, "kasn")
    (settings.keys_folder / "storage.key").unlink()

    with pytest.raises(CannotCheck, match=r"storage\.key"):
        await check_host("kasn", settings, Progress())
