"""How does content of a case lie on the disk? Encrypted with the case's key, which is wrapped with its tenant's key.

AES-256-GCM throughout (NIST SP 800-38D) with 96-bit random nonces. The associated data binds every ciphertext to
tenant, case and name, so that a row moved to another place does not open. Layouts, byte by byte:

    wrapped data key   01 | key id, 4 bytes derived from the tenant's key | nonce, 12 | ciphertext and tag
    sealed content     01 | nonce, 12 | ciphertext and tag
"""

import contextlib
import hashlib
import hmac
import os
import re
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from leitstand.domain.errors import Phrase, StoreUnusable, translatable
from leitstand.randomness import random_bytes

_VERSION = b"\x01"
_CHECK = b"leitstand tenant key"

MOST_AT_HAND = 1024
"""Ciphers remembered, nearly 3 KB each; a case whose cipher was let go has its key read again."""

_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")


class TenantKey:
    """What wraps the data keys of one tenant; ``id`` goes with each of them, so that rotated keys are told apart."""

    def __init__(self, key: bytes) -> None:
        self.cipher = AESGCM(key)
        self.id = hashlib.sha256(b"key id" + key).digest()[:4]
        self._marking = hashlib.sha256(b"marks" + key).digest()

    def mark(self, digest: bytes) -> bytes:
        """A digest that says nothing to who has not the key: else somebody could try what was asked."""
        return hmac.digest(self._marking, digest, "sha256")


class TenantKeys:
    """The tenants' keys: 32 random bytes each in ``<folder>/<tenant>.key``, mode 0600, made at first use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keys: dict[str, TenantKey] = {}

    def verify(self, tenant_id: str, key_check: bytes) -> None:
        """Raise ``StoreUnusable`` unless the key file is there and is the one that sealed this tenant's contents."""
        path = self._path(tenant_id)
        if not path.exists():
            way_out = translatable(
                "Restore it from the backup of the keys; without it the contents of the tenant's cases cannot be read."
            )
            raise StoreUnusable(
                path=path,
                detail=Phrase(translatable("the key of tenant {tenant} is missing"), tenant=tenant_id),
                way_out=way_out,
            )
        try:
            unwrap(self.key(tenant_id), key_check, tenant_id, "")
        except ContentUnreadable:
            way_out = translatable("Restore the key that belongs to this database.")
            raise StoreUnusable(
                path=path,
                detail=Phrase(
                    translatable("it is not the key that sealed the cases of tenant {tenant}"), tenant=tenant_id
                ),
                way_out=way_out,
            ) from None

    def check(self, tenant_id: str) -> bytes:
        """What ``verify`` recognises the tenant's key by."""
        return wrap(self.key(tenant_id), _CHECK, tenant_id, "")

    def key(self, tenant_id: str) -> TenantKey:
        """The tenant's key; made, and durable, when there is none."""
        if tenant_id not in self._keys:
            path = self._path(tenant_id)
            if not path.exists():
                _create(path)
            key = path.read_bytes()
            if len(key) != 32:
                detail = Phrase(translatable("a key has 32 bytes, this has {size}"), size=len(key))
                raise StoreUnusable(path=path, detail=detail, way_out=translatable("Restore the key."))
            self._keys[tenant_id] = TenantKey(key)
        return self._keys[tenant_id]

    def _path(self, tenant_id: str) -> Path:
        if not _TENANT.fullmatch(tenant_id):
            raise ValueError(f"{tenant_id!r} is no tenant id: letters, digits, - and _, at most 63")
        return self._folder / f"{tenant_id}.key"


class ContentUnreadable(Exception):
    """A ciphertext does not open with this key at this place."""


