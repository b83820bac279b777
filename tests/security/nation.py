"""Rows of every model in several places, each text field holding the mark of its place.

The filler walks the models themselves, so a new model or a new text column is marked without a line here;
only what a constraint or a rule demands stands in ``SPECIAL``. Marks: ``⟦T-1⟧`` in columns a resident may
read, ``⟦X-1⟧`` in all others, ``密`` before personal data that is kept encrypted.
"""

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models

from assessments.scheme_data import shipped_scheme
from constituents.models import Opinion, digest_of_code
from liaison.calendar.recurrence import Rule, RuleKind, rule_to_data
from liaison.models import Account, AuditEntry, CalendarYear, Jurisdiction
from liaison.tenancy.encryption import EncryptedTextField
from liaison.tenancy.models import InheritedModel, ScopedModel
from liaison.tenancy.rls import READ_ONLY_TABLES, scoped_model_classes
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from stations.models import ReceptionDay
from stations.rules.announcements import NoticeFacts
from tests.factories import World, make_account, make_world

DAY = date(2026, 1, 16)
AT = datetime(2026, 1, 16, 2, 0, tzinfo=UTC)
PDF = b"%PDF-1.4\n% mark\n%%EOF\n"

# What residents may read anyway; their marks are looked for on signed-in pages only.
PUBLIC_MODELS = frozenset(
    {"WorkPlan", "WorkPlanItem", "Station", "ReceptionDay", "ReceptionRule", "Person", "DeputyGroup", "Constituency", "Congress", "Term", "Session"}
)  # fmt: skip


RULES_ABOVE = "6"


@dataclass(frozen=True)
class Place:
    """One set of rows: ``key`` is how the matrix calls it, ``mark`` what its text fields hold."""

    key: str
    name: str
    mark: str

    def text(self, model: type[models.Model]) -> str:
        # The county's rules are read below it, its deputies and cases are not: two marks tell them apart.
        mark = RULES_ABOVE if self.key == "parent" and issubclass(model, InheritedModel) else self.mark
        return f"⟦{'T' if model.__name__ in PUBLIC_MODELS else 'X'}-{mark}⟧"


PLACES = (
    Place("own", "庄子乡", "1"),
    Place("colleague", "庄子乡", "4"),
    Place("sibling", "长凝镇", "2"),
    Place("abroad", "洪善镇", "3"),
    Place("parent", "榆次区", "5"),
)
MARKS = {place.key: place.mark for place in PLACES}


@dataclass
class Nation:
    world: World
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    actors: dict[Role, Actor] = field(default_factory=dict)

    def __getitem__(self, key: str) -> dict[str, Any]:
        return self.rows[key]


Maker = Callable[["Filler"], Any]


@dataclass
class Filler:
    """Fills one place; ``made`` holds the row of every model so far."""

    place: Place
    jurisdiction: Jurisdiction
    serial: int
    account: Account
    made: dict[str, Any]

    def fill(self, model: type[models.Model]) -> Any:
        values = {f.name: self.value(model, f) for f in model._meta.local_fields if not f.primary_key}
        special = SPECIAL.get(model.__name__, {})
        values |= {name: make(self) for name, make in special.items()}
        return model._plain.create(**values)  # type: ignore[attr-defined]

    def value(self, model: type[models.Model], column: Any) -> Any:
        if column.name == "scope_code":
            return self.jurisdiction.scope_code
        if column.name == "scope_end":
            return self.jurisdiction.scope_end
        if isinstance(column, models.ForeignKey):
            return self.related(column)
        return self.plain(model, column)

    def related(self, column: Any) -> Any:
        name = column.related_model.__name__
        known = {"Jurisdiction": self.jurisdiction, "Account": self.account}
        if name in known:
            return known[name]
        if column.related_model is column.model or (name not in self.made and column.null):
            return None
        return self.made[name]

    def plain(self, model: type[models.Model], column: Any) -> Any:
        if column.choices:
            return column.get_default() or column.choices[0][0]
        if isinstance(column, EncryptedTextField):
            return f"密{self.place.text(model)}1380000{self.place.mark}{self.serial:03d}"
        if isinstance(column, models.EmailField):
            return f"x-{self.place.mark}@example.invalid"
        if isinstance(column, models.CharField | models.TextField):
            return (self.place.text(model) + (f"{self.serial:02d}" if column.unique else ""))[
                : column.max_length
            ]
        if column.has_default() and not isinstance(column, models.JSONField):
            return column.get_default()
        return YEARS.get(column.name) or next(make() for kind, make in BLANKS if isinstance(column, kind))


