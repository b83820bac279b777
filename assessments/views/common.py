"""What the pages of this floor share: who may enter, words and tones of states, running a service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from assessments.enums import Grade, NoticeState, ObjectionState, TalkState
from assessments.forms.fields import CycleForm
from assessments.models import ScoreSheet
from liaison.identity.access import is_linked
from liaison.identity.roles import DEPUTIES, OFFICE, REGISTRARS
from liaison.tenancy.scope import Actor
from liaison.web import pages
from liaison.web.pages import Crumbs

STAFF = REGISTRARS
READERS = (*STAFF, *DEPUTIES)

GRADE_TONES: Mapping[str, str] = {
    Grade.EXCELLENT: "ok",
    Grade.QUALIFIED: "info",
    Grade.UNQUALIFIED: "bad",
    Grade.NOT_RATED: "none",
}
NOTICE_TONES = {
    NoticeState.ISSUED: "warn",
    NoticeState.DELIVERED: "warn",
    NoticeState.REPORTED: "info",
    NoticeState.RETURNED: "bad",
    NoticeState.ACCEPTED: "ok",
    NoticeState.UNREPORTED: "bad",
    NoticeState.EXCUSED: "none",
    NoticeState.SUPERSEDED: "none",
    NoticeState.ARCHIVED: "none",
}
OBJECTION_TONES = {
    ObjectionState.RAISED: "warn",
    ObjectionState.RECHECKING: "info",
    ObjectionState.UPHELD: "none",
    ObjectionState.CORRECTED: "ok",
    ObjectionState.WITHDRAWN: "none",
    ObjectionState.NOT_ACCEPTED: "none",
}
TALK_TONES = {TalkState.DUE: "warn", TalkState.DONE: "ok", TalkState.CANCELLED: "none"}


def page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    return pages.page(request, f"assessments/{template}", title, **context)


def form_page(
    request: HttpRequest, form: CycleForm, title: str, *, submit: str, back: str, **context: Any
) -> HttpResponse:
    """One form with one button; ``consequence`` says what pressing it does."""
    words = {"form": form, "submit": submit, "cancel_url": back, **context}
    return page(request, "form.html", title, **words)


def crumbs(actor: Actor, *steps: tuple[str, str]) -> Crumbs:
    """The door of the role, then the steps."""
    if actor.role in DEPUTIES:
        return [("我的测评", reverse("assessments_home")), *steps]
    return [("测评结果", reverse("assessments_results")), *steps]


def done(request: HttpRequest, message: str, name: str, *args: Any) -> HttpResponse:
    """Told, and on to the page that shows what was done."""
    messages.success(request, message)
    return redirect(name, *args)


def is_own(actor: Actor, sheet_or_notice: Any) -> bool:
    return actor.person_id is not None and is_linked(sheet_or_notice.mandate.person_id, actor.person_id)


def is_staff(actor: Actor) -> bool:
    return actor.role in OFFICE


def who(actor: Actor, sheet: ScoreSheet) -> str:
    """您 for the reader's own sheet, the name for everybody else's."""
    return "您" if is_own(actor, sheet) else f"{sheet.mandate.full_name}代表"
