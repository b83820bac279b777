"""The audit trail, to be read by the audit administrator alone; nobody can change it."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar

from django.apps import apps
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from liaison.auditing.operation_names import OPERATION_NAMES
from liaison.auditing.trail import shown_detail
from liaison.models import Account, AuditEntry
from liaison.templatetags.liaison_admin import audit_who, operation_name
from liaison.tenancy.rls import scoped_model_classes
from liaison.web.admin_base import ServiceAdmin
from liaison.words.enums import Role

CHANGES = {"insert": "新增", "update": "修改", "delete": "删除", "note": "事项"}


def table_names() -> dict[str, str]:
    """What each table is called on pages."""
    names = {model._meta.db_table: str(model._meta.verbose_name) for model in scoped_model_classes()}
    for label in ("liaison.Jurisdiction", "liaison.CalendarYear"):
        model = apps.get_model(label)
        names[model._meta.db_table] = str(model._meta.verbose_name)
    return names


class _ChosenFilter(admin.SimpleListFilter):
    """A filter over one column with Chinese words for its values."""

    column = ""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.column: self.value()}) if self.value() else queryset


class OperationFilter(_ChosenFilter):
    title = "操作"
    parameter_name = column = "operation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return OPERATION_NAMES.items()


class TableFilter(_ChosenFilter):
    title = "数据表"
    parameter_name = column = "table_name"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return sorted(table_names().items(), key=lambda item: item[1])


class ChangeFilter(_ChosenFilter):
    title = "变动"
    parameter_name = column = "change"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return CHANGES.items()


class PeriodFilter(admin.SimpleListFilter):
    title = "时间"
    parameter_name = "days"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return (("1", "最近一天"), ("7", "最近七天"), ("30", "最近三十天"), ("180", "最近半年"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        days = self.value()
        if days not in {"1", "7", "30", "180"}:
            return queryset
        return queryset.filter(at__gte=timezone.now() - timedelta(days=int(days)))


@admin.register(AuditEntry)
class AuditEntryAdmin(ServiceAdmin):
    view_roles: ClassVar[frozenset[Role]] = frozenset({Role.AUDIT_ADMIN})
    task_order = 30
    task_hint = "谁在何时以何职务做了什么；只能查阅。"
    list_display = ("at", "who", "what", "where", "row_ref", "kind", "reason")
    list_filter = (PeriodFilter, OperationFilter, TableFilter, ChangeFilter)
    search_fields = ("actor", "request_ref", "reason")
    search_help_text = "按操作人、账号、请求编号或理由查找"
    fields = (
        "scope_code",
        "seq",
        "at",
        "who",
        "what",
        "kind",
        "where",
        "row_ref",
        "reason",
        "told",
        "account_ref",
        "appointment_ref",
        "request_ref",
        "prev_hash",
        "hash",
    )
    readonly_fields = fields

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """A whole account name finds what the account did and what was done to it; the details answer no
        guesses: entries older than the rule of ``liaison.tenancy.audited_columns`` still hold marks.
        """
        found, twice = super().get_search_results(request, queryset, search_term)
        named = Account.objects.filter(username=search_term.strip().lower()).values_list("pk", flat=True)
        ids = list(named)
        if ids:
            about = Q(table_name=Account._meta.db_table, row_ref__in=ids)
            found = found | queryset.filter(Q(account_ref__in=ids) | about)
        return found, twice

    @admin.display(description="内容")
    def told(self, entry: AuditEntry) -> str:
        return shown_detail(entry)

    @admin.display(description="操作人", ordering="actor")
    def who(self, entry: AuditEntry) -> str:
        return audit_who(entry)

    @admin.display(description="操作", ordering="operation")
    def what(self, entry: AuditEntry) -> str:
        return operation_name(entry.operation)

    @admin.display(description="数据表", ordering="table_name")
    def where(self, entry: AuditEntry) -> str:
        return _TABLES.get(entry.table_name) or _TABLES.setdefault(
            entry.table_name, table_names().get(entry.table_name, entry.table_name)
        )

    @admin.display(description="变动", ordering="change")
    def kind(self, entry: AuditEntry) -> str:
        return CHANGES.get(entry.change, entry.change)


_TABLES: dict[str, str] = {}
