"""Signing in, and finding the actor behind a request, through row-level security."""

from datetime import date
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.db.models import BooleanField, Expression, ExpressionWrapper, Q, Value
from django.http import HttpRequest

from liaison.identity.roles import DEPUTIES
from liaison.identity.selectors import carried, dated
from liaison.models import Account, Appointment
from liaison.tenancy.scope import NOWHERE, Actor, acting, system_actor
from liaison.words.enums import LINKS_OF_ROLE, Role


def _reveal(key: str, value: str) -> None:
    """Let the policy show one account, before any interval is known."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [key, value])


class ScopedBackend(BaseBackend):
    """Finds an account by exactly the name or id presented; nothing else becomes visible."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> Account | None:
        if not username or password is None:
            return None
        with transaction.atomic():
            _reveal("app.login", username)
            account = Account.objects.filter(username=username).first()
            _reveal("app.login", "")
        if account is None:
            # The same work for an unknown name, so the time taken tells nothing.
            make_password(password)
            return None
        return account if account.check_password(password) and account.is_active else None

    def get_user(self, user_id: int) -> Account | None:
        with transaction.atomic():
            _reveal("app.account", str(user_id))
            return Account.objects.filter(pk=user_id, is_active=True).first()


def open_appointments(account: Account, today: date) -> list[Appointment]:
    """The account's appointments in force today, each with all people and accounts its holder is.

    The system asks: whether a seat or a post is still held is seen from no interval the account has yet. One
    query, and a second one for whoever speaks or spoke for a record.
    """
    with acting(system_actor(name="登录"), savepoint=False):
        own = Appointment._plain.filter(account=account).annotate(is_dated=_is(dated(today)))
        every: list[Any] = list(own.select_related("jurisdiction").order_by("id"))
        held = [each for each in every if each.is_dated] if account.is_active else []
        if not any(LINKS_OF_ROLE.get(Role(each.role)) or each.person_ref for each in every):
            return held
        return _carried(held, {each.person_ref for each in every if each.person_ref}, today)


def _carried(held: list[Any], people: set[int], today: date) -> list[Appointment]:
    """Those of ``held`` that are carried by what they speak for, told who else spoke for the same people."""
    roles = {Role(each.role) for each in held}
    asked = Appointment._plain.filter(Q(pk__in=[each.pk for each in held]) | Q(person_ref__in=people))
    true, selves = set[int](), set[int]()
    for row in asked.annotate(is_carried=_is(carried(today, roles))):
        true |= {row.pk} if row.is_carried else set()
        selves |= {row.account_id} if row.person_ref in people else set()
    for each in held:
        each.people, each.selves = people, selves
    return [each for each in held if each.pk in true]


def _is(condition: Q) -> Expression:
    return ExpressionWrapper(condition, output_field=BooleanField()) if condition else Value(True)


def actor_for(account: Account, appointment: Appointment | None, request_id: str = "") -> Actor:
    """The actor an account is in one appointment, or in none (which reaches no row)."""
    if appointment is None:
        return Actor(
            account.pk, None, Role.PUBLIC, *NOWHERE, display_name=account.display_name, request_id=request_id
        )
    where, spoken_for = appointment.jurisdiction, appointment.person_ref
    return Actor(
        account_id=account.pk,
        appointment_id=appointment.pk,
        role=Role(appointment.role),
        lo=where.scope_code,
        hi=where.scope_end,
        jurisdiction_id=where.pk,
        jurisdiction_name=where.name,
        post=appointment.post,
        display_name=account.display_name,
        person_id=spoken_for if appointment.role in DEPUTIES else None,
        people=frozenset(appointment.people) | ({spoken_for} if spoken_for else frozenset()),
        selves=frozenset(appointment.selves),
        station_id=appointment.station_ref,
        unit_id=appointment.unit_ref,
        group_id=appointment.group_ref,
        request_id=request_id,
    )
