"""Tables of supervision, in the database of the host that serves it: those of its topics together."""

from cooperation.supervision.indications import tables as indications
from cooperation.supervision.plans import tables as plans
from exchange.context import EntityStore

# By the first word of a key; a host puts its rooms' together.
STORES: dict[str, EntityStore] = {**indications.STORES, **plans.STORES}
