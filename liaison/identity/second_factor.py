"""Enrolling, asking for and removing second factors: sealed keys, and recovery codes kept as digests."""

import base64
import secrets

from django.db import transaction
from django_otp import devices_for_user
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice

from liaison.auditing import trail
from liaison.identity import access, accounts, keepers
from liaison.models import Account, Authenticator
from liaison.tenancy.encryption import lookup_digests
from liaison.tenancy.scope import acting, require_actor
from liaison.words.enums import Role

RECOVERY_CODES = 8
# As many characters as the table of django-otp holds: 64 bits of the digest.
_DIGEST = 16
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def pending(account: Account) -> Authenticator | None:
    """The authenticator being bound, not confirmed yet."""
    found: Authenticator | None = Authenticator.objects.filter(user=account, confirmed=False).last()
    return found


def begin(account: Account) -> Authenticator:
    """A fresh key for the authenticator; one begun before and never confirmed is thrown away."""
    with transaction.atomic():
        Authenticator.objects.filter(user=account, confirmed=False).delete()
        begun: Authenticator = Authenticator.objects.create(user=account, name="手机验证器", confirmed=False)
    return begun


def complete(account: Account, device: Authenticator, token: str) -> list[str] | None:
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
            printed.token_set.create(token=code_digests(code)[0])
        with acting(accounts.as_owner(account)), trail.operation("enrol_second_factor"):
            account.second_factor = device.pk
            account.save(update_fields=["second_factor"])
        accounts.note_of(account, "enrol_second_factor")
    return codes


def code_digests(code: str) -> list[str]:
    """What stands in the table for a recovery code of 49 bits, under the present key and each former one."""
    return [digest[:_DIGEST] for digest in lookup_digests(f"recovery:{code}")]


def match(account: Account, token: str) -> Device | None:
    """The device whose code ``token`` is; rows are locked, so that no code is taken twice at once."""
    with transaction.atomic():
        for device in devices_for_user(account, for_verify=True):
            if device.verify_token(_as_kept(device, token)):
                return device
    return None


def _as_kept(device: Device, token: str) -> str:
    if not isinstance(device, StaticDevice):
        return token
    digests = code_digests(token)
    kept = device.token_set.filter(token__in=digests).values_list("token", flat=True).first()
    return kept or digests[0]


def key_of(device: Authenticator) -> str:
    """The key in groups of four, to be typed where no camera is at hand."""
    key = base64.b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(key[at : at + 4] for at in range(0, len(key), 4))


def remove(*, account: Account, reason: str) -> None:
    """Unbind a lost phone: for the security administrator, with a reason in the audit trail."""
    actor = require_actor()
    actor.require(Role.SECURITY_ADMIN)
    row = access.account(actor, account.pk)
    keepers.require_other(actor, row)
    keepers.require_second(actor, row)
    with trail.operation("remove_second_factor", reason=reason):
        Authenticator.objects.filter(user_id=row.pk).delete()
        StaticDevice.objects.filter(user_id=row.pk).delete()
        if row.second_factor is None:
            trail.note(
                "remove_second_factor", scope_code=row.scope_code, table=row._meta.db_table, row_id=row.pk
            )
            return
        row.second_factor = None
        row.save(update_fields=["second_factor"])
