"""Statements of prevention for each of the two sides: the rows of its topics together."""

from cooperation.prevention.campaigns import received as campaigns
from cooperation.prevention.pledges import received as pledges
from exchange.delivery.inbox.handlers import Handlers

# At a supervisor or examiner: statements of authorities.
FROM_AUTHORITIES: Handlers = {**campaigns.FROM_AUTHORITIES, **pledges.FROM_AUTHORITIES}

# At an authority: statements of supervisor and examiner.
TO_AUTHORITIES: Handlers = campaigns.TO_AUTHORITIES
