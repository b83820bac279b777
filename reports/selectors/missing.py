"""还差什么: what an office still lacks before its work can begin, in the order in which it is done."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from constituents.models import HandlingUnit
from deputies.access import own_terms
from deputies.enums import TermState
from deputies.models import Mandate
from liaison.identity.access import linked
from liaison.identity.roles import OFFICE, REGISTRARS
from liaison.models import Appointment, Jurisdiction
from liaison.tenancy.scope import Actor
from liaison.words.enums import JurisdictionLevel, Role
from stations.models import Station

# Whose work is done at the places below it.
_WITH_PLACES = (JurisdictionLevel.COUNTY, JurisdictionLevel.PREFECTURE)


@dataclass(frozen=True, slots=True)
class MissingStep:
    """One thing that is still to be done, and where."""

    label: str
    url: str


def missing_steps(actor: Actor) -> list[MissingStep]:
    """The steps still open for the acting place; none for roles that keep no office."""
    if actor.role == Role.SYSTEM_ADMIN:
        return list(_data_of_the_organ(actor))
    if actor.role not in REGISTRARS:
        return []
    found = [*_roster(actor)]
    if actor.role in OFFICE:
        found += _places(actor)
    return found or list(_accounts(actor))


def _data_of_the_organ(actor: Actor) -> Iterator[MissingStep]:
    place = Jurisdiction.objects.filter(linked("pk", actor.jurisdiction_id)).first()
    if place is not None and place.level in _WITH_PLACES and not place.children.exists():
        yield MissingStep("登记下级区域", reverse("admin:liaison_jurisdiction_add"))
    if place is not None and not (place.document_code and place.organ_name):
        yield MissingStep(
            "填写机关名称和机关代字", reverse("admin:liaison_jurisdiction_change", args=[place.pk])
        )


def _roster(actor: Actor) -> Iterator[MissingStep]:
    """From the congress to its deputies; each step opens the next."""
    terms = {term.state: term for term in own_terms(actor).exclude(state=TermState.CLOSED)}
    if not terms:
        yield MissingStep("登记本届人民代表大会", reverse("deputies_add_term"))
    elif not Mandate.scoped(actor).filter(term__in=terms.values(), ended_on__isnull=True).exists():
        yield MissingStep("导入代表名册", reverse("deputies_import"))
    elif TermState.CURRENT not in terms:
        opens = terms[TermState.PREPARING]
        yield MissingStep("启用本届", reverse("deputies_rollover", args=[opens.pk]))


def _places(actor: Actor) -> Iterator[MissingStep]:
    if not Station.scoped(actor).filter(closed_on__isnull=True).exists():
        yield MissingStep("设立联络站", reverse("admin:stations_station_add"))
    if not HandlingUnit.scoped(actor).filter(is_active=True).exists():
        yield MissingStep("设立承办单位", reverse("admin:constituents_handlingunit_add"))


def _accounts(actor: Actor) -> Iterator[MissingStep]:
    """Deputies nobody has given an account, once everything else is there."""
    given = Appointment.scoped(actor).filter(person_ref__isnull=False, ends_on__isnull=True)
    seats = Mandate.scoped(actor).filter(term__in=own_terms(actor), term__state=TermState.CURRENT)
    waiting = seats.filter(ended_on__isnull=True).exclude(person__in=given.values("person_ref")).count()
    if waiting:
        yield MissingStep(f"给{waiting}名代表开账号", reverse("admin:deputies_mandate_changelist"))
