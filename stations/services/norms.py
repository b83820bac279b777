"""履职要求: what is asked of deputies a year, kind by kind or by choosing a whole set.

A norm holds from a year on. Years gone by keep the row that held then, and a year whose appraisal data are
frozen is not touched any more: ``hooks.frozen_places`` knows those.
"""

from __future__ import annotations

from datetime import datetime

from liaison import hooks
from liaison.auditing import trail
from liaison.calendar.workdays import china_date
from liaison.identity.roles import REGISTRARS
from liaison.tenancy.scope import Actor
from liaison.words.errors import InvalidInput, Refused
from liaison.words.limits import fitted_line
from stations.access import visible_kinds
from stations.models import ActivityKind
from stations.rules.norm_sets import NORM_SETS, Norm, NormChange, NormSet, SetItem, changes
from stations.selectors.facts import kinds_in_force
from stations.services.shipped_kinds import CONTACT_METHODS, FACT_CODES

MOST_PER_YEAR = 366


def save_activity_kind(
    *,
    actor: Actor,
    code: str,
    name: str,
    due_per_year: int,
    is_personal: bool,
    fact_code: str,
    now: datetime,
    sort: int = 0,
    contact_method: str | None = None,
    year: int | None = None,
) -> ActivityKind:
    """Lay down the acting jurisdiction's own norm for ``code`` from ``year`` on (this year unless said).

    Others around it stay untouched, and so do the years before.
    """
    actor.require(*REGISTRARS)
    clean_code = fitted_line(ActivityKind, "code", code, label="代码", needed=True)
    if not clean_code.isascii() or not clean_code.replace("_", "").isalnum():
        raise InvalidInput({"code": "代码只能由英文字母、数字和下划线组成。"})
    if not 0 <= due_per_year <= MOST_PER_YEAR:
        raise InvalidInput({"due_per_year": f"每年应参加次数应在0至{MOST_PER_YEAR}之间。"})
    wanted = _open_year(actor, year, now)
    held = kinds_in_force(actor, actor.lo, wanted).get(clean_code)
    row = _own_row(actor, clean_code, wanted, held)
    row.name = fitted_line(ActivityKind, "name", name, label="名称", needed=True)
    row.due_per_year, row.is_personal, row.sort = due_per_year, is_personal, sort or row.sort
    row.fact_code = fitted_line(ActivityKind, "fact_code", fact_code, label="计分事项")
    if contact_method is not None:
        row.contact_method = contact_method
    with trail.operation("save_activity_kind"):
        row.save()
    return row


def _open_year(actor: Actor, year: int | None, now: datetime) -> int:
    """The year asked for, when norms may still be laid down for it."""
    today = china_date(now)
    wanted = today.year if year is None else year
    if wanted not in (today.year, today.year + 1):
        raise InvalidInput(
            {"year": f"只能选择{today.year}年或者{today.year + 1}年；以往年度的要求不再改变。"}
        )
    frozen = frozen_places(actor, wanted)
    if frozen:
        names = "、".join(frozen[:3]) + ("等" if len(frozen) > 3 else "")
        raise Refused(f"{names}{wanted}年度测评已截止数据，本年度的要求不再改变，请从下一年度起执行。")
    return wanted


def frozen_places(actor: Actor, year: int) -> list[str]:
    """Names of the places within reach whose appraisal of ``year`` stands on frozen data."""
    return [name for places in hooks.frozen_places for name in places(actor, year)]


def _own_row(actor: Actor, code: str, year: int, held: ActivityKind | None) -> ActivityKind:
    """The own row that begins in ``year``, locked, else a new one that goes on from what holds."""
    own = ActivityKind.scoped(actor).filter(
        scope_code=actor.lo, scope_end=actor.hi, code=code, from_year=year
    )
    return own.select_for_update().first() or ActivityKind(
        scope_code=actor.lo,
        scope_end=actor.hi,
        code=code,
        from_year=year,
        sort=held.sort if held else 0,
        contact_method=held.contact_method if held else "",
    )


def norm_changes(actor: Actor, norm_set: NormSet, year: int) -> list[NormChange]:
    """The preview: what choosing ``norm_set`` from ``year`` on would change in the acting jurisdiction."""
    held = kinds_in_force(actor, actor.lo, year).values()
    return changes((Norm(k.code, k.name, k.due_per_year, k.is_personal) for k in held), norm_set)


def own_norms_below(actor: Actor, year: int) -> list[int]:
    """Scope codes of jurisdictions below that keep norms of their own in ``year`` whatever is chosen here."""
    below = visible_kinds(actor).filter(
        scope_code__gte=actor.lo, scope_end__lte=actor.hi, from_year__lte=year
    )
    codes = below.exclude(scope_code=actor.lo, scope_end=actor.hi).values_list("scope_code", flat=True)
    return list(codes.order_by("scope_code").distinct())


def choose_norm_set(
    *, actor: Actor, set_code: str, year: int, reason: str, now: datetime
) -> list[ActivityKind]:
    """Make a set the acting jurisdiction's norms from ``year`` on; returns the rows that hold then.

    Kinds the set does not name are no longer due (they may still be registered). Deliberate: with a reason,
    for this year or the next, never for a frozen one. Choosing the same again changes nothing.
    """
    actor.require(*REGISTRARS)
    norm_set = NORM_SETS.get(set_code)
    if norm_set is None:
        raise InvalidInput({"set_code": "请选择一套履职要求。"})
    words = trail.reason_of(reason, needed="请填写依据。")
    wanted = _open_year(actor, year, now)
    held = kinds_in_force(actor, actor.lo, wanted)
    items: dict[str, SetItem] = {item.kind: item for item in norm_set.items}
    places = {code: place for place, code in enumerate(items, start=1)}
    rows = []
    with trail.operation("choose_norm_set", reason=words):
        for change in norm_changes(actor, norm_set, wanted):
            row = _own_row(actor, change.code, wanted, held.get(change.code))
            item = items.get(change.code)
            row.norm_set = norm_set.code
            row.name = change.name
            row.due_per_year = item.due_per_year if item else 0
            if item is not None:
                row.is_personal, row.sort = item.is_personal, places[change.code]
                row.contact_method = row.contact_method or _method(item.kind)
            known = held.get(change.code)
            row.fact_code = known.fact_code if known else FACT_CODES.get(item.kind, "") if item else ""
            row.save()
            rows.append(row)
    return rows


def _method(kind: object) -> str:
    method = CONTACT_METHODS.get(kind)  # type: ignore[call-overload]
    return method if method else ""
