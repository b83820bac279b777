"""What the roster's services share: who may write, where rows belong, and taking turns."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeVar

from django.db import models
from django.utils import timezone

from deputies.access import may_convene, may_keep
from deputies.enums import TermState
from deputies.models import Term
from liaison.models import Jurisdiction
from liaison.tenancy.models import ScopedModel
from liaison.tenancy.scope import Actor
from liaison.words.errors import Forbidden, OutOfScope, Refused

M = TypeVar("M", bound=ScopedModel)


def today_of(now: datetime) -> date:
    """The day in Shanghai, where the office reasons."""
    return timezone.localtime(now).date()


def readable(model: type[M], actor: Actor, row_id: int, *joins: str) -> M:
    """One row of the actor's interval, rules of enclosing jurisdictions included; else ``OutOfScope``."""
    found = model.scoped(actor).select_related(*joins).filter(pk=row_id).first()
    if found is None:
        raise OutOfScope()
    return found


def require_keeper(actor: Actor, term: Term) -> None:
    """``Forbidden`` unless the actor keeps this roster; ``Refused`` when the term is archived."""
    if not may_keep(actor, term):
        raise Forbidden("只有本级人大的工作人员可以办理代表名册。")
    if term.state == TermState.CLOSED:
        raise Refused(f"{term}已届满归档，名册只能查阅，不能变更。")


def require_convener(actor: Actor, term: Term) -> None:
    """As `require_keeper`, and ``Forbidden`` for a street: its congress is the county's to convene."""
    require_keeper(actor, term)
    if not may_convene(actor, term.congress):
        place = term.congress.jurisdiction.short_name
        raise Forbidden(f"届次和会议由{place}人大登记，本地只办理在本地联系选民的代表的名册。")


def home_of(actor: Actor, term: Term) -> tuple[int, int]:
    """The interval new rows of ``term`` belong to.

    Usually the congress's own; narrower when a street keeps the county's deputies elected there.
    """
    if actor.lo > term.scope_code or actor.hi < term.scope_end:
        return actor.lo, actor.hi
    return term.scope_code, term.scope_end


def take_turn(actor: Actor, term: Term) -> None:
    """One writer of numbers, groups and imports at a time per jurisdiction.

    The jurisdiction's row is the lock, because a street may not lock the county's term. NO KEY, so that
    foreign keys to the jurisdiction are not held up.
    """
    code, _ = home_of(actor, term)
    list(Jurisdiction.objects.select_for_update(no_key=True).filter(scope_code=code))


def apply_changes(row: models.Model, values: dict[str, object]) -> list[str]:
    """Set the differing values; the names of the changed fields (nothing is saved)."""
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    return changed
