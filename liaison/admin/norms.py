"""Jurisdictions and deadline policies: what a place is called and how long it gives things."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from liaison.admin.pages import EditPage, form_page, service_form
from liaison.calendar import policies
from liaison.calendar.policy_data import SHIPPED_POLICIES
from liaison.founding import places
from liaison.founding.forms import PlacesForm
from liaison.founding.preview import preview_of
from liaison.identity import access
from liaison.identity.access import linked
from liaison.identity.gates import actor_of
from liaison.identity.roles import OFFICE
from liaison.models import DeadlinePolicy, Jurisdiction
from liaison.tenancy.scope import Actor
from liaison.web.admin_base import ServiceAdmin
from liaison.web.edit_forms import EditForm, RowForm
from liaison.web.pages import act
from liaison.words.enums import DeadlineUnit, Role
from liaison.words.errors import InvalidInput


class JurisdictionForm(RowForm):
    class Meta(RowForm.Meta):
        model = Jurisdiction
        fields = (
            "name", "short_name", "official_code", "organ_name", "document_code", "publishes_scores",
        )  # fmt: skip

    def locked(self, actor: Actor) -> Jurisdiction | None:
        places = access.jurisdictions(actor).select_for_update(of=("self",), no_key=True)
        return places.filter(pk=self.row.pk).first()

    def write(self, *, actor: Actor, now: datetime) -> Jurisdiction:
        return places.edit_jurisdiction(actor=actor, jurisdiction_id=self.row.pk, **self.changes())


@admin.register(Jurisdiction)
class JurisdictionAdmin(EditPage, ServiceAdmin):
    """Names, the organ and its document code are kept here, and places added below the own one."""

    view_roles: ClassVar[frozenset[Role]] = OFFICE | {Role.COUNTY_COMMITTEE, Role.SYSTEM_ADMIN}
    change_roles: ClassVar[frozenset[Role]] = frozenset(places.PLACE_KEEPERS)
    add_roles: ClassVar[frozenset[Role]] = change_roles
    task_order = 10
    task_verb = "登记"
    task_hint = "区域和机关名称、发文代字、得分是否公开；新设的区域也在这里登记。"
    list_display = (
        "name", "level", "official_code", "organ_name", "document_code", "publishes_scores", "closed_on",
    )  # fmt: skip
    list_filter = ("level",)
    search_fields = ("name", "short_name", "official_code")
    fields = (
        "name",
        "short_name",
        "level",
        "official_code",
        "parent",
        "organ_name",
        "document_code",
        "publishes_scores",
        "closed_on",
        "succeeded_by",
    )
    readonly_fields = fields
    edit_form = JurisdictionForm
    beside = ("level", "parent", "closed_on", "succeeded_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Jurisdiction]:
        return access.jurisdictions(actor_of(request)).select_related("parent")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """A table in, a preview out, and only then the places themselves."""
        actor = actor_of(request)
        actor.require(*places.PLACE_KEEPERS)
        form = PlacesForm(request.POST or None, request.FILES or None)
        form.shows_refusals = True  # type: ignore[misc]
        if "edit" in request.POST:
            form = PlacesForm(initial={"table": request.POST.get("table", "")})
        elif form.is_valid():
            answer = act(request, form, lambda _: self._preview_or_add(request, actor, form))
            if answer is not None:
                return answer
        office = places.office_of(actor)
        return form_page(
            self,
            request,
            form,
            title=f"登记{office.short_name}的下级区域",
            lead="新设的乡镇、街道、村（社区）在这里登记；已登记过的不会重复。",
            submit="核对",
            consequence="只核对，不写入。",
        )

    def _preview_or_add(self, request: HttpRequest, actor: Actor, form: PlacesForm) -> HttpResponse:
        table = form.cleaned_data["table"]
        preview = preview_of(places.office_of(actor), table)
        if "confirm" in request.POST and not preview.faults:
            added = places.extend_places(actor=actor, table=table)
            self.message_user(request, f"已登记{added}个下级区域。", messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:liaison_jurisdiction_changelist"))
        return self.show(request, "places_preview.html", "核对下级区域", form=form, preview=preview)


class PolicyForm(EditForm):
    """A rule laid down over the one that holds (``row``), or for a matter still to be chosen."""

    code = forms.ChoiceField(label="事项", choices=[(norm.code, norm.name) for norm in SHIPPED_POLICIES])
    length = forms.IntegerField(label="期限", min_value=1, max_value=1000)
    unit = forms.ChoiceField(label="单位", choices=DeadlineUnit.choices())
    rolls = forms.BooleanField(
        label="逢节假日顺延",
        required=False,
        initial=True,
        help_text="期限届满之日是节假日的，顺延至下一个工作日。",
    )
    basis = forms.CharField(label="依据", max_length=120, required=False, help_text="文件名称和条款。")

    def stored(self, row: DeadlinePolicy) -> dict[str, Any]:
        return policy_values(row)

    def locked(self, actor: Actor) -> DeadlinePolicy | None:
        """The rule that holds now: a colleague may have laid down one of our own meanwhile."""
        Jurisdiction.objects.select_for_update(no_key=True).filter(
            linked("pk", actor.jurisdiction_id)
        ).first()
        return policies.deciding(actor, self.row.code)

    def write(self, *, actor: Actor, now: datetime) -> DeadlinePolicy:
        values = {name: self.cleaned_data[name] for name in ("code", "length", "unit", "rolls", "basis")}
        held = policies.deciding(actor, values["code"])
        is_seen = self.row is not None and self.row.code == values["code"]
        if held is not None and policies.is_own(actor, held) and not is_seen:
            raise InvalidInput({"code": "本区域对这一事项已有规定，请从列表打开它修改。"})
        return policies.lay_down(**values)


def policy_values(row: DeadlinePolicy) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("code", "length", "unit", "rolls", "basis")}


@admin.register(DeadlinePolicy)
class DeadlinePolicyAdmin(ServiceAdmin):
    """Inherited rules are read; an own rule for the same matter takes their place and can be withdrawn."""

    view_roles: ClassVar[frozenset[Role]] = OFFICE | {Role.COUNTY_COMMITTEE, Role.SYSTEM_ADMIN}
    add_roles: ClassVar[frozenset[Role]] = frozenset(policies.POLICY_KEEPERS)
    task_order = 11
    task_hint = "各事项的办理期限；可为本区域另行规定。"
    list_display = ("name", "period", "rolls", "place", "basis")
    list_filter = ("code",)
    fields = ("name", "period", "rolls", "place", "basis")
    readonly_fields = fields
    actions = ("withdraw",)
    action_roles: ClassVar[Mapping[str, frozenset[Role]]] = {"withdraw": add_roles}

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        """With two columns that depend on where the actor is, each read once and not once per row."""
        actor = actor_of(request)
        names = dict(Jurisdiction.objects.values_list("scope_code", "name"))
        deciding = _deciding(actor)

        @admin.display(description="规定区域")
        def place(policy: DeadlinePolicy) -> str:
            return names.get(policy.scope_code, "全国")

        @admin.display(description="在本区域")
        def applies(policy: DeadlinePolicy) -> str:
            return _standing(actor, policy, deciding)

        return ("name", "period", "rolls", place, applies, "basis")

    @admin.display(description="期限")
    def period(self, policy: DeadlinePolicy) -> str:
        return f"{policy.length}{DeadlineUnit(policy.unit).label}"

    @admin.display(description="规定区域")
    def place(self, policy: DeadlinePolicy) -> str:
        found = Jurisdiction.objects.filter(scope_code=policy.scope_code, scope_end=policy.scope_end).first()
        return found.name if found else "全国"

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        actor = actor_of(request)
        actor.require(*policies.POLICY_KEEPERS)
        asked = request.GET.get("code", "")
        row = policies.deciding(actor, asked)
        first = policies.deciding(actor, SHIPPED_POLICIES[0].code) if row is None else None
        form = PolicyForm(actor, row, request.POST or None, initial=policy_values(first) if first else None)
        return service_form(
            self,
            request,
            form,
            lambda _: self._lay_down(request, form),
            title="为本区域另行规定期限",
            lead="只影响此后开始计算的期限；已经确定的期限不变。",
            submit="确定",
        )

    def _lay_down(self, request: HttpRequest, form: PolicyForm) -> HttpResponse:
        policy = form.save(actor=actor_of(request), now=timezone.now())
        self.message_user(request, f"已规定：{policy}。", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:liaison_deadlinepolicy_changelist"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        policy = self.get_object(request, object_id)
        actor = actor_of(request)
        if policy is not None and policies.is_own(actor, policy) and actor.has_role(*policies.POLICY_KEEPERS):
            query = urlencode({"code": policy.code})
            return HttpResponseRedirect(f"{reverse('admin:liaison_deadlinepolicy_add')}?{query}")
        return super().change_view(request, object_id, form_url, extra_context)

    @admin.action(description="撤销本区域的规定，恢复上级规定")
    def withdraw(self, request: HttpRequest, rows: QuerySet[DeadlinePolicy]) -> None:
        def call(_: Actor, policy: DeadlinePolicy) -> None:
            policies.withdraw(policy=policy)

        self.each_row(request, rows, call, "已撤销{}项本区域规定。")


def _deciding(actor: Actor) -> dict[str, int]:
    """For each matter the rule that holds where the actor is."""
    around = DeadlinePolicy.scoped(actor).filter(scope_code__lte=actor.lo, scope_end__gte=actor.hi)
    # The nearest comes last and so stays.
    return {row.code: row.pk for row in around.order_by("scope_code", "-scope_end")}


def _standing(actor: Actor, policy: DeadlinePolicy, deciding: dict[str, int]) -> str:
    if deciding.get(policy.code) == policy.pk:
        return "适用（本区域规定）" if policies.is_own(actor, policy) else "适用（上级规定）"
    inside = actor.lo <= policy.scope_code and policy.scope_end <= actor.hi
    return "下级规定" if inside else "已另行规定"
