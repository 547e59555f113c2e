"""Task tokens at rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.database.encryption import Cipher

OLD = "the old secret, of 32 characters"
NEW = "the new secret, of 32 characters"


@given(st.binary())
def test_what_was_encrypted_is_decrypted(plain: bytes) -> None:
    cipher = Cipher([NEW])
    encrypted = cipher.encrypt(plain)
    assert cipher.decrypt(encrypted) == plain


def test_the_same_token_never_looks_the_same_and_never_like_itself() -> None:
    cipher = Cipher([NEW])
    once, twice = cipher.encrypt(b"a task token"), cipher.encrypt(b"a task token")
    assert once != twice
    assert b"task token" not in once


def test_an_old_key_still_decrypts_and_the_new_one_encrypts() -> None:
    before = Cipher([OLD]).encrypt(b"token")
    rotated = Cipher([NEW, OLD])
    assert rotated.decrypt(before) == b"token"
    assert Cipher([NEW]).decrypt(rotated.encrypt(b"token")) == b"token"
    assert Cipher([OLD]).decrypt(rotated.encrypt(b"token")) is None


@pytest.mark.parametrize("wrong", [b"", b"not a token", b"\xff\x00", b"gAAAAA"])
def test_what_no_key_fits_is_nothing(wrong: bytes) -> None:
    assert Cipher([NEW]).decrypt(wrong) is None


def test_what_was_changed_is_nothing() -> None:
    encrypted = Cipher([NEW]).encrypt(b"token")
    middle = len(encrypted) // 2
    changed = b"A" if encrypted[middle : middle + 1] != b"A" else b"B"
    assert Cipher([NEW]).decrypt(encrypted[:middle] + changed + encrypted[middle + 1 :]) is None


def test_a_secret_may_be_of_any_alphabet() -> None:
    secret = "ключ🔑 " * 8
    assert Cipher([secret]).decrypt(Cipher([secret]).encrypt(b"token")) == b"token"
