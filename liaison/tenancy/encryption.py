"""Personal data at rest: encrypted text columns and the digest that finds them again."""

import hashlib
import hmac
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.db.models.expressions import Combinable

if TYPE_CHECKING:
    # What may be assigned and what is read. At run time Django's fields take no arguments in brackets.
    _Text = models.TextField[str | Combinable, str]
    _Bytes = models.BinaryField[bytes | Combinable, bytes]
else:
    _Text = models.TextField
    _Bytes = models.BinaryField


@lru_cache(maxsize=1)
def _cipher() -> MultiFernet:
    # The first key encrypts; older keys stay readable after a change of key.
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])


def lookup_digest(value: str) -> str:
    """A keyed digest of a normalised value, to find equal values without reading them."""
    if not value:
        return ""
    return hmac.new(settings.FIELD_KEYS[0].encode(), value.encode(), hashlib.sha256).hexdigest()[:32]


def lookup_digests(value: str) -> list[str]:
    """The digests of ``value`` under the present key and each former one, for what is only ever compared."""
    return [
        hmac.new(key.encode(), value.encode(), hashlib.sha256).hexdigest()[:32] for key in settings.FIELD_KEYS
    ]


class EncryptedTextField(_Text):
    """Text kept encrypted in the database (个人信息保护法: security measures fit to the data)."""

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return text if not text else _cipher().encrypt(str(text).encode()).decode()

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        if not value:
            return value
        try:
            return _cipher().decrypt(value.encode()).decode()
        except InvalidToken:
            # A lost key must not take the page down; the value is shown as unreadable.
            return "（无法解密）"


class SealedBytesField(_Bytes):
    """Bytes kept encrypted in the database: papers made for one pair of hands."""

    def get_prep_value(self, value: Any) -> Any:
        data = super().get_prep_value(value)
        return data if data is None else _cipher().encrypt(bytes(data))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> bytes | None:
        """Raises ``InvalidToken`` when the key is lost: half a paper is worse than none."""
        return None if value is None else _cipher().decrypt(bytes(value))