# Years stand within bounds that other whole numbers have not.
YEARS = {"year": DAY.year, "organ_year": DAY.year}
BLANKS: tuple[tuple[type[models.Field], Callable[[], Any]], ...] = (
    (models.DateTimeField, lambda: AT),
    (models.DateField, lambda: DAY),
    (models.TimeField, lambda: time(9)),
    (models.UUIDField, uuid.uuid4),
    (models.DecimalField, lambda: Decimal("1.00")),
    (models.BooleanField, lambda: False),
    (models.IntegerField, lambda: 1),
    (models.JSONField, list),
    (models.BinaryField, lambda: b"sealed"),
)

_FIRST_FRIDAY = rule_to_data(Rule(RuleKind.NTH_WEEKDAY, weekdays=(5,), nths=(1,)))
_SCHEME = shipped_scheme("A").to_dict()


def _file_path(filler: Filler) -> str:
    path = f"{filler.place.key}/{filler.serial}.pdf"
    target = Path(settings.MEDIA_ROOT) / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(PDF + filler.place.mark.encode())
    return path


def _digest(filler: Filler) -> str:
    return hashlib.sha256(PDF + filler.place.mark.encode()).hexdigest()


def _is_second(filler: Filler) -> bool:
    """Whether another row of the kind stands at the place already, of which one alone may be open."""
    return filler.place.key == "colleague"


def _code(filler: Filler) -> str:
    return f"{filler.place.text(Opinion)}{filler.serial:02d}"


def _notice_facts(filler: Filler) -> dict[str, Any]:
    theme = filler.place.text(ReceptionDay)
    return NoticeFacts(DAY, time(9), time(11, 30), theme, "stands", ()).to_data()


