"""The papers of one reception day, and signed registers: attached, listed, opened for a reason, withdrawn."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from constituents.access import (
    INTAKE_ROLES,
    PAPER_ROLES,
    get_opinion,
    get_scan,
    opinions_of_day,
    paper_day,
    visible_scans,
)
from constituents.forms import OpenScanForm, ScanForm, WithdrawScanForm
from constituents.models import Opinion, RegisterScan
from constituents.selectors import opinion_list
from constituents.services.scans import add_scans, open_scan, withdraw_scan
from constituents.views.common import crumbs, opinion_line, page, reception_crumbs
from liaison.files.uploads import file_response
from liaison.identity.gates import actor_of, for_roles
from liaison.tenancy.scope import Actor
from liaison.web.pages import act
from stations.enums import ReceptionDayState
from stations.models import ReceptionDay
from stations.rules.wording import short_day_text


@for_roles(*PAPER_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def day(request: HttpRequest, day_id: int) -> HttpResponse:
    """One reception on paper: what to print, what was registered, which signed sheets are there."""
    actor = actor_of(request)
    row = paper_day(actor, day_id)
    form = _scan_form(request)
    if request.method == "POST" and _added(request, actor, form, reception_day_id=row.pk):
        return redirect("constituents_day", row.pk)
    today, is_held = timezone.localdate(), row.state == ReceptionDayState.HELD
    matters = opinion_list(actor).filter(pk__in=opinions_of_day(actor, row).values("pk"))
    return page(
        request,
        "day.html",
        "接待登记表",
        page_lead=f"{short_day_text(row.day)}{row.station}"
        + (f"　来访{row.visitor_count}人。" if is_held else ""),
        crumbs=[*reception_crumbs(row)[:-1], ("接待登记表", "")],
        day=row,
        has_come=row.day <= today,
        lines=[opinion_line(each, today) for each in matters.order_by("number", "pk")],
        scans=scan_lines(actor, row),
        form=form,
        today=today,
    )


def _scan_form(request: HttpRequest) -> ScanForm:
    return ScanForm(request.POST, request.FILES) if request.method == "POST" else ScanForm()


def _added(request: HttpRequest, actor: Actor, form: ScanForm, **subject: int) -> bool:
    """Whether the files were taken; else the form says what is wrong with which of them."""
    now = timezone.now()
    done = act(
        request,
        form,
        lambda _: add_scans(
            actor=actor,
            files=form.cleaned_data["files"],
            now=now,
            idempotency_key=form.cleaned_data["idempotency_key"],
            **subject,
        ),
    )
    if done is None:
        return False
    messages.success(request, f"已上传{len(done)}份签字登记表。")
    return True


def scan_lines(actor: Actor, subject: ReceptionDay | Opinion) -> list[dict[str, Any]]:
    """The signed sheets of one reception or matter, oldest first, with who and when; one query."""
    of = {"opinion": subject} if isinstance(subject, Opinion) else {"reception_day": subject}
    rows = visible_scans(actor).filter(**of).select_related("file", "added_by", "withdrawn_by")
    keeps = actor.role in PAPER_ROLES
    return [
        {
            "scan": scan,
            "who": scan.added_by.display_name if scan.added_by else "",
            "withdrawn_by": scan.withdrawn_by.display_name if scan.withdrawn_by else "",
            "name": str(scan),
            "size": f"{max(scan.file.size // 1024, 1)}KB" if scan.file else "",
            "may_withdraw": keeps and scan.withdrawn_at is None,
        }
        for scan in rows.order_by("added_at", "pk")
    ]


@for_roles(*PAPER_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def add_to_opinion(request: HttpRequest, opinion_id: int) -> HttpResponse:
    """Attach the signed sheet of one matter."""
    actor = actor_of(request)
    row = get_opinion(actor, opinion_id)
    form = _scan_form(request)
    if request.method == "POST" and _added(request, actor, form, opinion_id=row.pk):
        return redirect("constituents_opinion", row.pk)
    back = reverse("constituents_opinion", args=[row.pk])
    return page(
        request,
        "add_scan.html",
        "上传签字登记表",
        page_lead=f"社情民意{row.number}　{row.get_category_display()}",
        crumbs=crumbs(actor, (row.number, back), ("上传签字登记表", "")),
        form=form,
        cancel_url=back,
    )


@for_roles(*INTAKE_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def open_one(request: HttpRequest, scan_id: int) -> HttpResponse:
    """The signed sheet itself: residents in full, so a reason is asked for and kept."""
    actor = actor_of(request)
    scan = get_scan(actor, scan_id)
    form = OpenScanForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        now = timezone.now()
        found = act(
            request,
            form,
            lambda _: open_scan(actor=actor, scan_id=scan.pk, reason=form.cleaned_data["reason"], now=now),
        )
        if found is not None and found.file is not None:
            return file_response(actor, found.file, inline=True)
    return page(request, "open_scan.html", "打开签字登记表", form=form, **_about(actor, scan))


def _about(actor: Actor, scan: RegisterScan) -> dict[str, Any]:
    """What the pages of one scan show of it, and the way back."""
    if scan.opinion is not None:
        back = reverse("constituents_opinion", args=[scan.opinion_id])
        steps = crumbs(actor, (scan.opinion.number, back))
        name = f"社情民意{scan.opinion.number}"
    else:
        assert scan.reception_day is not None  # noqa: S101  the table's own constraint
        back = reverse("constituents_day", args=[scan.reception_day_id])
        steps = reception_crumbs(scan.reception_day)
        name = f"{short_day_text(scan.reception_day.day)}{scan.reception_day.station}"
    return {"scan": scan, "back_url": back, "crumbs": [*steps, ("签字登记表", "")], "page_lead": name}


@for_roles(*PAPER_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, scan_id: int) -> HttpResponse:
    """Take down a sheet attached by mistake."""
    actor = actor_of(request)
    scan = get_scan(actor, scan_id)
    about = _about(actor, scan)
    form = WithdrawScanForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        now = timezone.now()
        done = act(
            request,
            form,
            lambda _: withdraw_scan(
                actor=actor, scan_id=scan.pk, reason=form.cleaned_data["reason"], now=now
            ),
        )
        if done is not None:
            messages.success(request, f"已撤下“{scan}”。")
            return redirect(about["back_url"])
    return page(request, "withdraw_scan.html", "撤下签字登记表", form=form, **about)
