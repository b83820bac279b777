"""What a deputy who leaves office has in hand here: matters taken in and suggestions that are not settled."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from constituents.enums import OpinionState
from constituents.lifecycle import OPINION_DONE, SUGGESTION_DONE
from constituents.models import Opinion, Suggestion
from liaison.hooks import Held
from liaison.tenancy.scope import Actor


def held_matters(actor: Actor, mandate_ids: Collection[int], today: date) -> list[Held]:
    """How many matters and led suggestions are open; two queries."""
    found = []
    opinions = Opinion.scoped(actor).filter(deputy__in=mandate_ids).exclude(state__in=OPINION_DONE)
    if count := opinions.count():
        open_states = ",".join(sorted(str(state) for state in OpinionState if state not in OPINION_DONE))
        url = f"{reverse('admin:constituents_opinion_changelist')}?{urlencode({'state__in': open_states})}"
        found.append(Held(f"经手的社情民意{count}件还没有办结", "照常办理，登记不变。", url))
    led = Suggestion.scoped(actor).filter(signatories__mandate__in=mandate_ids, signatories__is_lead=True)
    for row in led.exclude(state__in=SUGGESTION_DONE).distinct().order_by("pk"):
        words = f"领衔的代表建议{row.number or row.title}还没有办结"
        url = reverse("constituents_suggestion", args=[row.pk])
        found.append(Held(words, "照常办理；对答复的评价请另行确定由谁作出。", url))
    return found