SPECIAL: Mapping[str, Mapping[str, Maker]] = {
    "Appointment": {
        "role": lambda f: Role.CITY_VIEWER.value, "ends_on": lambda f: DAY, "person_ref": lambda f: None,
    },
    "StoredFile": {
        "path": _file_path, "sha256": _digest, "size": lambda f: len(PDF) + 1,
        "content_type": lambda f: "application/pdf", "kind": lambda f: "document",
    },
    "Congress": {"level": lambda f: "township"},
    "Mandate": {"electing_unit": lambda f: None, "ended_on": lambda f: None, "elected_on": lambda f: date(2021, 4, 18)},
    "Term": {"number": lambda f: 15, "ends_on": lambda f: None},
    "Person": {"account": lambda f: None},
    "GroupMembership": {"post": lambda f: "leader", "ends_on": lambda f: None, "starts_on": lambda f: date(2021, 5, 8)},
    "FixedContact": {"ends_on": lambda f: None},
    "Station": {"closed_on": lambda f: None, "public_code": lambda f: f"code{f.place.mark}{f.serial:06d}"},
    "StationDeputy": {"ends_on": lambda f: None},
    "ReceptionRule": {"rule": lambda f: _FIRST_FRIDAY, "ends_at": lambda f: time(11, 30), "valid_until": lambda f: None},
    "ReceptionDay": {"ends_at": lambda f: time(11, 30), "state": lambda f: "published", "ended_at": lambda f: None},
    "ReceptionNotice": {"facts": _notice_facts},
    "Participation": {
        "activity": lambda f: None, "settled_by": lambda f: None, "confirm_by": lambda f: None, "settled_at": lambda f: None,
    },
    "CalendarFeed": {"kind": lambda f: "station", "revoked_at": lambda f: None},
    "LeaveRequest": {"decided_by": lambda f: None, "decided_at": lambda f: None},
    "WorkPlan": {
        "adopted_by": lambda f: None, "state": lambda f: "published", "year": lambda f: 2020 + int(f.place.mark),
    },
    "Activity": {"state": lambda f: "published"},
    "DutySwap": {"wanted": lambda f: None, "decided_by": lambda f: None, "decided_at": lambda f: None},
    "RotaPlan": {
        "snapshot": lambda f: {"days": [], "people": [["m1", f"⟦X-{f.place.mark}⟧", "", 0, 12]], "warnings": []},
        "adopted_by": lambda f: None, "adopted_at": lambda f: None, "based_on": lambda f: None,
    },
    "UpperDeputy": {"level": lambda f: "county", "ends_on": lambda f: None, "county_mandate_id": lambda f: None},
    "Opinion": {
        "state": lambda f: "handling", "merged_into": lambda f: None, "closed_on": lambda f: None,
        "not_accepted_reason": lambda f: "", "satisfaction": lambda f: "", "rated_at": lambda f: None,
        "query_code_waiting": _code, "query_code_digest": lambda f: digest_of_code(_code(f)),
    },
    "RegisterScan": {
        "reception_day": lambda f: None, "withdrawn_by": lambda f: None, "withdrawn_at": lambda f: None,
        "withdrawn_reason": lambda f: "",
    },
    "Suggestion": {"state": lambda f: "accepted", "closed_on": lambda f: None},
    "SuggestionSignatory": {"is_lead": lambda f: True},
    "Scheme": {"locked_at": lambda f: None, "definition": lambda f: _SCHEME},
    "Assessment": {"year": lambda f: 2020 + int(f.place.mark), "state": lambda f: "rectifying"},
    "BallotTally": {
        "issued": lambda f: 3, "returned": lambda f: 3, "valid": lambda f: 3, "satisfied": lambda f: 1,
        "basically_satisfied": lambda f: 1, "dissatisfied": lambda f: 1,
    },
    "ScoreSheet": {
        "published_at": lambda f: None, "state": lambda f: "computed", "not_rated_reason": lambda f: "",
        "vetoes": lambda f: [], "strengths": lambda f: [f"⟦X-{f.place.mark}⟧"], "problems": lambda f: [f"⟦X-{f.place.mark}⟧"],
        "grade": lambda f: "qualified",
    },
    "ScoreLine": {"evidence": lambda f: [{"kind": "opinion", "id": 0, "on": "2026-01-16", "label": f"⟦X-{f.place.mark}⟧"}]},
    "FeedbackNotice": {"organ_number": lambda f: f.serial, "state": lambda f: "delivered", "due_on": lambda f: DAY},
    "Circular": {"organ_number": lambda f: f.serial},
    "RectificationReport": {
        "reviewed_by": lambda f: None, "reviewed_at": lambda f: None, "is_submitted": lambda f: True,
        "is_accepted": lambda f: None,
    },
    "ReminderTalk": {"state": lambda f: "done"},
    "ScoreObjection": {"ruled_by": lambda f: None, "ruled_at": lambda f: None},
    # Proposed and not yet confirmed; a term has one of these at a time.
    "Rollover": {
        "state": lambda f: "withdrawn" if f.place.key == "colleague" else "proposed",
        "confirmed_by": lambda f: None, "confirmed_at": lambda f: None, "undo_proposed_by": lambda f: None,
        "undo_proposed_at": lambda f: None, "undone_by": lambda f: None, "undone_at": lambda f: None,
    },
    "KeeperChange": {
        "act": lambda f: "suspend", "role": lambda f: "", "jurisdiction": lambda f: None, "starts_on": lambda f: None,
        "decided_by": lambda f: None, "decided_at": lambda f: None, "is_confirmed": lambda f: None,
    },
    "PlaceChange": {
        "act": lambda f: "close", "new_level": lambda f: "", "successor": lambda f: None, "villages": lambda f: [],
        "outcome": lambda f: [], "proposed_by": lambda f: None, "decided_by": lambda f: f.account if _is_second(f) else None,
        "decided_at": lambda f: AT if _is_second(f) else None, "is_confirmed": lambda f: False if _is_second(f) else None,
    },
    "Job": {"ended_at": lambda f: None},
    "OutboxMessage": {"sent_at": lambda f: None},
}  # fmt: skip


