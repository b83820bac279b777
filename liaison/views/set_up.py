"""The wizard of the first day, behind the set-up link: one question a page, left and continued at will."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liaison.founding import forms, links, services
from liaison.founding.places import known_places
from liaison.founding.preview import preview_of
from liaison.models import Account, Jurisdiction, SetUp
from liaison.tenancy.scope import acting
from liaison.web.forms import ServiceForm
from liaison.words.enums import JurisdictionLevel as Level
from liaison.words.errors import InvalidInput, OutOfScope

T = TypeVar("T")
Page = Callable[[HttpRequest, SetUp], HttpResponse]
CLOSED = (
    "设置链接无效、已经用过，或者已经过期。"
    "请在安装本系统的机器上运行 script/manage found_office，取得新的链接；"
    "已经办完的步骤都保留着。"
)
_WAYS = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the wizard on the overview and above each page."""

    name: str
    label: str
    what: str
    is_done: bool
    state: str = ""

    @property
    def url(self) -> str:
        return reverse(self.name)


@_WAYS
def open_link(request: HttpRequest, key: str) -> HttpResponse:
    """The link from the terminal. Looking uses nothing up, so that a preview of the link does no harm."""
    now = timezone.now()
    if request.method == "POST":
        if links.open_link(request, key, now=now):
            return redirect("set_up")
        raise OutOfScope(CLOSED)
    if not links.fits(key, now):
        raise OutOfScope(CLOSED)
    return render(request, "liaison/set_up/open.html", {"page_title": "首次设置", "hours": links.HOURS})


def within(page: Page) -> Callable[[HttpRequest], HttpResponse]:
    """The page is for the browser that opened the link; for everybody else it does not exist."""

    @wraps(page)
    def gated(request: HttpRequest) -> HttpResponse:
        row = links.visited(request, timezone.now())
        if row is None:
            raise OutOfScope(CLOSED)
        return page(request, row)

    return gated


def _write(form: ServiceForm, call: Callable[[], T]) -> T | None:
    """What the service answers as the set-up; ``None`` with its refusals in the form and nothing written."""

    def run() -> T:
        with acting(links.set_up_actor()):
            return call()

    form.shows_refusals = True  # type: ignore[misc]
    return form.submit(run) if form.is_valid() else None


def _steps(row: SetUp, now_at: str = "") -> list[Step]:
    with acting(links.set_up_actor()):
        has_keepers = row.office is not None and bool(services.keepers(row.office))
        has_clerk = row.office is not None and services.first_clerk(row.office) is not None
    done = {
        "set_up_office": row.office is not None,
        "set_up_places": row.places_done_at is not None,
        "set_up_keepers": has_keepers,
        "set_up_clerk": has_clerk,
    }
    words = {
        "set_up_office": ("本级", "这套系统给哪一级使用，名称和代码。"),
        "set_up_places": ("下级区域", "县、乡镇、街道、村，整表粘贴或者上传。"),
        "set_up_keepers": ("三名管理员", "安全、审计、系统管理员，由三个人分别担任。"),
        "set_up_clerk": ("第一个业务账号", "人大工作人员，由他登记本届、导入名册。"),
    }
    steps = []
    for name, (label, what) in words.items():
        state = "now" if name == now_at else "done" if done[name] else ""
        steps.append(Step(name, label, what, done[name], state))
    return steps


def _page(request: HttpRequest, row: SetUp, name: str, title: str, **context: Any) -> HttpResponse:
    at = "places" if name == "preview" else name
    context |= {"page_title": title, "steps": _steps(row, f"set_up_{at}"), "office": row.office}
    return render(request, f"liaison/set_up/{name}.html", context)


@require_safe
@within
def overview(request: HttpRequest, row: SetUp) -> HttpResponse:
    """What is done, and the one thing to do next."""
    steps = _steps(row)
    following = next((step for step in steps if not step.is_done), None)
    context = {"page_title": "首次设置", "steps": steps, "following": following, "office": row.office}
    return render(request, "liaison/set_up/overview.html", context)


