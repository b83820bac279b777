"""What a 换届 meets: the list to go through before it, the figures it moves, what forbids taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from deputies.enums import DIRECT_LEVELS, GroupPost, MandateState, RolloverState, TermState
from deputies.lifecycle import SEATED_STATES
from deputies.models import (
    Constituency,
    DeputyGroup,
    ElectingUnit,
    FixedContact,
    GroupMembership,
    Mandate,
    MandateChange,
    Rollover,
    Session,
    Term,
)
from liaison import hooks
from liaison.hooks import Check
from liaison.identity.access import jurisdictions
from liaison.identity.roles import DEPUTIES
from liaison.identity.selectors import in_force
from liaison.models import Appointment, Jurisdiction
from liaison.tenancy.counting import counted
from liaison.tenancy.scope import Actor
from liaison.words.enums import JurisdictionLevel

# So many days after it was confirmed two people may take a rollover back.
UNDO_DAYS = 7
_STANDING = (RolloverState.PROPOSED, RolloverState.DONE, RolloverState.UNDO_PROPOSED)


def standing_rollover(actor: Actor, term: Term) -> Rollover | None:
    """The rollover into a term that is proposed or done."""
    rows = Rollover.scoped(actor).filter(term=term, state__in=_STANDING)
    return rows.select_related("term__congress__jurisdiction", "former__congress__jurisdiction").first()


def undo_until(rollover: Rollover) -> date | None:
    """The last day on which it may be taken back; ``None`` before it was confirmed."""
    if rollover.confirmed_at is None:
        return None
    return timezone.localdate(rollover.confirmed_at) + timedelta(days=UNDO_DAYS)


def seats_wanted(seats: int) -> int:
    """A congress meets with more than half of its seats filled, or it does not begin: the least number."""
    return seats // 2 + 1


def rollover_checks(actor: Actor, former: Term, term: Term, today: date) -> list[Check]:
    """All to go through before ``term`` follows ``former``; one query here and one for each floor above."""
    found = _own_checks(actor, former, term)
    for checks in hooks.before_rollover:
        found += checks(actor, former.pk, term.pk, today)
    return found


def _own_checks(actor: Actor, former: Term, term: Term) -> list[Check]:
    seats = Mandate.scoped(actor).filter(term=term, state__in=list(SEATED_STATES))
    placed = GroupMembership.scoped(actor).filter(mandate=OuterRef("pk"), ends_on__isnull=True)
    direct = term.congress.level in DIRECT_LEVELS
    electors = (Constituency if direct else ElectingUnit).scoped(actor).filter(term=term)
    column = "constituency" if direct else "electing_unit"
    elected = seats.filter(**{column: OuterRef("pk")})
    groups = DeputyGroup.scoped(actor).filter(term=term)
    led = GroupMembership.scoped(actor).filter(group=OuterRef("pk"), ends_on__isnull=True)
    n = counted(
        electors=electors,
        empty=electors.filter(~Exists(elected)),
        elected=seats,
        groups=groups,
        leaderless=groups.filter(~Exists(led.filter(post=GroupPost.LEADER))),
        unplaced=seats.filter(~Exists(placed)),
    )
    word = "选区" if direct else "选举单位"
    roster = f"{reverse('deputies_roster')}?{urlencode({'term': term.pk})}"
    page = reverse("deputies_rollover", args=[term.pk])
    lists = reverse(f"admin:deputies_{'constituency' if direct else 'electingunit'}_changelist")
    wanted, missing = seats_wanted(term.seats), max(0, term.seats - n["elected"])
    return [
        Check(
            word, 0 if n["electors"] else 1, f"已登记{n['electors']}个", page + "#electors",
            f"登记{word}", forbids=True,
        ),
        Check(
            f"没有代表当选的{word}", n["empty"], f"{n['empty']}个{word}还没有登记当选代表",
            lists, "查看",
        ),
        Check(
            "当选代表不足半数", max(0, wanted - n["elected"]),
            f"名额{term.seats}名，已登记当选{n['elected']}名，至少{wanted}名才能召开首次会议",
            page + "#roster", "登记当选代表", forbids=True,
        ),
        Check("名额未满", missing, f"名额{term.seats}名，缺{missing}名", roster, "查看名册"),
        Check(
            "代表小组", 0 if n["groups"] else 1, f"已设立{n['groups']}个", page + "#electors", "设立小组"
        ),
        Check("没有编入小组的代表", n["unplaced"], f"{n['unplaced']}名", roster, "编组"),
        Check(
            "没有组长的小组", n["leaderless"], f"{n['leaderless']}个",
            f"{reverse('deputies_groups')}?{urlencode({'term': term.pk})}", "确定组长",
        ),
    ]  # fmt: skip


def rollover_figures(actor: Actor, former: Term, term: Term, today: date) -> dict[str, int]:
    """Figures that the act moves, by their words; asked before it and after it."""
    old = Mandate.scoped(actor).filter(term=former)
    seated = Q(state__in=list(SEATED_STATES))
    running = Mandate.scoped(actor).filter(seated, term=term, term__state=TermState.CURRENT)
    places = GroupMembership.scoped(actor).filter(group__term=former, ends_on__isnull=True)
    contacts = FixedContact.scoped(actor).filter(mandate__term=former, ends_on__isnull=True)
    doors = Appointment.scoped(actor).filter(in_force(today), role__in=DEPUTIES)
    rows = {
        f"第{former.number}届在任代表": old.filter(seated),
        f"第{former.number}届任期届满的代表": old.filter(state=MandateState.ENDED),
        f"第{term.number}届履行职务的代表": running,
        f"第{former.number}届代表小组": DeputyGroup.scoped(actor).filter(term=former),
        f"第{former.number}届小组中的代表": places,
        f"第{former.number}届小组职务": places.exclude(post=GroupPost.MEMBER),
        f"第{former.number}届固定联系选民": contacts,
        "代表和组长可用的任职": doors,
        f"第{term.number}届会议": Session.scoped(actor).filter(term=term),
    }
    keys = {f"n{index}": words for index, words in enumerate(rows)}
    figures = counted(**{key: rows[words] for key, words in keys.items()})
    found = {words: figures[key] for key, words in keys.items()}
    for more in hooks.rollover_figures:
        found |= more(actor, today)
    return found


def undo_obstacles(actor: Actor, rollover: Rollover) -> list[Check]:
    """What was recorded in the new term since it began and would stand in a term that has not begun."""
    term, since = rollover.term, rollover.confirmed_at
    if since is None:
        return []
    found = [check for check in _own_obstacles(actor, rollover, since) if not check.is_in_order]
    for recorded in hooks.recorded_in_term:
        found += [check for check in recorded(actor, term.pk, since) if not check.is_in_order]
    return found


def _own_obstacles(actor: Actor, rollover: Rollover, since: datetime) -> list[Check]:
    term = rollover.term
    known = [*rollover.changed["known_sessions"], rollover.changed["session"]]
    n = counted(
        sessions=Session.scoped(actor).filter(term=term).exclude(pk__in=[pk for pk in known if pk]),
        changes=MandateChange.scoped(actor).filter(mandate__term=term, recorded_at__gte=since),
        seats=Mandate.scoped(actor).filter(term=term, elected_on__gt=rollover.starts_on),
        prepared=Term.scoped(actor).filter(congress=term.congress, state=TermState.PREPARING),
    )  # fmt: skip
    roster = f"{reverse('deputies_roster')}?{urlencode({'term': term.pk})}"
    terms = reverse("deputies_terms")
    return [
        Check("首次会议以后登记的会议", n["sessions"], f"{n['sessions']}次", terms, "查看"),
        Check("新一届代表的资格变动", n["changes"], f"{n['changes']}项", roster, "查看名册"),
        Check("首次会议以后当选的代表", n["seats"], f"{n['seats']}名", roster, "查看名册"),
        Check("已经在筹备的下一届", n["prepared"], f"{n['prepared']}届", terms, "查看"),
    ]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the congress of one place stands: its terms, what is elected, and the rollover."""

    place: Jurisdiction
    running: Term | None
    coming: Term | None
    elected: int
    electors: int
    rollover: Rollover | None
    until: date | None

    @property
    def seats(self) -> int:
        """The seats of the term that is prepared, else of the running one; 0 without either."""
        term = self.coming or self.running
        return term.seats if term else 0

    @property
    def is_done(self) -> bool:
        return self.until is not None

    @property
    def is_waiting(self) -> bool:
        return self.rollover is not None and self.rollover.state in (
            RolloverState.PROPOSED,
            RolloverState.UNDO_PROPOSED,
        )

    @property
    def label(self) -> str:
        if self.place.level == JurisdictionLevel.STREET:
            return "街道不设人大，随本区县换届"
        if self.rollover is not None:
            return RolloverState(self.rollover.state).label
        if self.coming is not None:
            return "正在筹备新一届"
        return "任期内，还没有登记新一届" if self.running else "还没有登记本届"

    @property
    def tone(self) -> str:
        if self.is_waiting:
            return "warn"
        return "ok" if self.is_done else "info" if self.coming else "none"

    @property
    def lacks(self) -> str:
        """What still forbids the rollover, in words; blank where nothing does or none is prepared."""
        if self.coming is None:
            return ""
        found = [] if self.electors else ["选区"]
        if (least := seats_wanted(self.coming.seats)) > self.elected:
            found.append(f"当选代表至少{least}名")
        return "、".join(found)


