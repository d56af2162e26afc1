"""Does content open only with its key, at its place, unchanged?"""

import stat

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from leitstand.domain.errors import StoreUnusable
from leitstand.stores.sealed_content import (
    CaseKeys,
    ContentUnreadable,
    TenantKey,
    TenantKeys,
    seal,
    unseal,
    unwrap,
    wrap,
)

CIPHER = AESGCM(bytes(32))
TENANT_KEY = TenantKey(b"t" * 32)
PLACE = ("default", "case-1", "draft")


@pytest.fixture
def tenants(tmp_path):
    return TenantKeys(tmp_path / "keys")


def test_the_key_file_is_private_and_stays(tenants, tmp_path):
    key = tenants.key("default")
    path = tmp_path / "keys" / "default.key"
    assert path.stat().st_size == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert TenantKeys(tmp_path / "keys").key("default").id == key.id
    assert tenants.key("other").id != key.id


@pytest.mark.parametrize("tenant_id", ["../default", "", "a/b", ".hidden", "x" * 64, "ä"])
def test_a_tenant_id_is_no_path(tenants, tenant_id):
    with pytest.raises(ValueError, match="no tenant id"):
        tenants.key(tenant_id)


@given(st.binary(max_size=5000))
def test_a_payload_comes_back(payload):
    assert unseal(CIPHER, seal(CIPHER, payload, *PLACE), *PLACE) == payload


def test_the_same_payload_never_looks_the_same():
    assert len({seal(CIPHER, b"same", *PLACE) for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "place", [("other", "case-1", "draft"), ("default", "case-2", "draft"), ("default", "case-1", "input")]
)
def test_a_row_moved_elsewhere_does_not_open(place):
    with pytest.raises(ContentUnreadable):
        unseal(CIPHER, seal(CIPHER, b"payload", *PLACE), *place)


def test_every_changed_byte_is_noticed():
    sealed = seal(CIPHER, b"payload", *PLACE)
    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(ContentUnreadable):
            unseal(CIPHER, changed, *PLACE)
    for length in range(len(sealed)):
        with pytest.raises(ContentUnreadable):
            unseal(CIPHER, sealed[:length], *PLACE)


def test_a_wrapped_key_opens_with_its_tenants_key_at_its_case():
    wrapped = wrap(TENANT_KEY, b"k" * 32, "default", "case-1")
    assert unwrap(TENANT_KEY, wrapped, "default", "case-1") == b"k" * 32
    for tenant_key, tenant_id, case_id in (
        (TenantKey(b"x" * 32), "default", "case-1"),
        (TENANT_KEY, "other", "case-1"),
        (TENANT_KEY, "default", "case-2"),
    ):
        with pytest.raises(ContentUnreadable):
            unwrap(tenant_key, wrapped, tenant_id, case_id)
    for place in range(len(wrapped)):
        with pytest.raises(ContentUnreadable):
            unwrap(
                TENANT_KEY, wrapped[:place] + bytes([wrapped[place] ^ 1]) + wrapped[place + 1 :], "default", "case-1"
            )


def test_keys_at_hand_are_let_go(tenants):
    keys = CaseKeys(tenants)
    wrapped, cipher = keys.create("default", "case-1")
    assert keys.at_hand("default", "case-1") is None
    keys.keep("default", "case-1", cipher)
    assert keys.at_hand("default", "case-1") is cipher
    assert keys.at_hand("other", "case-1") is None
    keys.forget("default", "case-1")
    assert keys.at_hand("default", "case-1") is None
    sealed = seal(keys.open(wrapped, "default", "case-1"), b"payload", *PLACE)
    assert unseal(CaseKeys(tenants).open(wrapped, "default", "case-1"), sealed, *PLACE) == b"payload"


def test_only_so_many_keys_are_at_hand(tenants):
    keys = CaseKeys(tenants, most_at_hand=10)
    for number in range(30):
        keys.keep("default", f"case-{number}", keys.create("default", f"case-{number}")[1])
    assert [keys.at_hand("default", f"case-{number}") is not None for number in (0, 19, 20, 29)] == [
        False,
        False,
        True,
        True,
    ]


def test_a_lost_or_foreign_key_is_said(tenants, tmp_path):
    check = tenants.check("default")
    tenants.verify("default", check)
    path = tmp_path / "keys" / "default.key"
    key = path.read_bytes()
    for content, words in ((b"x" * 32, "not the key that sealed"), (b"short", "a key has 32 bytes, this has 5")):
        path.write_bytes(content)
        with pytest.raises(StoreUnusable, match=words):
            TenantKeys(tmp_path / "keys").verify("default", check)
    path.unlink()
    with pytest.raises(StoreUnusable, match="key of tenant default is missing"):
        TenantKeys(tmp_path / "keys").verify("default", check)
    assert not path.exists()
    path.write_bytes(key)
    TenantKeys(tmp_path / "keys").verify("default", check)
