"""A station's reception rules: fill in, see what becomes of the coming year, confirm; ending one the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from liaison.admin.pages import service_form
from liaison.identity.gates import actor_of
from liaison.tenancy.scope import Actor
from liaison.web.forms import DayField, ServiceForm
from liaison.web.generic import ModelAdmin
from liaison.web.pages import act, status_of
from liaison.words.text import read_digits
from stations import access, services
from stations.forms.reception_rules import EndForm, RuleForm, RulePreview, preview, preview_end
from stations.models import ReceptionRule, Station
from stations.rules.wording import day_text
from stations.selectors.work_plans import coming_period


class PlanForm(ServiceForm):
    start = DayField("起始日期", years_ahead=3)
    end = DayField("截止日期", years_ahead=5)


def plan_coming(actor: Actor, station: Station, now: datetime) -> str:
    """Plan the period the preview showed, and say what was done."""
    start, end = coming_period(actor, station, timezone.localdate(now))
    result = services.plan_reception_days(actor=actor, station_id=station.pk, start=start, end=end, now=now)
    return plan_words(result)


def rule_page(
    page: admin.ModelAdmin[Any],
    request: HttpRequest,
    station: Station,
    form: forms.Form,
    row: ReceptionRule | None,
    **more: Any,
) -> HttpResponse:
    context = {
        **page.admin_site.each_context(request),
        "opts": Station._meta,
        "form": form,
        "station": station,
        "row": row,
        **more,
    }
    status = status_of({"form": form})
    return TemplateResponse(request, "admin/stations/station/rule.html", context, status=status)


class RulePages(ModelAdmin):
    """The pages of ``StationAdmin`` on rules and plans."""

    # Says what was done and returns to the station.
    _back: Callable[[HttpRequest, Station, str], HttpResponse]

    def rule(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Fill in, look at what it makes of the coming twelve months, then lay it down and plan."""
        actor, today = actor_of(request), timezone.localdate()
        station = access.get_station(actor, pk)
        row = _asked_rule(request, actor, station)
        form = RuleForm(actor, station, row, today, request.POST or None)
        shown: RulePreview | None = None
        if request.method == "POST" and form.is_valid():
            answer, shown = self._look_or_lay_down(request, form, station, row)
            if answer is not None:
                return answer
        title = f"{'修改' if row else '制定'}{station}的接待日规则"
        return rule_page(self, request, station, form, row, title=title, preview=shown)

    def _look_or_lay_down(
        self, request: HttpRequest, form: RuleForm, station: Station, row: ReceptionRule | None
    ) -> tuple[HttpResponse | None, RulePreview | None]:
        now = timezone.now()
        today = timezone.localdate(now)
        form.shows_refusals = True  # type: ignore[misc]
        if not request.POST.get("confirm"):
            return None, act(request, form, lambda who: preview(who, station, form.rule(), row, today))

        def lay_down(actor: Actor) -> str:
            form.save(actor=actor, now=now)
            return plan_coming(actor, station, now)

        words = act(request, form, lay_down)
        if words is None:
            return None, None
        return self._back(request, station, f"接待日规则已{'修改' if row else '制定'}。{words}"), None

    def plan(self, request: HttpRequest, pk: int) -> HttpResponse:
        actor, today = actor_of(request), timezone.localdate()
        station = access.get_station(actor, pk)

        def save(data: dict[str, Any]) -> HttpResponse:
            result = services.plan_reception_days(
                actor=actor, station_id=pk, start=data["start"], end=data["end"], now=timezone.now()
            )
            return self._back(request, station, plan_words(result))

        form = PlanForm(request.POST or None, initial={"start": today, "end": date(today.year, 12, 31)})
        return service_form(
            self,
            request,
            form,
            save,
            title=f"排定{station}的接待日",
            submit="排定",
            lead="按接待日规则推算；已公布、已开展和手工改过日期的不动，重复排定不会多出日期。",
        )


def plan_words(result: services.PlanResult) -> str:
    """新排12次，调整1次，撤下0次。"""
    words = f"新排{len(result.created)}次，调整{len(result.moved)}次，撤下{result.removed}次。"
    if result.kept:
        words += f"有{len(result.kept)}次已排班，规则虽已变化仍予保留，请逐一核对。"
    return words


def _asked_rule(request: HttpRequest, actor: Actor, station: Station) -> ReceptionRule | None:
    asked = read_digits(request.GET.get("rule"))
    rules = access.visible_rules(actor).filter(station=station)
    return rules.filter(pk=asked).first() if asked is not None else None


class EndPage(ModelAdmin):
    """The page of ``ReceptionRuleAdmin`` that ends a rule."""

    def end(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say from when on a rule no longer holds, look at what goes, then confirm."""
        actor, today = actor_of(request), timezone.localdate()
        row = access.get_rule(actor, pk)
        form = EndForm(actor, row, request.POST or None, initial={"ends_on": today})
        shown = None
        if request.method == "POST" and form.is_valid():
            ends_on: date = form.cleaned_data["ends_on"]
            if ends_on < row.valid_from:
                form.add_error("ends_on", f"规则自{day_text(row.valid_from)}起，截止日期不能更早。")
            elif request.POST.get("confirm"):
                answer = self._end(request, row, form)
                if answer is not None:
                    return answer
            else:
                plan = preview_end(actor, row.station, row, ends_on, today)
                shown = RulePreview(f"{row.text}（到{day_text(ends_on)}为止）", [], plan)
        title = f"停用{row.station}的接待日规则"
        return rule_page(self, request, row.station, form, row, title=title, preview=shown, is_end=True)

    def _end(self, request: HttpRequest, row: ReceptionRule, form: EndForm) -> HttpResponse | None:
        now, ends_on = timezone.now(), form.cleaned_data["ends_on"]

        def end(actor: Actor) -> str:
            form.save(actor=actor, now=now)
            return plan_coming(actor, row.station, now)

        words = act(request, form, end)
        if words is None:
            return None
        self.message_user(request, f"规则到{day_text(ends_on)}为止。{words}", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:stations_station_change", args=[row.station_id]))