def standings(actor: Actor, today: date) -> list[Standing]:
    """One line a place inside the actor's interval, villages aside; three queries, however many places.

    A rollover that may no longer be taken back is history: the place then simply stands in its term.
    """
    places = jurisdictions(actor).exclude(level=JurisdictionLevel.VILLAGE).order_by("scope_code")
    seats = Mandate.scoped(actor).filter(term=OuterRef("pk"), state__in=list(SEATED_STATES))
    terms = Term.scoped(actor).exclude(state=TermState.CLOSED).select_related("congress__jurisdiction")
    found = list(terms.annotate(elected=_count_of(seats, "term"), electors=_electors(actor)))
    counts = {term.pk: (term.elected, term.electors) for term in found}
    running: dict[int, Term] = {term.scope_code: term for term in found if term.state == TermState.CURRENT}
    coming: dict[int, Term] = {term.scope_code: term for term in found if term.state == TermState.PREPARING}
    rows = Rollover.scoped(actor).filter(state__in=_STANDING).order_by("pk")
    rollovers = {row.term_id: row for row in rows}
    lines = []
    for place in places:
        own, following = running.get(place.scope_code), coming.get(place.scope_code)
        term = following or own
        row = rollovers.get(term.pk) if term else None
        until = undo_until(row) if row is not None else None
        if until is not None and until < today:
            row = until = None
        elected, electors = counts[term.pk] if term else (0, 0)
        lines.append(
            Standing(
                place=place,
                running=own,
                coming=following,
                elected=elected,
                electors=electors,
                rollover=row,
                until=until,
            )
        )
    return lines


def _electors(actor: Actor) -> CombinedExpression:
    direct = Constituency.scoped(actor).filter(term=OuterRef("pk"))
    units = ElectingUnit.scoped(actor).filter(term=OuterRef("pk"))
    return _count_of(direct, "term") + _count_of(units, "term")


def _count_of(rows: QuerySet[Any], column: str) -> Coalesce:
    """How many rows belong to the outer row, as a column of it."""
    counts = rows.order_by().values(column).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counts), 0)
