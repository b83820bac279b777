"""The authenticator of an account: its key stands sealed, as everything that would let somebody in."""

from __future__ import annotations

import time
from base64 import b32encode
from binascii import Error, unhexlify
from urllib.parse import quote, urlencode

from django.db import models
from django_otp.models import Device, ThrottlingMixin, TimestampMixin
from django_otp.oath import TOTP
from django_otp.util import random_hex

from liaison.tenancy.encryption import EncryptedTextField
from liaison.words.text import read_digits

# RFC 6238 as every authenticator speaks it: six digits, a new code each 30 seconds, one step of lateness.
STEP_SECONDS, DIGITS, TOLERANCE = 30, 6, 1


def new_key() -> str:
    """160 random bits, in hexadecimal digits."""
    return str(random_hex(20))


class Authenticator(TimestampMixin, ThrottlingMixin, Device):  # type: ignore[misc]  # django-otp is untyped
    """A key shared with a telephone; django-otp counts wrong codes and finds the devices of an account."""

    key = EncryptedTextField("密钥", default=new_key)
    drift = models.SmallIntegerField("时钟偏差", default=0)
    # The step of the last code that was taken: none is taken twice.
    last_step = models.BigIntegerField("最近验证码", default=-1)

    class Meta:
        verbose_name = "手机验证器"
        verbose_name_plural = "手机验证器"

    @property
    def bin_key(self) -> bytes:
        """The key itself; empty where it was sealed with a FIELD_KEY that is lost."""
        try:
            return unhexlify(self.key.encode())
        except (Error, ValueError):
            return b""

    def totp(self) -> TOTP:
        """The codes of this moment."""
        codes = TOTP(self.bin_key, STEP_SECONDS, 0, DIGITS, self.drift)
        codes.time = time.time()
        return codes

    def verify_token(self, token: str) -> bool:
        """Whether ``token`` is the code of now, for the first time; wrong ones make the next wait longer."""
        if not self.verify_is_allowed()[0]:
            return False
        number, codes = read_digits(token), self.totp()
        if number is None or not self.bin_key or not codes.verify(number, TOLERANCE, self.last_step + 1):
            self.throttle_increment()
            return False
        self.last_step, self.drift = codes.t(), codes.drift
        self.throttle_reset(commit=False)
        self.set_last_used_timestamp(commit=False)
        self.save()
        return True

    def get_throttle_factor(self) -> int:
        return 1

    @property
    def config_url(self) -> str:
        """What the telephone's camera reads."""
        secret = b32encode(self.bin_key).decode()
        query = {"secret": secret, "algorithm": "SHA1", "digits": DIGITS, "period": STEP_SECONDS}
        return f"otpauth://totp/{quote(self.user.get_username())}?{urlencode(query)}"
