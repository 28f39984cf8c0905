"""EC2: the operations of its four modules."""

from bgspec.sandbox.services import ec2_edges, ec2_network, ec2_security
from bgspec.sandbox.services.ec2_records import ec2

__all__ = ["ec2", "ec2_edges", "ec2_network", "ec2_security"]
