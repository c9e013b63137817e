"""Way in 2: statement type → handler, for each of the two sides; those of the topics together."""

from collections.abc import Mapping

from cooperation.prevention.campaigns import received as campaigns
from cooperation.prevention.pledges import received as pledges
from exchange.delivery.inbox.handlers import Handler

# At a supervisor or examiner: statements of authorities.
FROM_AUTHORITIES: Mapping[str, Handler] = {**campaigns.FROM_AUTHORITIES, **pledges.FROM_AUTHORITIES}

# At an authority: statements of supervisor and examiner.
TO_AUTHORITIES: Mapping[str, Handler] = campaigns.TO_AUTHORITIES
