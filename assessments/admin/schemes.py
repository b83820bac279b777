"""Schemes: read as a table, adopted, changed before first use, succeeded by a version, tried out first."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from assessments import services
from assessments.access import visible_assessments, visible_schemes
from assessments.forms import scheme_editing as editing
from assessments.models import Assessment, Scheme
from assessments.scoring import InvalidScheme, SchemeRules, Subject
from assessments.selectors import trial_run
from assessments.services.schemes import is_in_use
from deputies.models import Mandate
from deputies.selectors import full_names
from liaison.identity.gates import actor_of
from liaison.identity.roles import REGISTRARS
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor
from liaison.web.admin_base import ServiceAdmin
from liaison.web.edit_forms import EditForm, Outdated
from liaison.words.enums import Role
from liaison.words.errors import InvalidInput, Refused
from liaison.words.text import read_digits


class SchemeEditForm(EditForm):
    """The edition of a scheme; its cells are drawn and read by ``scheme_editing``."""

    definition = forms.CharField(widget=forms.HiddenInput, required=False)

    def stored(self, row: Scheme) -> dict[str, Any]:
        return {"definition": json.dumps(row.definition, sort_keys=True)}

    def _is_same(self, name: str, stored: Any) -> bool:
        # The cells are no field of this form: whatever they hold was typed over what the page showed.
        return False


@admin.register(Scheme)
class SchemeAdmin(ServiceAdmin):
    visible = staticmethod(visible_schemes)
    view_roles: ClassVar[frozenset[Role]] = REGISTRARS
    task_order = 70
    task_hint = "计分项目、标准分和等次；可在系统提供的办法上制定本地办法，先试算再采用。"
    list_display = ("name", "version", "locked_at")
    search_fields = ("name",)
    ordering = ("-scope_code", "code", "-version")
    actions = None
    pages = (("<int:pk>/edit/", "edit", REGISTRARS),)
    fields = readonly_fields = ("name",)

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        names = dict(Jurisdiction.objects.values_list("scope_code", "name"))

        @admin.display(description="制定区域")
        def place(row: Scheme) -> str:
            return str(names.get(row.scope_code, "全国"))

        return ("name", "version", place, "locked_at")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row, actor = self.row(request, object_id), actor_of(request)
        rules = SchemeRules.from_dict(row.definition)
        return self.show(
            request,
            "scheme.html",
            row.name,
            scheme=row,
            rules=rules,
            rows=editing.item_rows(row.definition, {}),
            tops=editing.top_cells(row.definition, {}),
            when_empty=editing.when_empty_label(row.definition),
            is_locked=is_in_use(actor, row),
            verb=_verb(actor, row),
            history_url=reverse("admin:assessments_scheme_history", args=[row.pk]),
        )

    def edit(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The table with open cells: 试算 shows who would change, saving makes a version."""
        row, actor = self.row(request, pk), actor_of(request)
        definition, name, errors = row.definition, row.name, {}
        form = SchemeEditForm(actor, row, request.POST or None)
        trial, trial_year = None, None
        if request.method == "POST":
            name = request.POST.get("name", "")
            definition = _typed(request, row.definition)
            try:
                rules = SchemeRules.from_dict(definition)
                if "try" in request.POST:
                    trial_year = _year_to_try(actor, rules)
                    trial = trial_run(actor, trial_year, rules) if trial_year else None
                    if trial_year is None:
                        messages.warning(request, "还没有可供试算的年度测评，可直接保存。")
                else:
                    return self._save(request, actor, row, name, definition, form)
            except InvalidInput as error:
                errors = error.fields
            except Outdated as error:
                form.show_both(error)
                errors = {"": error.message}
            except Refused as error:
                errors = {"": error.message}
        return self.show(
            request,
            "scheme_edit.html",
            f"{_verb(actor, row)}：{row.name}",
            form=form,
            scheme=row,
            name=name,
            rows=editing.item_rows(definition, errors),
            tops=editing.top_cells(definition, errors),
            base_full=_base_full(definition),
            addable=editing.addable_items(definition),
            errors=[message for path, message in errors.items() if path in ("", "items", "name", "title")],
            wrong=len(errors),
            verb=_verb(actor, row),
            trial=trial,
            trial_year=trial_year,
            changes=_changes(actor, trial) if trial else [],
        )

    def _save(
        self,
        request: HttpRequest,
        actor: Actor,
        row: Scheme,
        name: str,
        definition: dict[str, Any],
        form: SchemeEditForm,
    ) -> HttpResponse:
        with transaction.atomic():
            if _is_own(actor, row) and not is_in_use(actor, row) and "version" not in request.POST:
                form.full_clean()
                form.require_edition(actor)
                saved = services.change_scheme(actor=actor, scheme_id=row.pk, definition=definition)
            else:
                code = row.code if _is_own(actor, row) else ""
                saved = services.adopt_scheme(actor=actor, definition=definition, name=name, code=code)
        self.message_user(request, f"已保存{saved}。", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:assessments_scheme_change", args=[saved.pk]))


def _is_own(actor: Actor, row: Scheme) -> bool:
    return bool(row.scope_code == actor.lo and row.scope_end == actor.hi)


def _verb(actor: Actor, row: Scheme) -> str:
    if not _is_own(actor, row):
        return "采用为本地办法"
    return "另存为新版本" if is_in_use(actor, row) else "修改"


def _typed(request: HttpRequest, definition: dict[str, Any]) -> dict[str, Any]:
    posted = {key: value for key, value in request.POST.items() if isinstance(value, str)}
    dropped = {int(place) for place in request.POST.getlist("drop") if read_digits(place) is not None}
    return editing.edited(definition, posted, dropped, request.POST.getlist("add"))


def _base_full(definition: dict[str, Any]) -> str:
    """The sum of the standard points, as far as the cells hold numbers."""
    try:
        return str(SchemeRules.from_dict(definition).base_full)
    except InvalidScheme:
        return ""


def _year_to_try(actor: Actor, rules: SchemeRules) -> Assessment | None:
    """The newest year of the own jurisdiction: its facts are what the draft is tried on."""
    if rules.subject != Subject.DEPUTY:
        raise Refused("测评代表小组的办法暂不能试算。")
    return visible_assessments(actor).filter(scope_code=actor.lo).order_by("-year").first()


def _changes(actor: Actor, trial: Any) -> list[tuple[str, str]]:
    """Who would change and by which line, in stroke order."""
    by_id = {int(change.ref.partition(":")[2]): change.sentence for change in trial.changes}
    rows = Mandate.scoped(actor).filter(pk__in=by_id).order_by("person__name_strokes", "pk")
    names = full_names(actor, rows.select_related("person", "constituency", "electing_unit"))
    return [(name, by_id[pk]) for pk, name in names.items()]
