"""Imports of a host at a lower price. Each host's `__main__` imports this before all else.

A host imports more than a thousand modules, and hundreds of hosts start in a run of the tests. What they make lives as long as the
process: to look for garbage among it again and again is a tenth of a start, so that it is done more rarely, once here for all.
"""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_MADE_BEFORE_A_LOOK = 20_000
"""Objects that are made between two looks for garbage (Python's own: 700)."""


@contextmanager
def without(library: str) -> Iterator[None]:
    """Let a library that is used where it is installed, and not needed, be as if it were not; nothing changes for later imports."""
    hidden = library not in sys.modules
    if hidden:
        sys.modules[library] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if hidden:
            del sys.modules[library]


gc.set_threshold(_MADE_BEFORE_A_LOOK, *gc.get_threshold()[1:])
# Log lines are JSON; structlog's renderer for terminals is not needed, nor are WebSockets to NATS unless the URL says so.
with without("rich"):
    import structlog  # noqa: F401
if not os.environ.get("NETRAL_NATS_URL", "").startswith("ws"):
    with without("aiohttp"):
        import nats  # noqa: F401