class CaseKeys:
    """Data keys of cases: made, wrapped and unwrapped; those of the cases at hand are remembered."""

    def __init__(self, tenants: TenantKeys, most_at_hand: int = MOST_AT_HAND) -> None:
        self._tenants = tenants
        self._most = most_at_hand
        self._at_hand: dict[tuple[str, str], AESGCM] = {}

    def create(self, tenant_id: str, case_id: str) -> tuple[bytes, AESGCM]:
        """A fresh data key for a new case, wrapped, and its cipher; whoever goes on with the case lets it ``keep``."""
        key = random_bytes(32)
        return wrap(self._tenants.key(tenant_id), key, tenant_id, case_id), AESGCM(key)

    def keep(self, tenant_id: str, case_id: str, cipher: AESGCM) -> None:
        """Have the cipher of a case at hand from now on."""
        if len(self._at_hand) >= self._most:
            del self._at_hand[next(iter(self._at_hand))]
        self._at_hand[tenant_id, case_id] = cipher

    def at_hand(self, tenant_id: str, case_id: str) -> AESGCM | None:
        """The cipher of a case that this process works on; None when its wrapped key has to be read."""
        return self._at_hand.get((tenant_id, case_id))

    def open(self, wrapped: bytes, tenant_id: str, case_id: str) -> AESGCM:
        """The cipher behind a wrapped data key, at hand from now on; raises ``ContentUnreadable``."""
        cipher = AESGCM(unwrap(self._tenants.key(tenant_id), wrapped, tenant_id, case_id))
        self.keep(tenant_id, case_id, cipher)
        return cipher

    def forget(self, tenant_id: str, case_id: str) -> None:
        """Let go of a key: the case has ended, waits, or was erased."""
        self._at_hand.pop((tenant_id, case_id), None)


def seal(cipher: AESGCM, payload: bytes, tenant_id: str, case_id: str, name: str) -> bytes:
    """``payload`` sealed for its place."""
    nonce = random_bytes(12)
    return _VERSION + nonce + cipher.encrypt(nonce, payload, _place_of_content(tenant_id, case_id, name))


def unseal(cipher: AESGCM, sealed: bytes, tenant_id: str, case_id: str, name: str) -> bytes:
    """The payload again; raises ``ContentUnreadable`` when anything was changed or moved."""
    try:
        _check_header(sealed, _VERSION)
        return cipher.decrypt(sealed[1:13], sealed[13:], _place_of_content(tenant_id, case_id, name))
    except (InvalidTag, ValueError) as error:
        raise ContentUnreadable(f"content {name} of case {case_id}") from error


def wrap(tenant_key: TenantKey, key: bytes, tenant_id: str, case_id: str) -> bytes:
    """A data key sealed with the tenant's key."""
    nonce = random_bytes(12)
    return _VERSION + tenant_key.id + nonce + tenant_key.cipher.encrypt(nonce, key, _place_of_key(tenant_id, case_id))


def unwrap(tenant_key: TenantKey, wrapped: bytes, tenant_id: str, case_id: str) -> bytes:
    """The data key again; raises ``ContentUnreadable``."""
    try:
        _check_header(wrapped, _VERSION + tenant_key.id)
        return tenant_key.cipher.decrypt(wrapped[5:17], wrapped[17:], _place_of_key(tenant_id, case_id))
    except (InvalidTag, ValueError) as error:
        raise ContentUnreadable(f"data key of case {case_id}") from error


def _check_header(sealed: bytes, header: bytes) -> None:
    if not sealed.startswith(header):
        raise ValueError(f"sealed as {sealed[: len(header)].hex()}, expected {header.hex()}")


def _place_of_content(tenant_id: str, case_id: str, name: str) -> bytes:
    return f"leitstand\0content\0{tenant_id}\0{case_id}\0{name}".encode()


def _place_of_key(tenant_id: str, case_id: str) -> bytes:
    return f"leitstand\0key\0{tenant_id}\0{case_id}".encode()


def _create(path: Path) -> None:
    """A new key file, unless another process makes it right now; durable before anything is sealed with it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = random_bytes(32)
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(fd, key)
        os.fsync(fd)
    finally:
        os.close(fd)
    with contextlib.suppress(FileExistsError):  # another process was quicker: its key counts
        os.link(draft, path)
    draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
