"""The working calendar: paste the State Council's notice, look at what was understood, confirm."""

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from liaison.admin_base import ScopedAdmin, actor_of_request
from liaison.admin_site import TaskLook
from liaison.calendar import CALENDAR_KEEPERS, days_of, load_draft, source_of
from liaison.calendar_import import YearDraft, read_year, written
from liaison.enums import DayKind, Role
from liaison.errors import InvalidInput, LiaisonError
from liaison.models import CalendarYear
from liaison.sheets import read_sheet
from liaison.workdays import weekday_name

KEEPERS = frozenset(CALENDAR_KEEPERS)


class YearForm(forms.Form):
    year = forms.IntegerField(label="年份", min_value=2020, max_value=2100)
    source = forms.CharField(label="依据", max_length=120)
    text = forms.CharField(
        label="放假安排",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="可整段粘贴国务院办公厅的通知，也可每行写一天，如“2027-01-01 放假 元旦”。",
    )
    file = forms.FileField(
        label="或上传表格", required=False, help_text="Excel、WPS 表格或 CSV，各列为日期、放假或上班、名称。"
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


@admin.register(CalendarYear)
class CalendarYearAdmin(TaskLook, ScopedAdmin):
    view_roles: ClassVar[frozenset[Role]] = KEEPERS
    add_roles: ClassVar[frozenset[Role]] = KEEPERS
    task_order = 12
    task_hint = "每年11月前后载入下一年的放假安排；暂定的期限随后重新推算。"
    list_display = ("year", "source", "loaded_at", "revision")
    fields = list_display
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        """National, the same for everybody: the table has no scope."""
        return CalendarYear.objects.all()

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        actor_of_request(request).require(*CALENDAR_KEEPERS)
        if request.method != "POST":
            return self._page(request, YearForm(initial=_first_values(request)))
        form = YearForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._page(request, form)
        draft: YearDraft = form.cleaned_data["draft"]
        if "confirm" not in request.POST:
            return self._preview(request, form, draft)
        return self._load(request, form, draft)

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
            **more,
        }
        return TemplateResponse(request, "admin/liaison/calendaryear/load.html", context)

    def _preview(self, request: HttpRequest, form: YearForm, draft: YearDraft) -> HttpResponse:
        rows = [(day, DayKind.HOLIDAY, name) for day, name in draft.holidays.items()]
        rows += [(day, DayKind.MAKEUP, name) for day, name in draft.makeups.items()]
        days = [
            {"day": day, "weekday": weekday_name(day), "kind": kind.label, "name": name}
            for day, kind, name in sorted(rows)
        ]
        sent = {
            "year": draft.year,
            "source": form.cleaned_data["source"],
            "text": written(draft.holidays, draft.makeups),
        }
        return self._page(request, form, days=days, sent=sent, was_loaded=_is_loaded(draft.year))

    def _load(self, request: HttpRequest, form: YearForm, draft: YearDraft) -> HttpResponse:
        try:
            year = load_draft(draft, source=form.cleaned_data["source"], now=timezone.now())
        except LiaisonError as error:
            form.add_error(None, error.message)
            return self._page(request, form)
        text = f"已载入{year}的放假安排，暂定的期限将在半小时内重新推算。"
        self.message_user(request, text, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:liaison_calendaryear_changelist"))


def _is_loaded(year: int) -> bool:
    return CalendarYear.objects.filter(year=year).exists()


def _first_values(request: HttpRequest) -> dict[str, Any]:
    """The year asked for with what is stored of it, or next year, empty."""
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and 1900 < int(asked) < 2200 else _next_year(timezone.localdate())
    stored = CalendarYear.objects.filter(year=year).first()
    source = stored.source if stored else source_of(year)
    return {"year": year, "source": source, "text": written(*days_of(year))}


def _next_year(today: date) -> int:
    return today.year + 1
