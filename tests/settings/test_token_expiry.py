import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings.token_expiry import token_expiry_ms


def token(claims: Any) -> str:
    """A token as a broker makes it, unpadded, with a signature nobody checks."""
    parts = (json.dumps(part).encode() for part in ({"alg": "HS512"}, claims))
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), "c2ln"])


def test_reads_the_end_of_a_token_without_its_key():
    claims = {"iss": "dhan", "exp": 1795243800, "tokenConsumerType": "SELF", "dhanClientId": "1100001111"}
    assert token_expiry_ms(token(claims)) == 1795243800_000


@pytest.mark.parametrize("exp", [None, "soon", True, 0, -1, 1e300, [], float("inf")])
def test_an_end_that_is_no_time_is_none(exp: object):
    assert token_expiry_ms(token({"exp": exp})) is None


@pytest.mark.parametrize("claims", [[], "exp", 3, None, {}])
def test_claims_that_are_no_table_have_no_end(claims: object):
    assert token_expiry_ms(token(claims)) is None


@given(
    st.one_of(
        st.text(),
        st.text().map(lambda text: f"a.{text}.b"),
        st.binary().map(lambda raw: f"a.{base64.urlsafe_b64encode(raw).decode()}.b"),
    )
)
def test_any_text_is_read_without_an_exception(text: str):
    assert token_expiry_ms(text) is None


def test_a_deeply_nested_token_is_no_token():
    deep = base64.urlsafe_b64encode(b"[" * 100_000).decode()
    assert token_expiry_ms(f"a.{deep}.b") is None
