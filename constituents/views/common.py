"""What the pages of this floor share: words and tones of states, doors, reading numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from constituents.actions.forms import ActionForm, EditActionForm
from constituents.actions.opinions import CaseAction
from constituents.enums import OpinionState as O
from constituents.enums import SuggestionState as S
from constituents.lifecycle import OPINION_DONE, SUGGESTION_DONE
from constituents.models import Opinion, Suggestion
from liaison.identity.roles import DEPUTIES
from liaison.tenancy.scope import Actor
from liaison.web import pages
from liaison.web.edit_forms import SEEN
from liaison.web.pages import act
from liaison.words.enums import Role
from liaison.words.masking import excerpt
from stations.models import ReceptionDay
from stations.rules.wording import short_day_text

OPINION_TONES: Mapping[str, str] = {
    O.REGISTERED: "warn",
    O.TRIAGED: "warn",
    O.ASSIGNED: "info",
    O.ACCEPTED: "info",
    O.HANDLING: "info",
    O.EXTENDED: "warn",
    O.RETURNED: "warn",
    O.REDO: "bad",
    O.PRESIDIUM_DECIDES: "bad",
    O.ANSWERED_ON_SPOT: "ok",
    O.REPLIED: "ok",
    O.REPLIED_AGAIN: "ok",
    O.EVALUATED: "ok",
    O.CLOSED: "ok",
}
SUGGESTION_TONES: Mapping[str, str] = {
    S.SUBMITTED: "warn",
    S.CHECKED: "warn",
    S.ASSIGNED: "info",
    S.ACCEPTED: "info",
    S.EXTENDED: "warn",
    S.RETURNED: "warn",
    S.REDO: "bad",
    S.PRESIDIUM_DECIDES: "bad",
    S.REPLIED: "ok",
    S.REPLIED_AGAIN: "ok",
    S.EVALUATED: "ok",
    S.CLOSED: "ok",
}
_DONE = {str(state) for state in OPINION_DONE | SUGGESTION_DONE}


def page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    return pages.page(request, f"constituents/{template}", title, **context)


def crumbs(actor: Actor, *steps: tuple[str, str]) -> list[tuple[str, str]]:
    """The door of the role, then the steps."""
    if actor.role in DEPUTIES:
        return [("我的意见", reverse("constituents_mine")), *steps]
    if actor.role == Role.HANDLING_UNIT:
        return [("承办事项", reverse("constituents_unit")), *steps]
    return [("社情民意", reverse("admin:constituents_opinion_changelist")), *steps]


def reception_crumbs(day: ReceptionDay) -> list[tuple[str, str]]:
    """From the list of receptions over the one meant to its papers."""
    return [
        ("接待日", reverse("stations_receptions")),
        (f"{short_day_text(day.day)}{day.station}", reverse("stations_reception", args=[day.pk])),
        ("接待登记表", reverse("constituents_day", args=[day.pk])),
    ]


def suggestion_crumbs(actor: Actor, *steps: tuple[str, str]) -> list[tuple[str, str]]:
    if actor.role in DEPUTIES:
        return [("我的建议", reverse("constituents_my_suggestions")), *steps]
    if actor.role == Role.HANDLING_UNIT:
        return [("承办事项", reverse("constituents_unit")), *steps]
    return [("代表建议", reverse("admin:constituents_suggestion_changelist")), *steps]


def opinion_line(row: Opinion, today: date) -> dict[str, Any]:
    """One opinion as a list shows it: never a name, a number or an address of a resident."""
    return {
        "row": row,
        "url": reverse("constituents_opinion", args=[row.pk]),
        "excerpt": excerpt(row.content),
        "tone": OPINION_TONES.get(row.state, "none"),
        "is_done": row.state in _DONE,
        "today": today,
    }


def suggestion_line(row: Suggestion, today: date) -> dict[str, Any]:
    return {
        "row": row,
        "url": reverse("constituents_suggestion", args=[row.pk]),
        "tone": SUGGESTION_TONES.get(row.state, "none"),
        "is_done": row.state in _DONE,
        "today": today,
    }


def run_action(
    request: HttpRequest, what: CaseAction, form: ActionForm | EditActionForm, rows: Iterable[Any]
) -> Any:
    """Do one thing with every case, all or none; ``None`` shows the form again."""
    now = timezone.now()

    def run(actor: Actor) -> list[Any]:
        form.require_edition(actor)
        given = {name: value for name, value in form.cleaned_data.items() if name != SEEN}
        return [what.run(actor, row, given, now) for row in rows]

    return act(request, form, run)
