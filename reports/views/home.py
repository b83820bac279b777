"""One home per role: where am I, what must I do now."""

from collections.abc import Callable
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from liaison.identity.gates import actor_of, for_roles, signed_in
from liaison.identity.roles import DEPUTIES, OFFICE
from liaison.tenancy.scope import Actor
from liaison.web.admin_site import by_deadline
from liaison.words.enums import Role
from reports.selectors.deputy import deputy_today
from reports.selectors.desk import has_reception
from reports.selectors.missing import missing_steps
from reports.selectors.silent import DEFINITION, silent_lines
from reports.selectors.staff import staff_queue

Home = Callable[[HttpRequest, Actor, date], HttpResponse]


@signed_in
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The start page of the current appointment."""
    actor = actor_of(request)
    page = _HOMES.get(actor.role)
    if page is None:
        return render(request, "reports/home_none.html", {"page_title": "目前没有在任职务"}, status=403)
    return page(request, actor, timezone.localdate())


def _staff(request: HttpRequest, actor: Actor, today: date) -> HttpResponse:
    items = by_deadline(staff_queue(actor, today=today))
    missing = missing_steps(actor, today=today)
    context = {
        "page_title": "今日待办",
        "missing": missing,
        "items": items,
        "today": today,
        "page_lead": _lead(len(items), is_ready=not missing),
        "has_reception": actor.role == Role.STATION_CLERK and has_reception(actor, today),
        "silent": silent_lines(actor, today) if actor.has_role(*OFFICE) else [],
        "silent_definition": DEFINITION,
    }
    return render(request, "reports/home_staff.html", context)


def _lead(count: int, *, is_ready: bool) -> str:
    """Nothing waits only where the office has all it needs: an empty one has everything still to do."""
    if count:
        return f"共{count}项，按期限先后排列。"
    return "目前没有需要办理的事项。" if is_ready else "系统还没有准备齐，请按“还差什么”依次办理。"


def _deputy(request: HttpRequest, actor: Actor, today: date) -> HttpResponse:
    context = {
        "page_title": f"{actor.display_name}代表，您好",
        "day": deputy_today(actor, today),
        "today": today,
        "desk_url": reverse("reports_desk"),
        "confirm_url": reverse("stations_confirm"),
        "visit_url": reverse("stations_record_visit"),
    }
    return render(request, "reports/home_deputy.html", context)


def _unit(request: HttpRequest, actor: Actor, today: date) -> HttpResponse:
    return redirect("constituents_unit")


def _places(request: HttpRequest, actor: Actor, today: date) -> HttpResponse:
    return redirect("reports_compare")


def _keeper(request: HttpRequest, actor: Actor, today: date) -> HttpResponse:
    return redirect("admin:index")


_HOMES: dict[Role, Home] = {
    Role.PRESIDIUM_CLERK: _staff,
    Role.PRESIDIUM_CHAIR: _staff,
    Role.STATION_CLERK: _staff,
    Role.DEPUTY: _deputy,
    Role.GROUP_LEADER: _deputy,
    Role.HANDLING_UNIT: _unit,
    Role.COUNTY_COMMITTEE: _places,
    Role.CITY_VIEWER: _places,
    Role.SYSTEM_ADMIN: _keeper,
    Role.SECURITY_ADMIN: _keeper,
    Role.AUDIT_ADMIN: _keeper,
}


@signed_in
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """今天 in a deputy's bottom bar: the desk on a day with a reception of the own, else the start page."""
    actor = actor_of(request)
    if actor.role not in DEPUTIES:
        return redirect("home")
    return redirect("reports_desk" if has_reception(actor, timezone.localdate()) else "home")


@for_roles(*DEPUTIES)
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """我的: the doors to the own record, score, notice, report and account."""
    context = {"page_title": "我的", "day": deputy_today(actor_of(request), timezone.localdate())}
    return render(request, "reports/me.html", context)
