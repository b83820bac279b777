"""Accounts and appointments: the security administrator's doors. Nothing is deleted, only ended."""

from collections.abc import Iterable, Sized
from datetime import date, datetime
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from liaison import hooks, keeper_changes
from liaison.admin.account_lists import StandingFilter, export_accounts
from liaison.admin.pages import EditPage, service_form
from liaison.identity import access, accounts, keepers, second_factor
from liaison.identity.gates import actor_of, recently_authenticated
from liaison.identity.roles import ADMINISTRATORS, APPOINTABLE, REGISTRARS
from liaison.models import Account, Appointment, Jurisdiction
from liaison.tenancy.scope import Actor, require_actor
from liaison.web.admin_base import ServiceAdmin
from liaison.web.admin_site import with_reason
from liaison.web.edit_forms import RowForm
from liaison.web.forms import DayField, ServiceForm, choice
from liaison.web.generic import ModelAdmin
from liaison.words.enums import LINKS_OF_ROLE, KeeperAct, Role
from liaison.words.text import read_digits

KEEPER = frozenset({Role.SECURITY_ADMIN})
PROPOSED = "涉及管理员的{}项已经提请，由另一名管理员在“管理员账号变更”里确认后生效。"


class PlaceChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs only
    """A place that was closed still takes appointments: of those who finish what it left open."""

    def label_from_instance(self, obj: Jurisdiction) -> str:
        return f"{obj}（已撤销）" if obj.closed_on else str(obj)


def places(actor: Actor) -> PlaceChoice:
    return PlaceChoice(access.jurisdictions(actor), label="区域", empty_label="请选择")


class AccountForm(ServiceForm):
    username = forms.CharField(label="账号", max_length=40, help_text="登录用，如姓名全拼；建立后不能更改。")
    display_name = forms.CharField(label="姓名", max_length=40)
    email = forms.EmailField(label="电子邮箱", required=False, help_text="填写后，通知同时发到邮箱。")

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"] = places(actor)


class EditAccountForm(RowForm):
    class Meta(RowForm.Meta):
        model = Account
        fields = ("display_name", "email")
        help_texts: ClassVar = {"email": "填写后，通知同时发到邮箱。"}

    def locked(self, actor: Actor) -> Account | None:
        return access.accounts(actor).select_for_update(of=("self",)).filter(pk=self.row.pk).first()

    def write(self, *, actor: Actor, now: datetime) -> Account:
        values = self._known | self.changes()
        return accounts.edit_account(account=self.row, **values)


