"""The working calendar: paste the State Council's notice, look at what was understood, confirm."""

from datetime import date
from typing import Any, ClassVar

from celery import current_app
from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from liaison import hooks
from liaison.calendar.effects import effects_of
from liaison.calendar.notice_reader import YearDraft, read_year, written
from liaison.calendar.workdays import weekday_name
from liaison.calendar.working import CALENDAR_KEEPERS, days_of, load_draft, source_of
from liaison.identity.gates import actor_of
from liaison.models import CalendarYear
from liaison.sheets import read_sheet
from liaison.web.admin_base import ServiceAdmin
from liaison.web.forms import DayField, radios, text
from liaison.words.enums import DayKind, Role
from liaison.words.errors import InvalidInput, LiaisonError
from liaison.words.text import clean_line, read_digits

KEEPERS = frozenset(CALENDAR_KEEPERS)

# Years a notice may be loaded for.
_FIRST_YEAR, _LAST_YEAR = 2020, 2099


class YearForm(forms.Form):
    year = forms.IntegerField(label="年份", min_value=_FIRST_YEAR, max_value=_LAST_YEAR)
    source = forms.CharField(label="依据", max_length=120)
    text = text(
        "放假安排",
        20_000,
        rows=12,
        hint="可整段粘贴国务院办公厅的通知，也可每行写一天，如“2027-01-01 放假 元旦”。",
    )
    file = forms.FileField(
        label="或上传表格",
        required=False,
        help_text="Excel、WPS 表格或 CSV，各列为日期、放假或上班、名称。",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
    )

    def clean(self) -> dict[str, Any]:
        """Turn what was typed or uploaded into a draft; the office confirms it on the next page."""
        data = super().clean() or {}
        if "year" not in data:
            return data
        try:
            data["draft"] = read_year(data["year"], self._lines(data))
        except InvalidInput as error:
            self.add_error("text", error.fields["text"])
        except LiaisonError as error:
            self.add_error("file", error.message)
        return data

    def _lines(self, data: dict[str, Any]) -> list[str]:
        if data.get("file"):
            return [" ".join(row) for row in read_sheet(data["file"].read()).rows]
        return str(data.get("text", "")).splitlines()


class OneDayForm(forms.Form):
    """One day of a year that is loaded: off, worked, or what its weekday says."""

    day = DayField("哪一天")
    kind = radios(
        "改为",
        (*DayKind.choices(), ("", "按平常（周一至周五上班，周六、周日休息）")),
        required=False,
    )
    name = text("名称", 20, hint="如“春节”；按平常的不填。")

    def draft(self) -> YearDraft:
        """The stored year with this day changed; ``InvalidInput`` when the year is not loaded."""
        day, kind = self.cleaned_data["day"], self.cleaned_data["kind"]
        if not _is_loaded(day.year):
            raise InvalidInput({"day": f"{day.year}年的放假安排尚未载入，请先载入全年。"})
        off, worked = days_of(day.year)
        for days in (off, worked):
            days.pop(day, None)
        if kind == DayKind.MAKEUP and day.weekday() < 5:
            raise InvalidInput({"kind": "调休上班的只能是周六、周日。"})
        if kind:
            (off if kind == DayKind.HOLIDAY else worked)[day] = clean_line(self.cleaned_data["name"])
        return YearDraft(day.year, off, worked)


