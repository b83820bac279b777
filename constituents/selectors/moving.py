"""What is told of matters, suggestions and units before places are merged, moved, split or closed."""

from collections.abc import Iterator

from constituents.lifecycle import OPINION_DONE, SUGGESTION_DONE
from constituents.models import HandlingUnit, Opinion, Suggestion
from liaison.hooks import Moving, Passage
from liaison.tenancy.scope import require_actor


def moving_matters(passage: Passage) -> Iterator[Moving]:
    """Open matters keep place, number and deadline; the successor's office finishes them there."""
    actor = require_actor()
    inside = {"scope_code__gte": passage.lo, "scope_code__lt": passage.hi}
    opinions = Opinion.scoped(actor).filter(**inside).exclude(state__in=list(OPINION_DONE))
    if not passage.is_whole:
        count = opinions.filter(village__in=passage.villages).count()
        if count:
            yield Moving("这些村未办结的群众意见", count, f"由{passage.former.short_name}按原编号办结")
        return
    suggestions = Suggestion.scoped(actor).filter(**inside).exclude(state__in=list(SUGGESTION_DONE))
    units = HandlingUnit.scoped(actor).filter(**inside, is_active=True)
    name = passage.successor.short_name if passage.successor else ""
    for what, rows in (("未办结的群众意见", opinions), ("未办结的代表建议", suggestions)):
        if count := rows.count():
            becomes = f"按原编号、原期限办结，由{name}承接" if name else "请先办结"
            yield Moving(what, count, becomes, blocks=not name)
    if (count := units.count()) and name:
        yield Moving("承办单位", count, f"留下办结原有事项；新的事项由{name}的承办单位办理")
