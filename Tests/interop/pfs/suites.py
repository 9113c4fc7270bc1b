"""handshake.md §3.1 and frames.md §5: the two suites, from libraries."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nacl import bindings as sodium
from nacl.exceptions import CryptoError

AES_GCM, XCHACHA = 1, 2

NOISE = {AES_GCM: b"Noise_NNpsk0_25519_AESGCM_SHA256", XCHACHA: b"Noise_NNpsk0_25519_ChaChaPoly_SHA256"}
IV_LENGTH = {AES_GCM: 12, XCHACHA: 16}
NONCE_LENGTH = {AES_GCM: 12, XCHACHA: 24}


class NotAuthentic(Exception):
    """What does not open. There is no other reason to know."""


def seal(suite, key, nonce, plaintext, associated):
    if suite == AES_GCM:
        return AESGCM(key).encrypt(nonce, plaintext, associated)
    return sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, associated, nonce, key)


def open_sealed(suite, key, nonce, sealed, associated):
    try:
        if suite == AES_GCM:
            return AESGCM(key).decrypt(nonce, sealed, associated)
        return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, associated, nonce, key)
    except (InvalidTag, CryptoError, ValueError) as error:
        raise NotAuthentic from error


def frame_nonce(suite, iv, sequence):
    if suite == XCHACHA:
        return iv + sequence.to_bytes(8, "big")
    return (int.from_bytes(iv, "big") ^ sequence).to_bytes(12, "big")
