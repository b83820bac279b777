"""Changes of keepers' accounts: proposed by one keeper, decided by another."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from liaison import keeper_changes
from liaison.admin.accounts import FreshActions
from liaison.admin.pages import service_form
from liaison.identity.gates import actor_of, recently_authenticated
from liaison.identity.roles import ADMINISTRATORS
from liaison.models import KeeperChange
from liaison.tenancy.scope import Actor
from liaison.web.admin_base import ServiceAdmin
from liaison.web.forms import ServiceForm
from liaison.words.enums import KeeperAct, Role

# An office is given on the page of appointments, where place, role and day are chosen.
_ACTS = [(act.value, act.label) for act in KeeperAct if act != KeeperAct.APPOINT]


class ProposalForm(ServiceForm):
    act = forms.ChoiceField(label="事项", choices=_ACTS)
    reason = forms.CharField(label="理由", max_length=200)

    field_order = ("account", "act", "reason")

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = keeper_changes.keepers_accounts(actor).order_by("username")
        self.fields["account"] = forms.ModelChoiceField(others, label="管理员账号", empty_label="请选择")
        self.order_fields(self.field_order)


@admin.register(KeeperChange)
class KeeperChangeAdmin(FreshActions, ServiceAdmin):
    view_roles: ClassVar[frozenset[Role]] = ADMINISTRATORS
    add_roles: ClassVar[frozenset[Role]] = ADMINISTRATORS
    visible = staticmethod(keeper_changes.visible_changes)
    task_order = 22
    task_verb = "提请"
    task_hint = "任免管理员，停用、恢复、重置、解绑管理员账号：一人提请，另一人确认。"
    list_display = (
        "account",
        "act",
        "role",
        "reason",
        "proposed_by",
        "proposed_at",
        "is_confirmed",
        "decided_by",
    )
    list_filter = ("act", "is_confirmed")
    list_select_related = ("account", "proposed_by", "decided_by")
    fields = (*list_display, "decided_at", "jurisdiction", "title", "starts_on")
    readonly_fields = fields
    actions = ("confirm", "decline")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        actor_of(request).require(*ADMINISTRATORS)
        return recently_authenticated("提请变更管理员账号")(self._add_page)(request)

    def _add_page(self, request: HttpRequest) -> HttpResponse:
        return service_form(
            self,
            request,
            ProposalForm(actor_of(request), request.POST or None),
            lambda data: self._propose(request, data),
            title="提请变更管理员账号",
            lead="提请后由另一名管理员确认才生效。任命管理员在“任职”里办理；本人的账号由其他管理员提请。",
            submit="提请",
        )

    def _propose(self, request: HttpRequest, data: dict[str, Any]) -> HttpResponse:
        change = keeper_changes.propose(actor=actor_of(request), now=timezone.now(), **data)
        self.message_user(request, f"已提请：{change}，待另一名管理员确认。", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:liaison_keeperchange_changelist"))

    @admin.action(description="确认（立即生效，每次一项）")
    def confirm(self, request: HttpRequest, rows: QuerySet[KeeperChange]) -> HttpResponse | None:
        return self._decide(request, rows, is_confirmed=True)

    @admin.action(description="不予确认（每次一项）")
    def decline(self, request: HttpRequest, rows: QuerySet[KeeperChange]) -> HttpResponse | None:
        return self._decide(request, rows, is_confirmed=False)

    def _decide(
        self, request: HttpRequest, rows: QuerySet[KeeperChange], *, is_confirmed: bool
    ) -> HttpResponse | None:
        if len(rows) != 1:
            self.message_user(request, "复核每次只能选一项，请逐项核对。", messages.ERROR)
            return None
        made: list[KeeperChange] = []

        def run(actor: Actor, row: KeeperChange) -> None:
            now = timezone.now()
            made.append(
                keeper_changes.decide(actor=actor, change_id=row.pk, is_confirmed=is_confirmed, now=now)
            )

        self.each_row(request, rows, run, "已确认，立即生效。" if is_confirmed else "已记录不予确认。")
        return self._show_password(request, made[0]) if made and made[0].password else None

    def _show_password(self, request: HttpRequest, change: KeeperChange) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "一次性密码",
            "account": change.account,
            "password": change.password,
        }
        return TemplateResponse(request, "admin/liaison/account/password.html", context)
