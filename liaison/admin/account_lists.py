"""What the keeper of security looks for among the accounts, and the list as a file."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from liaison.auditing import trail
from liaison.files.downloads import file_answer
from liaison.identity.gates import actor_of
from liaison.identity.selectors import in_force
from liaison.models import Account, Appointment
from liaison.sheets import write_csv
from liaison.tenancy.scope import Actor, acting
from liaison.web.admin_site import with_reason

UNUSED, IDLE, SUSPENDED = "unused", "idle", "suspended"
CSV = "text/csv; charset=utf-8"


class StandingFilter(admin.SimpleListFilter):
    """Accounts that should not be there, or not so: one-time password unchanged, no office, suspended."""

    title = "情况"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return (UNUSED, "一次性密码未修改"), (IDLE, "没有在任职务"), (SUSPENDED, "已停用")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        """Every appointment of the actor's interval counts that is true today."""
        match self.value():
            case "unused":
                return queryset.filter(must_change_password=True, is_active=True)
            case "idle":
                held = _offices(actor_of(request)).filter(account=OuterRef("pk"))
                return queryset.filter(~Exists(held), is_active=True)
            case "suspended":
                return queryset.filter(is_active=False)
        return queryset


def _offices(actor: Actor) -> QuerySet[Appointment]:
    return Appointment.scoped(actor).filter(in_force(timezone.localdate()))


@admin.action(description="导出所选账号（CSV）")
@with_reason
def export_accounts(
    model_admin: Any, request: HttpRequest, rows: QuerySet[Account], reason: str
) -> HttpResponse:
    """The chosen accounts as a table, with their offices; who took it and why stands in the trail."""
    actor, found = actor_of(request), list(rows.order_by("username"))
    offices: dict[int, list[str]] = {}
    for each in _offices(actor).filter(account__in=found).select_related("jurisdiction").order_by("pk"):
        offices.setdefault(each.account_id, []).append(str(each))
    with acting(actor), trail.operation("export_accounts", reason=reason):
        trail.note(
            "export_accounts", scope_code=actor.lo, table=Account._meta.db_table, row_id=0,
            detail={"rows": len(found)},
        )  # fmt: skip
    table = [
        (
            each.username,
            each.display_name,
            "是" if each.is_active else "否",
            "一次性密码未修改" if each.must_change_password else "",
            "；".join(offices.get(each.pk, ())),
            timezone.localdate(each.created_at),
        )
        for each in found
    ]
    data = write_csv(("账号", "姓名", "启用", "登录情况", "在任职务", "建立日期"), table)
    return file_answer(data, CSV, "账号.csv")
