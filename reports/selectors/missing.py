"""还差什么: what an office still lacks before its work can begin, in the order in which it is done."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from assessments.access import visible_assessments
from constituents.models import HandlingUnit
from deputies.access import elects_own_congress, may_convene, own_terms
from deputies.enums import TermState
from deputies.models import Mandate, Term
from liaison.identity.access import jurisdictions, linked
from liaison.identity.roles import ADMINISTRATORS, OFFICE, REGISTRARS
from liaison.models import Appointment, Jurisdiction
from liaison.tenancy.scope import Actor
from liaison.words.enums import JurisdictionLevel as Level
from liaison.words.enums import Role, post_name
from stations.models import Participation, ReceptionDay, ReceptionRule, Station, StationDeputy

# A year is appraised from its last month on; who has not begun by spring does it without being told.
_LAST_MONTH, _SPRING = 12, 3

# Levels with an office of their own, and those whose work is done at the places below them.
_WITH_OFFICE = (Level.COUNTY, Level.TOWNSHIP, Level.STREET)
_WITH_PLACES = (Level.COUNTY, Level.PREFECTURE)


@dataclass(frozen=True, slots=True)
class MissingStep:
    """One thing that is still to be done, and where."""

    label: str
    url: str


def missing_steps(actor: Actor, *, today: date) -> list[MissingStep]:
    """The steps still open for the acting place; none for roles that keep no office."""
    if actor.role == Role.SYSTEM_ADMIN:
        return list(_data_of_the_organ(actor))
    if actor.role == Role.SECURITY_ADMIN:
        return list(_offices(actor))
    if actor.role not in REGISTRARS:
        return []
    open_terms = own_terms(actor).exclude(state=TermState.CLOSED).select_related("congress")
    terms = {term.state: term for term in open_terms}
    found = list(_roster(actor, terms))
    if actor.role in OFFICE:
        found += [*_stations(actor, today, has_roster=not found), *_units(actor)]
    if found and _is_closed(actor):
        return []
    return found or [*_accounts(actor), *_appraisal(actor, terms, today)]


def _is_closed(actor: Actor) -> bool:
    """Whoever finishes what a closed place left open begins nothing there."""
    return Jurisdiction.objects.filter(linked("pk", actor.jurisdiction_id), closed_on__isnull=False).exists()


def _data_of_the_organ(actor: Actor) -> Iterator[MissingStep]:
    place = Jurisdiction.objects.filter(linked("pk", actor.jurisdiction_id)).first()
    if place is not None and place.level in _WITH_PLACES and not place.children.exists():
        yield MissingStep("登记下级区域", reverse("admin:liaison_jurisdiction_add"))
    if place is not None and not (place.document_code and place.organ_name):
        yield MissingStep(
            "填写机关名称和机关代字", reverse("admin:liaison_jurisdiction_change", args=[place.pk])
        )


def _offices(actor: Actor) -> Iterator[MissingStep]:
    """Whoever approves is another person than who prepares: a township's chair, a street's director."""
    place = Jurisdiction.objects.filter(linked("pk", actor.jurisdiction_id)).first()
    if place is None:
        return
    if place.level in _WITH_PLACES:
        yield from _first_accounts(actor, place)
        return
    chairs = Appointment.scoped(actor).filter(jurisdiction=place, role=Role.PRESIDIUM_CHAIR)
    if not chairs.filter(ends_on__isnull=True).exists():
        title = post_name(Role.PRESIDIUM_CHAIR, place.level)
        yield MissingStep(f"给{title}开账号", reverse("admin:liaison_account_add"))


def _first_accounts(actor: Actor, place: Jurisdiction) -> Iterator[MissingStep]:
    """The places below whose office nobody works in yet."""
    below = jurisdictions(actor).filter(closed_on__isnull=True, level__in=_WITH_OFFICE).exclude(pk=place.pk)
    held = Appointment.scoped(actor).filter(jurisdiction=OuterRef("pk"), ends_on__isnull=True)
    held = held.exclude(role__in=ADMINISTRATORS)
    empty = list(below.filter(~Exists(held)).order_by("scope_code").values_list("short_name", flat=True))
    if empty:
        among = f"等{len(empty)}处" if len(empty) > 1 else ""
        yield MissingStep(f"给{empty[0]}{among}的工作人员开账号", reverse("admin:liaison_account_add"))


def _roster(actor: Actor, terms: Mapping[str, Term]) -> Iterator[MissingStep]:
    """From the congress to its deputies; each step opens the next."""
    if not terms:
        yield _congress(actor)
    elif not Mandate.scoped(actor).filter(term__in=terms.values(), ended_on__isnull=True).exists():
        yield MissingStep("导入代表名册", reverse("deputies_import"))
    elif TermState.CURRENT not in terms and may_convene(actor, terms[TermState.PREPARING].congress):
        opens = terms[TermState.PREPARING]
        yield MissingStep("启用本届", reverse("deputies_rollover", args=[opens.pk]))


def _congress(actor: Actor) -> MissingStep:
    """The own congress; a street waits for the one it serves."""
    if elects_own_congress(actor):
        return MissingStep("登记本届人民代表大会", reverse("deputies_add_term"))
    return MissingStep("查看上级人大是否已登记本届", reverse("deputies_terms"))


def _stations(actor: Actor, today: date, *, has_roster: bool) -> Iterator[MissingStep]:
    """A first station, then for the first one that lacks it: who takes turns, when, and who on which day."""
    stations = Station.scoped(actor).filter(closed_on__isnull=True).order_by("pk")
    if not stations.exists():
        yield MissingStep("设立联络站", reverse("admin:stations_station_add"))
    elif has_roster:
        yield from _turns(actor, stations, today)


def _turns(actor: Actor, stations: QuerySet[Station], today: date) -> Iterator[MissingStep]:
    own = OuterRef("pk")
    seated = StationDeputy.scoped(actor).filter(station=own, ends_on__isnull=True)
    rules = ReceptionRule.scoped(actor).filter(station=own)
    coming = ReceptionDay.scoped(actor).filter(station=own, day__gte=today)
    taken = Participation.scoped(actor).filter(reception_day__station=own)
    looked_at = stations.annotate(
        has_deputies=Exists(seated), has_rule=Exists(rules), has_days=Exists(coming), has_turns=Exists(taken)
    )
    lacking = looked_at.filter(has_deputies=False).first()
    if lacking is not None:
        url = reverse("admin:stations_station_roster", args=[lacking.pk])
        yield MissingStep(f"确定{lacking}的进站代表", url)
    lacking = looked_at.filter(has_rule=False, has_days=False).first()
    if lacking is not None:
        yield MissingStep(
            f"制定{lacking}的接待日规则", reverse("admin:stations_station_rule", args=[lacking.pk])
        )
    lacking = looked_at.filter(has_deputies=True, has_days=True, has_turns=False).first()
    if lacking is not None:
        yield MissingStep(f"排{lacking}的轮值表", reverse("stations_rota_make", args=[lacking.pk]))


def _units(actor: Actor) -> Iterator[MissingStep]:
    """A unit to hand matters to, and one that answers by itself: the others may go on by telephone."""
    units = HandlingUnit.scoped(actor).filter(is_active=True).order_by("pk")
    first = units.first()
    held = Appointment.scoped(actor).filter(unit_ref__isnull=False, ends_on__isnull=True)
    if first is None:
        yield MissingStep("设立承办单位", reverse("admin:constituents_handlingunit_add"))
    elif not held.exists():
        url = f"{reverse('give_accounts', args=['unit'])}?id={first.pk}"
        yield MissingStep(f"给{first}的经办人开账号", url)


def _accounts(actor: Actor) -> Iterator[MissingStep]:
    """Deputies nobody has given an account, once everything else is there."""
    given = Appointment.scoped(actor).filter(person_ref__isnull=False, ends_on__isnull=True)
    seats = Mandate.scoped(actor).filter(term__in=own_terms(actor), term__state=TermState.CURRENT)
    waiting = seats.filter(ended_on__isnull=True).exclude(person__in=given.values("person_ref")).count()
    if waiting:
        yield MissingStep(f"给{waiting}名代表开账号", f"{reverse('give_accounts', args=['person'])}?all=1")


def _appraisal(actor: Actor, terms: Mapping[str, Term], today: date) -> Iterator[MissingStep]:
    """From December on the year's appraisal, unless it has been started."""
    year = today.year if today.month == _LAST_MONTH else today.year - 1
    term = terms.get(TermState.CURRENT)
    if actor.role not in OFFICE or _SPRING < today.month < _LAST_MONTH or term is None:
        return
    if term.starts_on.year <= year and not visible_assessments(actor).filter(term=term, year=year).exists():
        yield MissingStep(f"启动{year}年度测评", reverse("admin:assessments_assessment_add"))
