"""A VPC's network is cut into its subnets' as the standard library would."""

from ipaddress import IPv4Network

from hypothesis import given
from hypothesis import strategies as st

from bgspec.plan.network import bounds, parts_of


@given(st.integers(0, 2**32 - 1), st.integers(0, 29))
def test_eight_parts_fill_the_network(address, bits):
    whole = IPv4Network((address, bits), strict=False)
    assert bounds(str(whole)) == (int(whole[0]), int(whole[-1]))
    assert parts_of(str(whole)) == [str(part) for part in whole.subnets(prefixlen_diff=3)]
