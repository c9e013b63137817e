"""The personnel authorities' host: `python -m ppk`. Settings come from the environment (`exchange.settings`).

Those who oversee (BKN, Kemendagri, governors) are parties of this host too: what is theirs is beside the authorities' own.
Monitoring follows each party's own log: an authority sees its own cases, who oversees those that it got copies of.
"""

import asyncio

from host import lean_imports  # noqa: F401

# isort: split
from cooperation.disclosure import feature as disclosure
from cooperation.disclosure.documents import store as documents
from cooperation.erasure import feature as erasure
from cooperation.erasure.tables import stopping_keys
from cooperation.monitoring import feature as monitoring
from cooperation.oversight import feature as oversight
from cooperation.prevention import feature as prevention
from cooperation.prevention.campaigns.reads import internal_teams
from cooperation.supervision import feature as supervision
from host.features import Host
from ppk import feature as ppk

SUPERVISION = supervision.indications(internal_teams)

HOST = Host(
    "ppk",
    [
        ppk.FEATURE,
        oversight.FEATURE,
        monitoring.reading(),
        prevention.authority(stopping_keys),
        disclosure.feature((*ppk.FEATURE.matters, *oversight.FEATURE.matters)),
        SUPERVISION,
        erasure.feature((*ppk.FEATURE.retained, *SUPERVISION.retained), documents.remove),
    ],
)
main = HOST.serve


if __name__ == "__main__":
    asyncio.run(main())
