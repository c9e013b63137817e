"""A host starts without what only some calls need: it costs each start, and memory for as long as the process lives."""

import subprocess
import sys

from support.waiting import HANGS

LATER = ["aiohttp", "alembic", "fsspec", "jinja2", "openpyxl", "prometheus_client", "reportlab", "rich"]
PROGRAM = """
import sys
import bawaslu.__main__, kasn.__main__, ppk.__main__
print(*sorted({name.partition(".")[0] for name in sys.modules} & set(sys.argv[1:])))
print(len(sys.modules))
"""


def test_a_host_starts_without_what_only_some_calls_need() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, *LATER], capture_output=True, text=True, timeout=HANGS
    )

    imported, count = ran.stdout.splitlines()
    assert imported == "", ran.stderr
    assert int(count) < 1300  # of all three: 1,266 on Python 3.11; they were 1,520