@admin.register(CalendarYear)
class CalendarYearAdmin(ServiceAdmin):
    view_roles: ClassVar[frozenset[Role]] = KEEPERS
    add_roles: ClassVar[frozenset[Role]] = KEEPERS
    task_order = 12
    task_hint = "每年11月前后载入下一年的放假安排；暂定的日期随即重新推算。"
    list_display = ("year", "source", "loaded_at", "revision")
    fields = list_display
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        """National, the same for everybody: the table has no scope."""
        return CalendarYear.objects.all()

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        actor_of(request).require(*CALENDAR_KEEPERS)
        if request.method != "POST":
            return self._page(request, YearForm(initial=_first_values(request)))
        if "one_day" in request.POST:
            return self._change_day(request)
        form = YearForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._page(request, form)
        draft: YearDraft = form.cleaned_data["draft"]
        if "confirm" not in request.POST:
            return self._preview(request, form, draft, form.cleaned_data["source"])
        return self._load(request, form, draft)

    def _change_day(self, request: HttpRequest) -> HttpResponse:
        """What follows from changing one day is looked at and confirmed like a whole year."""
        whole = YearForm(initial=_first_values(request))
        form = OneDayForm(request.POST)
        if form.is_valid():
            try:
                draft = form.draft()
                source = CalendarYear.objects.get(year=draft.year).source
                return self._preview(request, whole, draft, source)
            except InvalidInput as error:
                for name, message in error.fields.items():
                    form.add_error(name, message)
        return self._page(request, whole, one_day=form)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A year is corrected as it was loaded: as text, looked at and confirmed."""
        query = urlencode({"year": object_id})
        return HttpResponseRedirect(f"{reverse('admin:liaison_calendaryear_add')}?{query}")

    def _page(self, request: HttpRequest, form: forms.Form, **more: Any) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": "载入放假安排",
            "form": form,
            "one_day": OneDayForm(),
            **more,
        }
        return TemplateResponse(request, "admin/liaison/calendaryear/load.html", context)

    def _preview(self, request: HttpRequest, form: YearForm, draft: YearDraft, source: str) -> HttpResponse:
        rows = [(day, DayKind.HOLIDAY, name) for day, name in draft.holidays.items()]
        rows += [(day, DayKind.MAKEUP, name) for day, name in draft.makeups.items()]
        days = [
            {"day": day, "weekday": weekday_name(day), "kind": kind.label, "name": name}
            for day, kind, name in sorted(rows)
        ]
        return self._page(
            request,
            form,
            days=days,
            off_count=len(draft.holidays),
            worked_count=len(draft.makeups),
            unused=draft.unused,
            sent={"year": draft.year, "source": source, "text": written(draft.holidays, draft.makeups)},
            was_loaded=_is_loaded(draft.year),
            differences=_differences(draft),
            effects=effects_of(draft, timezone.localdate()),
        )

    def _load(self, request: HttpRequest, form: YearForm, draft: YearDraft) -> HttpResponse:
        try:
            year = load_draft(draft, source=form.cleaned_data["source"], now=timezone.now())
        except LiaisonError as error:
            form.add_error(None, error.message)
            return self._page(request, form)
        transaction.on_commit(settle_everywhere, robust=True)
        words = f"已载入{year}的放假安排，暂定的日期和期限正在重新推算。"
        self.message_user(request, words, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:liaison_calendaryear_changelist"))


def settle_everywhere() -> None:
    """Ring for the tasks that derive provisional dates again; what the broker loses, beat finds."""
    for task in hooks.calendar_loaded:
        current_app.send_task(task.name, ignore_result=True)


def _differences(draft: YearDraft) -> list[dict[str, Any]]:
    """What a year already loaded would have otherwise than now, by day; empty for a new year."""
    if not _is_loaded(draft.year):
        return []
    off, worked = days_of(draft.year)
    before = {day: (DayKind.HOLIDAY.label, name) for day, name in off.items()}
    before |= {day: (DayKind.MAKEUP.label, name) for day, name in worked.items()}
    new_off, new_worked = draft.part(draft.year)
    after = {day: (DayKind.HOLIDAY.label, name) for day, name in new_off.items()}
    after |= {day: (DayKind.MAKEUP.label, name) for day, name in new_worked.items()}
    return [
        {"day": day, "before": _words(before.get(day)), "after": _words(after.get(day))}
        for day in sorted(before | after)
        if before.get(day) != after.get(day)
    ]


def _words(kind_and_name: tuple[str, str] | None) -> str:
    return "".join(kind_and_name) if kind_and_name else "按平常"


def _is_loaded(year: int) -> bool:
    return CalendarYear.objects.filter(year=year).exists()


def _first_values(request: HttpRequest) -> dict[str, Any]:
    """The year asked for with what is stored of it, or next year, empty."""
    asked = read_digits(request.GET.get("year"), longest=4) or 0
    year = asked if _FIRST_YEAR <= asked <= _LAST_YEAR else _next_year(timezone.localdate())
    stored = CalendarYear.objects.filter(year=year).first()
    source = stored.source if stored else source_of(year)
    return {"year": year, "source": source, "text": written(*days_of(year))}


def _next_year(today: date) -> int:
    return today.year + 1
