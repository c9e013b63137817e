"""Tables of prevention, in the database of the host that serves it: those of its topics together."""

from cooperation.prevention.campaigns import tables as campaigns
from cooperation.prevention.pledges import tables as pledges
from exchange.context import EntityStore

# By the first word of a key; a host puts its rooms' together.
STORES: dict[str, EntityStore] = {**campaigns.STORES, **pledges.STORES}
