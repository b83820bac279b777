"""Deputies in lists: two of one name are told apart."""

from django import template

from deputies.models import Mandate
from deputies.selectors import DeputyNames
from liaison.identity.gates import actor_of

register = template.Library()


@register.simple_tag(takes_context=True)
def deputy_name(context: template.Context, mandate: Mandate) -> str:
    """``{% deputy_name row.mandate %}``; one query a request and term."""
    request = context["request"]
    kept = vars(request)
    names: DeputyNames = kept.setdefault("_deputy_names", DeputyNames(actor_of(request)))
    return names.of(mandate)