class FreshActions(ModelAdmin):
    """What is done to accounts from a list: with a password given just now, to keepers by two of them."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        page = partial(super().changelist_view, extra_context=extra_context)
        if request.method != "POST" or "action" not in request.POST:
            return page(request)
        return recently_authenticated("办理账号和任免")(page)(request)

    def propose_keepers(
        self, request: HttpRequest, rows: Iterable[Account], act: KeeperAct, reason: str
    ) -> list[Account]:
        """Lay what concerns keepers before the others; the rest, to be done at once, comes back."""
        theirs = [account for account in rows if keepers.is_keepers_matter(account)]
        for account in theirs:
            keeper_changes.propose(
                actor=actor_of(request), account=account, act=act, reason=reason, now=timezone.now()
            )
        if theirs:
            self.message_user(request, PROPOSED.format(len(theirs)), messages.WARNING)
        return [account for account in rows if account not in theirs]

    def tell(self, request: HttpRequest, words: str, done: Sized) -> None:
        if done:
            self.message_user(request, words.format(len(done)), messages.SUCCESS)


@admin.register(Account)
class AccountAdmin(FreshActions, EditPage, ServiceAdmin):
    """A one-time password is shown once, on the page that follows its making."""

    view_roles: ClassVar[frozenset[Role]] = KEEPER
    add_roles: ClassVar[frozenset[Role]] = KEEPER
    change_roles: ClassVar[frozenset[Role]] = KEEPER
    task_order = 20
    task_verb = "开立"
    task_hint = "开立、停用账号，重置密码，解除锁定。"
    list_display = (
        "username",
        "display_name",
        "is_active",
        "must_change_password",
        "probed_at",
        "created_at",
    )
    list_filter = (
        StandingFilter,
        "is_active",
        "must_change_password",
        ("probed_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("username", "display_name")
    fields = (
        "username", "display_name", "email", "is_active", "must_change_password", "probed_at", "created_at",
    )  # fmt: skip
    readonly_fields = fields
    edit_form = EditAccountForm
    beside = ("username", "is_active", "must_change_password", "probed_at", "created_at")
    actions = ("suspend", "restore", "unlock", "new_password", "remove_second_factor", export_accounts)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        return access.accounts(actor_of(request)).order_by("username")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        self._require_add(request)
        form = AccountForm(actor_of(request), request.POST or None)
        return service_form(
            self,
            request,
            form,
            lambda data: self._open(request, data),
            title="开立账号",
            lead="开立后系统给出一次性密码，请当面或以可靠方式交给本人，首次登录时须修改。",
            submit="开立账号",
        )

    def _require_add(self, request: HttpRequest) -> None:
        actor_of(request).require(*KEEPER)

    def _open(self, request: HttpRequest, data: dict[str, Any]) -> HttpResponse:
        account = accounts.create_account(
            username=data["username"],
            display_name=data["display_name"],
            email=data["email"],
            scope_code=data["place"].scope_code,
            now=timezone.now(),
        )
        return self._show_password(request, account, account.initial_password)

    def _show_password(self, request: HttpRequest, account: Account, password: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": "一次性密码",
            "account": account,
            "password": password,
            "appoint_url": f"{reverse('admin:liaison_appointment_add')}?account={account.pk}",
        }
        return TemplateResponse(request, "admin/liaison/account/password.html", context)

    @admin.action(description="停用（立即生效）")
    @with_reason
    def suspend(self, request: HttpRequest, rows: QuerySet[Account], reason: str) -> None:
        self._switch(request, rows, reason, is_active=False)

    @admin.action(description="恢复使用")
    @with_reason
    def restore(self, request: HttpRequest, rows: QuerySet[Account], reason: str) -> None:
        self._switch(request, rows, reason, is_active=True)

    def _switch(self, request: HttpRequest, rows: QuerySet[Account], reason: str, *, is_active: bool) -> None:
        act, word = (KeeperAct.RESTORE, "恢复") if is_active else (KeeperAct.SUSPEND, "停用")
        others = self.propose_keepers(request, rows, act, reason)
        for account in others:
            accounts.set_active(account=account, is_active=is_active, reason=reason)
        self.tell(request, f"已{word}{{}}个账号。", others)

    @admin.action(description="解除登录锁定")
    @with_reason
    def unlock(self, request: HttpRequest, rows: QuerySet[Account], reason: str) -> None:
        for account in rows:
            accounts.unlock(account=account, reason=reason)
        self.message_user(request, f"已解除{len(rows)}个账号的锁定。", messages.SUCCESS)

    @admin.action(description="重置密码（每次一个账号）")
    @with_reason
    def new_password(self, request: HttpRequest, rows: QuerySet[Account], reason: str) -> HttpResponse | None:
        if len(rows) != 1:
            self.message_user(request, "重置密码每次只能选一个账号。", messages.ERROR)
            return None
        for account in self.propose_keepers(request, rows, KeeperAct.RESET_PASSWORD, reason):
            password = accounts.reset_password(account=account, reason=reason)
            return self._show_password(request, account, password)
        return None

    @admin.action(description="解除验证器绑定（手机遗失）")
    @with_reason
    def remove_second_factor(self, request: HttpRequest, rows: QuerySet[Account], reason: str) -> None:
        others = self.propose_keepers(request, rows, KeeperAct.UNBIND, reason)
        for account in others:
            second_factor.remove(account=account, reason=reason)
        self.tell(request, "已解除{}个账号的验证器绑定。", others)


class AppointmentForm(ServiceForm):
    """Who, where, as what; and for a role that speaks for somebody, for whom, out of what the place has."""

    role = forms.ChoiceField(label="职务", choices=[(role, role.label) for role in APPOINTABLE])
    title = forms.CharField(
        label="职务名称", max_length=40, required=False, help_text="如与职务类别不同，如“人大副主席”。"
    )
    starts_on = DayField("任职日期", years_ahead=1)

    field_order = ("account", "place", "role", "title", "starts_on")

    def __init__(self, actor: Actor, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = access.accounts(actor).filter(is_active=True).order_by("username")
        self.fields["account"] = forms.ModelChoiceField(people, label="账号", empty_label="请选择")
        self.fields["place"] = places(actor)
        self.fields["starts_on"].initial = today
        self.order_fields(self.field_order)
        self._ask_links(actor)

    def _ask_links(self, actor: Actor) -> None:
        """One more choice for each record the chosen role names, once role and place are known."""
        chosen = read_digits(str(self["place"].value() or "")) or 0
        place = access.jurisdictions(actor).filter(pk=chosen).first()
        if place is None:
            return
        for column in LINKS_OF_ROLE.get(self["role"].value(), ()):
            link = hooks.link_of(column)
            choices = link.choices(actor, place)
            hint = f"{place.short_name}登记的。" if choices else link.absent
            field = choice(link.label, [(str(pk), words) for pk, words in choices], hint=hint)
            self.fields[column] = field
        if self["role"].value() in REGISTRARS:
            self._ask_person(actor, place)

    def _ask_person(self, actor: Actor, place: Jurisdiction) -> None:
        """Whoever works in the office and is a deputy too is one person, in two accounts as well."""
        people = hooks.link_of("person_ref").choices(actor, place)
        if people:
            self.fields["person_ref"] = choice(
                "由代表兼任的，对应代表",
                [(str(pk), words) for pk, words in people],
                blank="不是代表",
                hint="选明后，涉及其本人的事项由他人办理。",
                required=False,
            )

    @property
    def links(self) -> dict[str, int]:
        """The chosen records, by column of the appointment; only of a valid form."""
        chosen = {name: value for name, value in self.cleaned_data.items() if name.endswith("_ref")}
        return {name: int(value) for name, value in chosen.items() if value}

    @property
    def asks_more(self) -> bool:
        """Whether the form was sent before the records of its role could be shown."""
        return self.is_bound and any(name.endswith("_ref") and name not in self.data for name in self.fields)


@admin.register(Appointment)
class AppointmentAdmin(FreshActions, ServiceAdmin):
    view_roles: ClassVar[frozenset[Role]] = KEEPER
    add_roles: ClassVar[frozenset[Role]] = KEEPER
    task_order = 21
    task_hint = "任命与免职；代表、组长、联络员、经办人要选明对应的代表、小组、联络站、承办单位。"
    list_display = ("account", "role", "jurisdiction", "title", "starts_on", "ends_on")
    list_filter = ("role", ("ends_on", admin.EmptyFieldListFilter))
    list_select_related = ("account", "jurisdiction")
    search_fields = ("account__username", "account__display_name", "title")
    fields = ("account", "jurisdiction", "role", "title", "speaks_for", "starts_on", "ends_on")
    readonly_fields = ("speaks_for",)
    actions = ("end",)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        actor_of(request).require(*KEEPER)
        return recently_authenticated("任命职务")(self._add_page)(request)

    def _add_page(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        first = {"account": request.GET.get("account", "")}
        lead = "一个账号可任多项职务，每次以其中一项办理。系统、安全、审计管理员须分设，不兼业务职务。"
        form = AppointmentForm(actor, timezone.localdate(), request.POST or None, initial=first)
        if form.asks_more:
            # The first half again, with what was typed in it and the choices it leads to.
            form = AppointmentForm(actor, timezone.localdate(), initial=request.POST.dict())
            lead = "请再选择这项职务对应的代表、小组、联络站或者承办单位，然后任命。"
        return service_form(
            self,
            request,
            form,
            lambda data: self._appoint(request, data, form.links),
            title="任命职务",
            lead=lead,
            submit="任命",
        )

    def _appoint(self, request: HttpRequest, data: dict[str, Any], links: dict[str, int]) -> HttpResponse:
        place: Jurisdiction = data["place"]
        if Role(data["role"]) in ADMINISTRATORS:
            return self._propose(request, data)
        appointment = accounts.appoint(
            account=data["account"],
            jurisdiction=place,
            role=Role(data["role"]),
            title=data["title"],
            starts_on=data["starts_on"],
            **links,
        )
        self.message_user(
            request, f"已任命：{appointment.account.display_name}，{appointment}。", messages.SUCCESS
        )
        return HttpResponseRedirect(reverse("admin:liaison_appointment_changelist"))

    def _propose(self, request: HttpRequest, data: dict[str, Any]) -> HttpResponse:
        """A keeper is appointed once a second keeper agrees."""
        keeper_changes.propose(
            actor=actor_of(request), account=data["account"], act=KeeperAct.APPOINT, reason="任命管理员",
            now=timezone.now(), jurisdiction=data["place"], role=data["role"], title=data["title"],
            starts_on=data["starts_on"],
        )  # fmt: skip
        self.message_user(request, PROPOSED.format(1), messages.WARNING)
        return HttpResponseRedirect(reverse("admin:liaison_keeperchange_changelist"))

    @admin.display(description="对应")
    def speaks_for(self, obj: Appointment) -> str:
        """The records the appointment names; of one that has gone since, what it was."""
        actor, words = require_actor(), []
        for column in LINKS_OF_ROLE.get(Role(obj.role), ()):
            link = hooks.link_of(column)
            known = dict(link.choices(actor, obj.jurisdiction))
            words.append(known.get(getattr(obj, column)) or f"{link.label}：不在现有名单上")
        return "；".join(words) or "—"

    @admin.action(description="免职（立即生效）")
    @with_reason
    def end(self, request: HttpRequest, rows: QuerySet[Appointment], reason: str) -> None:
        today, kept = timezone.localdate(), [row for row in rows if row.role in ADMINISTRATORS]
        self.propose_keepers(request, [row.account for row in kept], KeeperAct.END, reason)
        others = [row for row in rows if row not in kept]
        for appointment in others:
            accounts.end_appointment(appointment=appointment, ends_on=today, reason=reason)
        self.tell(request, "已免去{}项职务，立即生效。", others)
