"""The examiner's host: `python -m kasn`. Settings come from the environment (`exchange.settings`).

An examiner that oversees as well (BKN holds the data) is one party with all its roles: its overseers' desk is here too.
"""

import asyncio

from host import lean_imports  # noqa: F401

# isort: split
from cooperation.disclosure import feature as disclosure
from cooperation.disclosure.documents import store as documents
from cooperation.erasure import feature as erasure
from cooperation.monitoring import feature as monitoring
from cooperation.oversight import feature as oversight
from cooperation.prevention import feature as prevention
from cooperation.supervision import feature as supervision
from host.features import Host
from kasn import feature as kasn
from kasn.matters.tables import forget_persons

HOST = Host(
    "kasn",
    [
        kasn.FEATURE,
        oversight.FEATURE,
        monitoring.feature("examiner", other="supervisor"),
        prevention.sender("examiner"),
        supervision.plans("examiner", other="supervisor"),
        disclosure.feature((*kasn.FEATURE.matters, *oversight.FEATURE.matters)),
        erasure.feature(kasn.FEATURE.retained, documents.remove, forget=[forget_persons]),
    ],
    told_both=["netral.warner.warned.v1"],  # examiner and data holder, which may be one party
)
main = HOST.serve


if __name__ == "__main__":
    asyncio.run(main())
