"""履职要求 of a year: what is asked now, and choosing another set after seeing what it changes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import REGISTRARS
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor
from liaison.web.forms import ServiceForm, choice, text
from liaison.web.pages import act
from liaison.words.errors import OutOfScope, Refused
from stations.enums import ContactMethod
from stations.models import ActivityKind
from stations.rules.norm_sets import NORM_SETS, NormChange, NormSet, frequency_words
from stations.selectors import kinds_in_force
from stations.services import choose_norm_set
from stations.services.norms import frozen_places, norm_changes, own_norms_below
from stations.views.common import page, told


class ChooseForm(ServiceForm):
    """From which year, and on what grounds."""

    field_names = {"set_code": "reason"}
    reason = text("依据", 200, required=True, rows=2, hint="如“主席团第十三次会议决定”。")

    def __init__(self, years: list[int], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"] = choice("执行年度", [(str(year), f"自{year}年起") for year in years])
        self.fields["is_sure"] = forms.BooleanField(
            label="已核对上表，确认更换", error_messages={"required": "请核对上表后勾选确认。"}
        )
        self.order_fields(("year", "reason", "is_sure"))


@for_roles(*REGISTRARS)
@require_safe
def norms(request: HttpRequest) -> HttpResponse:
    """What is asked this year and the next, and the sets that can be chosen."""
    actor = actor_of(request)
    this_year = timezone.localdate().year
    return page(
        request,
        "norms.html",
        "履职要求",
        page_lead="每年要求代表做什么、做几次。更换整套要求只影响所选年度以后。",
        years=[(year, *_held(actor, year)) for year in (this_year, this_year + 1)],
        sets=[
            (norm_set, reverse("stations_choose_norms", args=[code])) for code, norm_set in NORM_SETS.items()
        ],
        methods=_by_method(actor, this_year),
        edit_url=reverse("admin:stations_activitykind_changelist"),
        crumbs=[("履职要求", "")],
    )


def _held(actor: Actor, year: int) -> tuple[str, list[dict[str, Any]], int]:
    """What the year's norms are called, its lines, and how many are due in all."""
    kinds = [kind for kind in kinds_in_force(actor, actor.lo, year).values() if kind.due_per_year]
    codes = {kind.norm_set for kind in kinds}
    code = next(iter(codes)) if len(codes) == 1 else ""
    name = (
        NORM_SETS[code].name
        if code in NORM_SETS
        else ("十个一" if codes == {""} and len(kinds) == 10 else "")
    )
    lines = [{"kind": kind, "often": frequency_words(kind.due_per_year)} for kind in kinds]
    return name, lines, sum(kind.due_per_year for kind in kinds)


def _by_method(actor: Actor, year: int) -> list[tuple[ContactMethod, list[ActivityKind]]]:
    """The eight contact methods with the kinds that usually belong to each."""
    kinds = kinds_in_force(actor, actor.lo, year).values()
    return [(method, [kind for kind in kinds if kind.contact_method == method]) for method in ContactMethod]


@for_roles(*REGISTRARS)
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, set_code: str) -> HttpResponse:
    """The preview of one set for the year asked for, and the form that makes it hold."""
    actor = actor_of(request)
    norm_set = NORM_SETS.get(set_code)
    if norm_set is None:
        raise OutOfScope()
    this_year = timezone.localdate().year
    years = [year for year in (this_year, this_year + 1) if not frozen_places(actor, year)]
    if not years:
        raise Refused("本年度和下一年度的测评都已截止数据，不能更换履职要求。")
    year = _asked_year(request, years)
    form = ChooseForm(years, request.POST or None, initial={"year": str(year)})
    if request.method == "POST":
        rows = act(request, form, lambda who: _choose(who, norm_set, form.cleaned_data))
        if rows is not None:
            told(request, f"已选用“{norm_set.name}”，自{form.cleaned_data['year']}年起执行。")
            return redirect("stations_norms")
    found = norm_changes(actor, norm_set, year)
    return page(
        request,
        "choose_norms.html",
        f"选用“{norm_set.name}”",
        page_lead=f"{norm_set.source}，每年共{norm_set.total}次。",
        form=form,
        year=year,
        tabs=[{"label": f"自{each}年起", "url": f"?year={each}", "active": each == year} for each in years],
        lines=[_line(change) for change in found],
        before=sum(change.before.due_per_year for change in found if change.before),
        after=norm_set.total,
        changed=sum(not change.is_same for change in found),
        closed=[each for each in (this_year, this_year + 1) if each not in years],
        keeping=_names(own_norms_below(actor, year)),
        crumbs=[("履职要求", reverse("stations_norms")), (norm_set.name, "")],
    )


def _asked_year(request: HttpRequest, years: list[int]) -> int:
    asked = request.POST.get("year") or request.GET.get("year") or ""
    return int(asked) if asked in {str(year) for year in years} else years[-1]


def _line(change: NormChange) -> dict[str, Any]:
    tone = "warn" if change.after is None else "none" if change.is_same else "info"
    return {
        "name": change.name,
        "before": change.before,
        "after": change.after,
        "word": change.word,
        "tone": tone,
    }


def _names(codes: list[int]) -> list[str]:
    return list(Jurisdiction.objects.filter(scope_code__in=codes).values_list("short_name", flat=True))


def _choose(actor: Actor, norm_set: NormSet, data: dict[str, Any]) -> list[ActivityKind]:
    return choose_norm_set(
        actor=actor,
        set_code=norm_set.code,
        year=int(data["year"]),
        reason=data["reason"],
        now=timezone.now(),
    )
