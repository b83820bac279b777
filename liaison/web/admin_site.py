"""The back office: Django's admin in our own words, opened on what has to be done today.

Doors are grouped by task instead of by Python package. The index shows today's queue, which upper floors
supply through ``liaison.hooks``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import wraps
from itertools import chain
from typing import Any, ClassVar, Protocol

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from liaison import hooks
from liaison.models import AuditEntry
from liaison.tenancy.scope import Actor
from liaison.web.generic import ModelAdmin
from liaison.words.limits import limit_of, too_long
from liaison.words.text import clean_line

REASON_LENGTH = limit_of(AuditEntry, "reason")

# The doors of the office in the order of its year; a ModelAdmin may name another with ``task_group``.
TASK_GROUPS: Mapping[str, str] = {
    "roster": "名册",
    "stations": "联络站与活动",
    "opinions": "意见建议",
    "assessment": "年度测评",
    "documents": "公文",
    "settings": "设置",
}
GROUP_OF_APP: Mapping[str, str] = {
    "deputies": "roster",
    "stations": "stations",
    "constituents": "opinions",
    "assessments": "assessment",
    "reports": "documents",
}


class QueueItem(Protocol):
    """One row of today's queue: what, until when, and the one thing to do next (all words Chinese)."""

    @property
    def title(self) -> str: ...

    @property
    def detail(self) -> str: ...

    @property
    def url(self) -> str: ...

    @property
    def due_on(self) -> date | None: ...

    @property
    def due_text(self) -> str: ...

    @property
    def due_is_provisional(self) -> bool: ...

    @property
    def action(self) -> str: ...

    @property
    def action_url(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Todo:
    """The plain `QueueItem`; ``warn_days`` is the last count of days left shown in amber."""

    title: str
    url: str
    action: str
    action_url: str
    due_on: date | None = None
    detail: str = ""
    due_text: str = ""
    due_is_provisional: bool = False
    warn_days: int = 3


@dataclass(frozen=True, slots=True)
class DoorCount:
    """The figure beside a door; ``query`` narrows the list behind it to exactly the rows counted."""

    words: str
    query: str


def by_deadline(items: Iterable[QueueItem]) -> list[QueueItem]:
    """Earliest deadline first, what has none last, ties by title: the order never ranks people."""
    return sorted(items, key=lambda item: (item.due_on or date.max, item.title))


class BulkForm(ActionForm):
    """The bulk action bar. Django gives it no ids, and its labels would name nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"auto_id": "bulk_%s"})


class ReasonActionForm(BulkForm):
    """The bulk action bar with the reason that goes into the audit trail."""

    reason = forms.CharField(label="办理理由", required=False, max_length=REASON_LENGTH)


BulkAction = Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse | None]


def with_reason(action: Callable[[Any, HttpRequest, QuerySet[Any], str], HttpResponse | None]) -> BulkAction:
    """A bulk action that refuses to run without a reason; it receives the reason as its last argument.

    The ModelAdmin needs ``action_form = ReasonActionForm`` (`TaskLook` has it).
    """

    @wraps(action)
    def checked(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        reason = clean_line(request.POST.get("reason", ""))
        fault = "" if reason else "请填写办理理由后再执行，所选记录没有变化。"
        if len(reason) > REASON_LENGTH:
            fault = f"{too_long('办理理由', REASON_LENGTH, len(reason))}所选记录没有变化。"
        if fault:
            model_admin.message_user(request, fault, messages.ERROR)
            return None
        return action(model_admin, request, rows, reason)

    return checked


# A list needs one of Django's scripts, a form four: the others are 250 KiB nobody uses.
LIST_MEDIA = forms.Media(js=["admin/js/actions.js"])
FORM_SCRIPTS = ("vendor/jquery/jquery.min", "jquery.init", "core", "admin/RelatedObjectLookups")


class TaskLook(ModelAdmin):
    """Look and habits of the office's lists; who may do what is decided by the base it is combined with.

    ``task_group`` is a key of `TASK_GROUPS`, ``task_order`` the place of the door within it, ``task_hint``
    one sentence under the door, ``task_verb`` what adding a row is called. ``state_field`` names the field
    counted in the chips above the list; it must also stand in ``list_filter``, or Django refuses the
    chips' links.
    """

    task_group: str = ""
    task_order: int = 50
    task_hint: str = ""
    task_verb: str = "登记"
    state_field: str = ""
    action_form: ClassVar[type[ActionForm]] = ReasonActionForm

    def get_action_choices(
        self, request: HttpRequest, default_choices: Sequence[tuple[str, str]] = (("", "请选择"),)
    ) -> list[tuple[str, str]]:
        return super().get_action_choices(request, list(default_choices))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data:
            changes = response.context_data.get("cl")
            if changes is not None and not changes.formset:
                response.context_data["media"] = LIST_MEDIA
            if changes is not None and self.state_field:
                response.context_data["chips"] = self._state_chips(request, changes)
        return response

    @property
    def media(self) -> forms.Media:
        """Django's, but for the scripts that fill one field from another: no form here does."""
        return forms.Media(js=[f"admin/js/{name}.js" for name in FORM_SCRIPTS])

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CountedList

    def _state_chips(self, request: HttpRequest, changes: "CountedList") -> list[dict[str, Any]]:
        key = f"{self.state_field}__exact"
        chosen = changes.params.get(key, "")
        chosen = chosen[0] if isinstance(chosen, list) and chosen else chosen
        rows = changes.in_any_state(request, self.state_field)
        totals = dict(
            rows.order_by().values_list(self.state_field).annotate(total=Count("pk", distinct=True))
        )
        labels = dict(self.model._meta.get_field(self.state_field).flatchoices)
        chips = [
            {"label": labels[state], "count": totals[state], "active": state == chosen}
            | {"url": changes.get_query_string({key: state}, ["p"])}
            for state in labels
            if totals.get(state)
        ]
        whole = {"label": "全部", "count": sum(totals.values()), "active": not chosen}
        return [whole | {"url": changes.get_query_string({}, [key, "p"])}, *chips]


class CountedList(ChangeList):
    """A list whose chips count what stands behind them: all its rows but for the choice of a state."""

    _filters: Any = None

    def get_filters(self, request: HttpRequest) -> Any:
        """Made once: their choices are queries."""
        if self._filters is None:
            self._filters = super().get_filters(request)
        return self._filters

    def in_any_state(self, request: HttpRequest, state_field: str) -> QuerySet[Any]:
        chosen: list[str | None] = [f"{state_field}__exact", f"{state_field}__isnull"]
        return self.get_queryset(request, exclude_parameters=chosen)


class LiaisonAdminSite(admin.AdminSite):
    """One back office for every role, opened on what ``hooks.today_queue`` and ``today_counts`` tell."""

    site_header = "人大代表联系群众与履职管理"
    site_title = "人大代表联系群众与履职管理"
    index_title = "今日待办"
    enable_nav_sidebar = False
    empty_value_display = "—"
    index_template = "admin/index.html"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.disable_action("delete_selected")

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        actor: Actor | None = getattr(request, "actor", None)
        today = timezone.localdate()
        # Without an appointment there is nothing to ask about.
        acts = actor is not None and actor.appointment_id is not None
        queues = [queue(actor, today=today) for queue in hooks.today_queue] if acts else []
        counts = [count(actor, today=today) for count in hooks.today_counts] if acts else []
        missing = [lacking(actor, today=today) for lacking in hooks.missing_steps] if acts else []
        context = {
            "missing": list(chain.from_iterable(missing)),
            "queue": by_deadline(chain.from_iterable(queues)),
            "counts": {door: number for found in counts for door, number in found.items()},
            "today": today,
        }
        return super().index(request, context | (extra_context or {}))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        return context | {"door_groups": context["available_apps"]}

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Doors by task; the list of a single Python package is what Django makes of it."""
        apps = super().get_app_list(request, app_label)
        return apps if app_label else self._by_task(apps)

    def _by_task(self, apps: Sequence[Any]) -> list[Any]:
        doors: dict[str, list[Any]] = {key: [] for key in TASK_GROUPS}
        for app in apps:
            for door in app["models"]:
                model_admin = self._registry[door["model"]]
                key = getattr(model_admin, "task_group", "") or GROUP_OF_APP.get(app["app_label"], "settings")
                door["order"] = getattr(model_admin, "task_order", 50)
                door["hint"] = getattr(model_admin, "task_hint", "")
                door["verb"] = getattr(model_admin, "task_verb", "登记")
                door["key"] = door["model"]._meta.label_lower
                doors[key].append(door)
        home = reverse("admin:index", current_app=self.name)
        return [
            {
                "name": TASK_GROUPS[key],
                "app_label": key,
                "app_url": f"{home}#{key}",
                "has_module_perms": True,
                "models": sorted(found, key=lambda door: (door["order"], door["name"])),
            }
            for key, found in doors.items()
            if found
        ]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The office has one sign-in page; whoever is signed in without a staff role is told so."""
        if request.user.is_authenticated and not self.has_permission(request):
            return TemplateResponse(
                request,
                "403.html",
                {"message": "您当前的职务不能进入管理后台，请切换职务后再试。"},
                status=403,
            )
        target = request.GET.get("next") or reverse("admin:index", current_app=self.name)
        return HttpResponseRedirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': target})}")

    def logout(  # type: ignore[override]  # sent on to our own page
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One way out: it is noted, and tells the browser to forget."""
        return redirect("sign_out", preserve_request=True)

    def password_change(  # type: ignore[override]  # sent on to our own page
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("password_change")

    def password_change_done(  # type: ignore[override]  # sent on to our own page
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("password_change")
