"""The key that seals PINs and SSN digits in the store: from the environment or the OS keyring.

Keys are Fernet's (AES-128-CBC with HMAC-SHA-256, from `cryptography`). Several may be given, the
newest first: the first one seals, all of them open, which is what makes a rotation possible.
"""

from __future__ import annotations

import base64
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from portops.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from portops.redaction import Secret

#: The variable that holds the key, and where the keyring keeps it.
VARIABLE = "PORTOPS_SECRET_KEY"
SERVICE, ENTRY = "portops", "secret-key"

#: A phrase that is not a key itself must be this long.
LEAST = 16


class Cipher:
    """Seals and opens short texts."""

    def __init__(self, keys: Sequence[str], *, made_now: bool = False) -> None:
        from cryptography.fernet import Fernet, MultiFernet

        self._keys = [_key(key) for key in keys]
        self._fernet = MultiFernet([Fernet(key) for key in self._keys])
        self.made_now = made_now

    def derived(self, purpose: str) -> Cipher:
        """Return a cipher of another purpose: what one of the two has sealed, the other rejects."""
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        def key(of: bytes) -> str:
            kdf = HKDF(SHA256(), length=32, salt=None, info=purpose.encode())
            return base64.urlsafe_b64encode(kdf.derive(base64.urlsafe_b64decode(of))).decode()

        return Cipher([key(of) for of in self._keys])

    def seal(self, secret: Secret) -> bytes:
        """Seal a secret."""
        return self._fernet.encrypt(secret.reveal().encode())

    def unseal(self, sealed: bytes) -> str:
        """Open what was sealed; raises SettingsError when the key is another."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise _wrong_key() from None

    def renew(self, sealed: bytes) -> bytes:
        """Seal anew with the first key; raises SettingsError when no key opens it."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.rotate(sealed)
        except InvalidToken:
            raise _wrong_key() from None

    def __repr__(self) -> str:
        return "Cipher(•••)"


class Sheath:
    """Closes what belongs to a file under a key that is made of the file's own content.

    The key is used for one content only, which is why its nonce may be the same every time.
    """

    _NONCE = bytes(12)

    def __init__(self, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._aead = AESGCM(key)

    def close(self, content: bytes) -> bytes:
        """Seal."""
        return self._aead.encrypt(self._NONCE, content, None)

    def open(self, sealed: bytes) -> bytes | None:
        """Open what was closed with the same key; None for anything else."""
        from cryptography.exceptions import InvalidTag

        try:
            return self._aead.decrypt(self._NONCE, sealed, None)
        except InvalidTag:
            return None


def _wrong_key() -> SettingsError:
    return SettingsError(
        "The PINs in the store were sealed with another key.",
        f"Set {VARIABLE} to that key, or both as NEW,OLD; or remove the PINs with "
        "`portops secrets purge --all`.",
    )


def new_key() -> str:
    """Make a key."""
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


def _key(text: str) -> bytes:
    from cryptography.fernet import Fernet

    try:
        Fernet(text)
    except ValueError:
        pass
    else:
        return text.encode()
    if len(text) < LEAST:
        raise SettingsError(
            f"The key in {VARIABLE} is too short.",
            "Make one with `portops secrets key`, and keep it where passwords are kept.",
        )
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    # A phrase is stretched; the salt is fixed, because the same phrase must give the same key.
    kdf = Scrypt(salt=b"portops secret key", length=32, n=2**14, r=8, p=1)
    return base64.urlsafe_b64encode(kdf.derive(text.encode()))


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


class _NoKeyringError(Exception):
    """No keyring keeps anything here, or the extra is not installed."""


def _from_keyring() -> str | None:
    """Return what the keyring holds; raises _NoKeyringError where there is none."""
    with _keyring() as ring:
        kept: str | None = ring.get_password(SERVICE, ENTRY)
        return kept


def _to_keyring(keys: Sequence[str]) -> None:
    with _keyring() as ring:
        ring.set_password(SERVICE, ENTRY, ",".join(keys))


@contextmanager
def _keyring() -> Iterator[Any]:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise _NoKeyringError from None
    try:
        yield keyring
    except KeyringError as error:
        raise _NoKeyringError from error


def open_cipher(given: Secret | None, *, make: bool = False) -> Cipher | None:
    """Return the cipher of the given key, else of the keyring's; None where there is none.

    With `make`, a key is made in the keyring on first use; `made_now` then tells so. On a machine
    without a keyring and without the variable nothing can be sealed, and nothing is kept.
    """
    if given is not None:
        return Cipher(_split(given.reveal()))
    try:
        kept = _from_keyring()
        if kept:
            return Cipher(_split(kept))
        if not make:
            return None
        key = new_key()
        _to_keyring([key])
        # A keyring that forgets would lock the store's secrets away for ever.
        return Cipher([key], made_now=True) if _from_keyring() == key else None
    except _NoKeyringError:
        return None


@contextmanager
def rotation(given: Secret | None) -> Iterator[Cipher]:
    """Give the cipher that seals with a new key and opens with the old ones.

    The keyring gets the new key first and forgets the old ones at the end; a key of the
    environment (`given`) has to hold NEW,OLD already. Raises SettingsError.
    """
    if given is not None:
        keys = _split(given.reveal())
        if len(keys) < 2:
            raise SettingsError(
                f"{VARIABLE} holds one key, so there is nothing to change to.",
                "Make a key with `portops secrets key`, set the variable to NEW,OLD, then run "
                "this.",
            )
        yield Cipher(keys)
        return
    try:
        keys = [new_key(), *_split(_from_keyring() or "")]
        _to_keyring(keys)
    except _NoKeyringError:
        raise SettingsError(
            "This machine has no keyring, so the key comes from the environment.",
            f"Make a key with `portops secrets key`, set {VARIABLE}=NEW,OLD, then run this again.",
        ) from None
    yield Cipher(keys)
    _to_keyring(keys[:1])
