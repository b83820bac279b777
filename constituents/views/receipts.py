"""The slip for the resident, and the query code on it: shown once, made anew on request."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from constituents.access import INTAKE_ROLES, get_opinion
from constituents.forms import RenewCodeForm, ShowCodeForm
from constituents.models import Opinion
from constituents.services.query_codes import renew_query_code, show_query_code
from constituents.views.common import crumbs, page
from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import OFFICE
from liaison.tenancy.scope import Actor
from liaison.web.pages import act
from liaison.words.errors import Forbidden


@for_roles(*INTAKE_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: HttpRequest, opinion_id: int) -> HttpResponse:
    """Number, where to follow it and, once, the code; afterwards the office's way to a new one.

    No personal data on it. The code stands in the answer to the pressed button only, never in one to a GET.
    """
    actor = actor_of(request)
    row = get_opinion(actor, opinion_id)
    if row.recorded_by_id != actor.account_id and actor.role not in OFFICE:
        raise Forbidden("登记回执只能由登记人或者主席团打印。")
    form = _form(request, actor, row)
    code = _code(request, row, form) if request.method == "POST" else None
    opinion_url = reverse("constituents_opinion", args=[row.pk])
    return page(
        request,
        "receipt.html",
        "登记回执",
        crumbs=crumbs(actor, (row.number, opinion_url), ("登记回执", "")),
        row=row,
        organ=actor.jurisdiction_name,
        follow_url=request.build_absolute_uri(reverse("constituents_follow")),
        opinion_url=opinion_url,
        code=code,
        form=form,
        shows=isinstance(form, ShowCodeForm),
        renews=isinstance(form, RenewCodeForm),
    )


def _form(request: HttpRequest, actor: Actor, row: Opinion) -> ShowCodeForm | RenewCodeForm | None:
    """The button for whoever registered it, while the code waits; then the office's request for a new one."""
    sent = request.POST if request.method == "POST" else None
    is_renewal = sent is not None and "reason" in sent
    if row.recorded_by_id == actor.account_id and not is_renewal and (row.query_code or sent is not None):
        return ShowCodeForm(sent)
    may_renew = actor.role in OFFICE and row.purged_at is None
    return RenewCodeForm(sent) if may_renew or is_renewal else None


def _code(request: HttpRequest, row: Opinion, form: ShowCodeForm | RenewCodeForm | None) -> str | None:
    if isinstance(form, RenewCodeForm):
        return act(
            request,
            form,
            lambda actor: renew_query_code(
                actor=actor, opinion_id=row.pk, reason=form.cleaned_data["reason"], now=timezone.now()
            ),
        )
    return act(
        request,
        form or ShowCodeForm(request.POST),
        lambda actor: show_query_code(actor=actor, opinion_id=row.pk),
    )
