"""Accounts and the appointments they act in."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone

from liaison.identity.roles import APPOINTABLE, STAFF
from liaison.tenancy.models import ScopedModel
from liaison.tenancy.scope import current_actor
from liaison.words.enums import (
    LINKS_OF_ROLE,
    Role,
    post_name,
)


class AccountManager(BaseUserManager["Account"]):
    """Plain manager: row-level security shows only the own account until an actor acts."""

    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(username=username)


class Account(AbstractBaseUser):  # type: ignore[django-manager-missing]  # that of django-otp, untyped
    """A sign-in name. What it may do comes from the appointment it currently acts in."""

    username = models.CharField("账号", max_length=40, unique=True)
    display_name = models.CharField("姓名", max_length=40)
    email = models.EmailField("电子邮箱", blank=True)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("首次登录须改密码", default=True)
    # The authenticator that counts; a session has proved this very one, or is asked for it.
    second_factor = models.BigIntegerField("手机验证器", null=True, editable=False)
    # When the keepers of security were last told that this account was refused again and again.
    probed_at = models.DateTimeField("访问异常", null=True, editable=False)
    scope_code = models.BigIntegerField("管辖代码", editable=False)
    created_at = models.DateTimeField("建立时间", default=timezone.now, editable=False)
    # Sign-ins stand in the audit trail. Without the field Django does not write the account at each one,
    # which it could not: nobody acts yet when somebody signs in.
    last_login = None

    objects = AccountManager()

    # Only on an account just made and stored nowhere.
    initial_password: str

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]
    audit_plain: ClassVar[tuple[str, ...]] = ("username", "is_active", "must_change_password")

    class Meta:
        verbose_name = "账号"
        verbose_name_plural = "账号"
        indexes = [models.Index(fields=["scope_code"], name="account_scope")]

    def __str__(self) -> str:
        return f"{self.display_name}（{self.username}）"

    def check_password(self, raw_password: str | None) -> bool:
        """Whether it is the one. Nothing is hashed anew here: nobody acts yet who could write the account."""
        return check_password(raw_password, self.password)

    @property
    def is_staff(self) -> bool:
        """Whether the appointment acted in works in the browser admin."""
        actor = current_actor()
        return actor is not None and actor.account_id == self.pk and actor.role in STAFF

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Django's own permissions are not used: each admin asks the actor's role."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


def _whole() -> Q:
    """Every role that speaks for a record of an upper floor names that record."""
    whole = Q()
    for role, columns in LINKS_OF_ROLE.items():
        whole &= ~Q(role=role.value) | Q(**{f"{column}__isnull": False for column in columns})
    return whole


WHOLE = _whole()


class Appointment(ScopedModel):
    """One role in one jurisdiction for a time; an account acts in one appointment at a time.

    ``person_ref`` and its siblings name the record of an upper floor this appointment speaks for
    (a deputy's person, a clerk's station, a unit, a group); the ground knows the number only. Which of
    them a role needs stands in ``LINKS_OF_ROLE``: without it an appointment cannot be in force.
    """

    account = models.ForeignKey(
        "liaison.Account", verbose_name="账号", on_delete=models.PROTECT, related_name="appointments"
    )
    jurisdiction = models.ForeignKey(
        "liaison.Jurisdiction", verbose_name="任职区域", on_delete=models.PROTECT
    )
    role = models.CharField("职务", max_length=20, choices=[(r.value, r.label) for r in APPOINTABLE])
    title = models.CharField("职务名称", max_length=40, blank=True)
    person_ref = models.BigIntegerField("对应人员", null=True, blank=True, editable=False)
    station_ref = models.BigIntegerField("对应联络站", null=True, blank=True, editable=False)
    unit_ref = models.BigIntegerField("对应承办单位", null=True, blank=True, editable=False)
    group_ref = models.BigIntegerField("对应代表小组", null=True, blank=True, editable=False)
    starts_on = models.DateField("任职日期")
    ends_on = models.DateField("免职日期", null=True, blank=True)

    audit_plain: ClassVar[tuple[str, ...]] = ("account_id", "role", "jurisdiction_id", "starts_on", "ends_on")

    # Filled at the door only: the people its account ever spoke for, and the accounts that spoke for them.
    people: Iterable[int] = ()
    selves: Iterable[int] = ()

    class Meta:
        verbose_name = "任职"
        verbose_name_plural = "任职"
        ordering = ["id"]
        indexes = [
            models.Index(fields=["scope_code", "role"], name="appointment_scope_role"),
            models.Index(fields=["person_ref"], name="appointment_person"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="appointment_dates",
            ),
            # One made before this rule was ended by the migration: what it spoke for cannot be made up.
            models.CheckConstraint(condition=WHOLE | Q(ends_on__isnull=False), name="appointment_whole"),
            models.UniqueConstraint(
                fields=["account", "jurisdiction", "role"],
                condition=Q(ends_on__isnull=True),
                name="appointment_once_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction} {self.post}"

    @property
    def post(self) -> str:
        """What the office is called: the title given, else the role in the words of the place's level."""
        return str(self.title) or post_name(Role(self.role), self.jurisdiction.level)
