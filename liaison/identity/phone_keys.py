"""The key a phone encrypts its unsent records with: derived for one appointment, given to it alone.

What stays on a shared phone after signing out is unreadable until the same appointment signs in again. The
phone holds the key only while it may work without signal, and never in a form it could hand out.
"""

import base64
import hashlib

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from liaison.tenancy.scope import Actor
from liaison.words.errors import Forbidden

KEY_BYTES = 32
_SALT = b"liaison.phone.v1"


def phone_keys(actor: Actor) -> list[dict[str, str]]:
    """AES-256 keys as ``{"id", "key"}``, base64; the first encrypts, later ones read what is older.

    One for each of ``settings.FIELD_KEYS``, so a change of key leaves nothing on a phone unreadable.
    ``Forbidden`` without an account and an appointment.
    """
    if actor.account_id is None or actor.appointment_id is None:
        raise Forbidden()
    return [_derived(secret, actor) for secret in settings.FIELD_KEYS]


def _derived(secret: str, actor: Actor) -> dict[str, str]:
    info = f"{actor.account_id}-{actor.appointment_id}".encode()
    key = HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=_SALT, info=info).derive(secret.encode())
    return {"id": hashlib.sha256(key).hexdigest()[:8], "key": base64.b64encode(key).decode()}