def models_in_order() -> Iterator[type[models.Model]]:
    """Scoped models, each after those its required keys point at."""
    waiting = [
        model for model in scoped_model_classes()
        if issubclass(model, ScopedModel) and model._meta.db_table not in READ_ONLY_TABLES
    ]  # fmt: skip
    placed: set[type[models.Model]] = set()
    while waiting:
        ready = [model for model in waiting if not (_targets(model) & set(waiting)) - {model}]
        if not ready:
            raise RuntimeError(f"models point at each other in a circle: {waiting}")
        yield from ready
        placed |= set(ready)
        waiting = [model for model in waiting if model not in placed]


def _targets(model: type[models.Model]) -> set[Any]:
    return {f.related_model for f in model._meta.local_fields if isinstance(f, models.ForeignKey)}


def _fill_place(nation: Nation, place: Place, serial: int, account: Account) -> dict[str, Any]:
    made: dict[str, Any] = {}
    filler = Filler(place, nation.world[place.name], serial, account, made)
    twin = nation.rows.get("own", {}) if place.key == "colleague" else {}
    for model in models_in_order():
        # A township has one congress; the colleague's rows hang under the same one.
        shared = issubclass(model, InheritedModel) and model.__name__ in twin
        made[model.__name__] = twin[model.__name__] if shared else filler.fill(model)
    made["ScoreSheet"].state = "published"
    type(made["ScoreSheet"])._plain.filter(pk=made["ScoreSheet"].pk).update(
        state="published", published_at=AT
    )
    return made


def _actors(nation: Nation) -> None:
    town, county, city = nation.world["庄子乡"], nation.world["榆次区"], nation.world["晋中市"]
    mine = nation["own"]
    refs: dict[Role, dict[str, Any]] = {
        Role.DEPUTY: {"person_ref": mine["Person"].pk},
        Role.GROUP_LEADER: {"person_ref": mine["Person"].pk, "group_ref": mine["DeputyGroup"].pk},
        Role.STATION_CLERK: {"station_ref": mine["Station"].pk},
        Role.HANDLING_UNIT: {"unit_ref": mine["HandlingUnit"].pk},
    }
    seats = {Role.COUNTY_COMMITTEE: county, Role.CITY_VIEWER: city}
    for role in Role:
        if role not in (Role.PUBLIC, Role.SYSTEM):
            nation.actors[role] = make_account(
                seats.get(role, town), role, name=role.label, **refs.get(role, {})
            )


def make_nation() -> Nation:
    """Five sets of rows and one actor of every role; the township roles sit in 庄子乡."""
    nation = Nation(make_world())
    with acting(system_actor()):
        for serial, place in enumerate(PLACES, start=1):
            where = nation.world[place.name]
            account = Account.objects.create(
                username=f"mark{place.mark}", display_name=f"⟦X-{place.mark}⟧", scope_code=where.scope_code
            )
            nation.rows[place.key] = _fill_place(nation, place, serial, account)
            nation.rows[place.key]["Account"] = account
            nation.rows[place.key]["AuditEntry"] = AuditEntry._plain.filter(
                scope_code=where.scope_code
            ).first()
            nation.rows[place.key]["Jurisdiction"] = where
    with acting(system_actor()):
        year = CalendarYear.objects.get(year=2026)
    for rows in nation.rows.values():
        rows["CalendarYear"] = year
    _actors(nation)
    return nation
