"""EC2 as strict as AWS about networks: moto's backends in process, and what the lab adds."""

from .call import Caller
from .reply import Reply
from .serve import Ec2

__all__ = ["Caller", "Ec2", "Reply"]
