"""A deferred module is imported by its first use, and no other import is deferred."""

import subprocess
import sys

from support.waiting import HANGS

PROGRAM = """
import sys
from cli.deferred_imports import deferred_imports
with deferred_imports():
    import sched
    from wsgiref import headers, util as tools
print(sorted({"sched", "wsgiref", "wsgiref.headers", "wsgiref.util"} & sys.modules.keys()))
print(tools.guess_scheme({}), sorted({"sched", "wsgiref.headers", "wsgiref.util"} & sys.modules.keys()))
import wsgiref.util
print(tools.guess_scheme is wsgiref.util.guess_scheme, isinstance(sched.scheduler, type))
with deferred_imports():
    from wsgiref import nothing
try:
    nothing.at_all
except ModuleNotFoundError as error:
    print(error.name)
"""


def test_a_deferred_module_is_imported_by_its_first_use():
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=HANGS)

    assert ran.stdout.splitlines() == [
        "[]",
        "http ['wsgiref.util']",
        "True True",
        "wsgiref.nothing",
    ], ran.stderr