@_WAYS
@within
def office(request: HttpRequest, row: SetUp) -> HttpResponse:
    """First which level, then its name and code with those above it."""
    if row.office is not None:
        return redirect("set_up")
    chosen = forms.LevelForm(request.GET if "level" in request.GET else None)
    if not chosen.is_bound or not chosen.is_valid():
        return _page(request, row, "office", "这套系统给谁使用", form=chosen, asks_level=True)
    level = Level(chosen.cleaned_data["level"])
    form = forms.OfficeForm(level, request.POST or None)
    if request.method == "POST" and form.is_valid():
        found = _write(form, lambda: services.found_office(level=level, **form.cleaned_data))
        if found is not None:
            messages.success(request, f"已登记{found.name}。")
            return redirect("set_up")
    return _page(request, row, "office", "本级的名称和代码", form=form)


@_WAYS
@within
def places(request: HttpRequest, row: SetUp) -> HttpResponse:
    """A table in, a preview out, and only then the places themselves."""
    if row.office is None:
        return redirect("set_up")
    form = forms.PlacesForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and "skip" in request.POST:
        _write(ServiceForm({}), lambda: services.add_places(table="", now=timezone.now()))
        return redirect("set_up")
    if request.method == "POST" and "edit" not in request.POST and form.is_valid():
        return _preview_or_write(request, row, row.office, form)
    if "edit" in request.POST:
        form = forms.PlacesForm(initial={"table": request.POST.get("table", "")})
    return _page(request, row, "places", "下级区域", form=form, count=len(known_places(row.office)) - 1)


def _preview_or_write(
    request: HttpRequest, row: SetUp, office: Jurisdiction, form: forms.PlacesForm
) -> HttpResponse:
    table = form.cleaned_data["table"]
    try:
        preview = preview_of(office, table)
    except InvalidInput as error:
        form.add_error("table", error.fields["table"])
        return _page(request, row, "places", "下级区域", form=form, count=len(known_places(office)) - 1)
    if "confirm" in request.POST and not preview.faults:
        written = _write(form, lambda: services.add_places(table=table, now=timezone.now()))
        if written is not None:
            messages.success(request, f"已登记{written}个下级区域。")
            return redirect("set_up")
    return _page(request, row, "preview", "核对下级区域", form=form, preview=preview)


@_WAYS
@within
def keepers(request: HttpRequest, row: SetUp) -> HttpResponse:
    if row.office is None or _steps(row)[2].is_done:
        return redirect("set_up")
    form, now = forms.KeepersForm(request.POST or None), timezone.now()
    if request.method == "POST" and form.is_valid():
        today = timezone.localdate(now)
        made = _write(form, lambda: services.appoint_keepers(people=form.people, today=today, now=now))
        if made is not None:
            return _shown(request, row, made)
    return _page(request, row, "keepers", "三名管理员", form=form)


@_WAYS
@within
def clerk(request: HttpRequest, row: SetUp) -> HttpResponse:
    if row.office is None or _steps(row)[3].is_done:
        return redirect("set_up")
    form, now = forms.ClerkForm(row.office, request.POST or None), timezone.now()
    if request.method == "POST" and form.is_valid():
        data, today = form.cleaned_data, timezone.localdate(now)
        made = _write(form, lambda: services.appoint_first_clerk(**data, today=today, now=now))
        if made is not None:
            return _shown(request, row, [made])
    return _page(request, row, "clerk", "第一个业务账号", form=form)


def _shown(request: HttpRequest, row: SetUp, made: list[Account]) -> HttpResponse:
    """The one-time passwords, on this page and nowhere else."""
    return _page(
        request, row, "passwords", "一次性密码", accounts=made, address=request.build_absolute_uri("/")
    )


@require_POST
@within
def passwords(request: HttpRequest, row: SetUp) -> HttpResponse:
    """Fresh ones for whoever has not signed in yet: the page that showed them was closed too early."""
    form = ServiceForm({})
    made = _write(form, lambda: services.new_passwords(now=timezone.now()))
    if not made:
        messages.info(request, "各账号都已由本人改过密码，不用重新生成。")
        return redirect("set_up")
    return _shown(request, row, made)


@require_POST
@within
def finish(request: HttpRequest, row: SetUp) -> HttpResponse:
    with acting(links.set_up_actor()):
        services.finish(now=timezone.now())
    return render(request, "liaison/set_up/done.html", {"page_title": "设置已完成", "office": row.office})
