"""Networks are read without `ipaddress`, and as it reads them."""

from ipaddress import IPv4Network

from hypothesis import example, given
from hypothesis import strategies as st

from bgspec.spec.values import canonical

numbers = st.integers(0, 300).map(str) | st.sampled_from(("00", "010", "0x1", "", " 1", "-1", "1_0", "²", "٣", "9" * 5000))
texts = st.tuples(*[numbers] * 4).map(".".join) | st.ip_addresses(v=4).map(str)
networks = (
    st.builds("{}/{}".format, texts, st.integers(0, 33).map(str) | numbers)
    | st.builds(lambda address, bits: str(IPv4Network((int(address), bits), strict=False)), st.ip_addresses(v=4), st.integers(0, 32))
    | st.text(alphabet="0123456789./", max_size=20)
)


@given(networks)
@example("10.0.0.0/255.255.0.0")
@example("10.0.0.0")
def test_what_is_canonical_is_what_ipaddress_writes(text):
    try:
        written = str(IPv4Network(text, strict=False))
    except ValueError:
        written = None
    assert canonical(text) == (text == written)
