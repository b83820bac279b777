"""Enrolling and removing second factors (django-otp keeps the secrets and refuses replays)."""

import base64
import secrets

from django.db import transaction
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from liaison.auditing import trail
from liaison.identity import access, accounts, keepers
from liaison.models import Account
from liaison.tenancy.scope import require_actor
from liaison.words.enums import Role

RECOVERY_CODES = 8
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def pending(account: Account) -> TOTPDevice | None:
    """The authenticator being bound, not confirmed yet."""
    return TOTPDevice.objects.filter(user=account, confirmed=False).order_by("-id").first()


def begin(account: Account) -> TOTPDevice:
    """A fresh key for the authenticator; one begun before and never confirmed is thrown away."""
    with transaction.atomic():
        TOTPDevice.objects.filter(user=account, confirmed=False).delete()
        return TOTPDevice.objects.create(user=account, name="手机验证器", confirmed=False)


def complete(account: Account, device: TOTPDevice, token: str) -> list[str] | None:
    """Confirm the authenticator by one of its codes; returns the recovery codes, to be shown once.

    ``None`` when the code is wrong.
    """
    if not device.verify_token(token):
        return None
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        device.confirmed = True
        device.save(update_fields=["confirmed"])
        StaticDevice.objects.filter(user=account).delete()
        printed = StaticDevice.objects.create(user=account, name="备用码", confirmed=True)
        for code in codes:
            printed.token_set.create(token=code)
        accounts.note_of(account, "enrol_second_factor")
    return codes


def key_of(device: TOTPDevice) -> str:
    """The key in groups of four, to be typed where no camera is at hand."""
    key = base64.b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(key[at : at + 4] for at in range(0, len(key), 4))


def remove(*, account: Account, reason: str) -> None:
    """Unbind a lost phone: for the security administrator, with a reason in the audit trail."""
    actor = require_actor()
    actor.require(Role.SECURITY_ADMIN)
    row = access.account(actor, account.pk)
    keepers.require_other(actor, row)
    with trail.operation("remove_second_factor", reason=reason):
        TOTPDevice.objects.filter(user_id=row.pk).delete()
        StaticDevice.objects.filter(user_id=row.pk).delete()
        trail.note("remove_second_factor", scope_code=row.scope_code, table=row._meta.db_table, row_id=row.pk)
