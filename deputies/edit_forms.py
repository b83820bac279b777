"""Forms that correct what the roster holds: people, seats, terms, sessions, constituencies and groups."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django import forms

from deputies import services
from deputies.enums import SessionKind
from deputies.forms import PHOTO_HINT, PersonFields, SeatFields, TermFigures
from deputies.models import Constituency, DeputyGroup, Mandate, Person, Session, Term
from liaison.files.uploads import store_upload
from liaison.tenancy.scope import Actor
from liaison.web.edit_forms import EditForm, RowForm
from liaison.web.forms import DayField, ServiceForm, picture, text, whole
from liaison.words.enums import FileKind
from liaison.words.errors import InvalidInput, OutOfScope


def stored_photo(form: ServiceForm, scope_code: int, now: datetime) -> dict[str, int]:
    """The uploaded photo, kept, as a value of the person; nothing when none was sent."""
    sent = form.cleaned_data.get("photo")
    if not sent:
        return {}
    try:
        stored = store_upload(sent, kind=FileKind.PHOTO, scope_code=scope_code, now=now)
    except InvalidInput as error:
        raise InvalidInput({"photo": error.message}) from error
    return {"photo_id": stored.pk}


class EditPersonForm(EditForm, PersonFields):
    """What is registered of a person; the stored number is never shown, an empty field leaves it."""

    secret: ClassVar[frozenset[str]] = frozenset({"phone"})
    clear_phone = forms.BooleanField(label="删除已登记的联系电话", required=False)
    photo = picture(hint=PHOTO_HINT)

    field_order: tuple[str, ...] = (
        *PersonFields.person_names[:8],
        "clear_phone",
        *PersonFields.person_names[8:],
        "photo",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = "已登记" if self.person_of(self.row).phone else "未登记"
        self.fields["phone"].help_text = f"{known}，不修改请留空。"

    def person_of(self, row: Any) -> Person:
        person: Person = row
        return person

    def stored(self, row: Any) -> dict[str, Any]:
        return {name: getattr(self.person_of(row), name) for name in self.person_names}

    def person_values(self) -> dict[str, Any]:
        """What differs from the entry; no number unless one is typed or the stored one is to go."""
        changed = self.changes()
        values = {name: changed[name] for name in self.person_names if name in changed}
        if self.cleaned_data.get("clear_phone") and not self.cleaned_data.get("phone"):
            values["phone"] = ""
        return values

    def write(self, *, actor: Actor, now: datetime) -> Person | Mandate:
        values = self.person_values() | stored_photo(self, self.row.scope_code, now)
        return services.update_person(actor=actor, person_id=self.row.pk, now=now, **values)


class EditDeputyForm(EditPersonForm, SeatFields):
    """Person and seat on one page, as they stand in one row of the roster; the row is the mandate."""

    _SEAT = ("election_way", "elected_on", "concurrent_seat", "fixed_contact_target", "list_number", "remark")

    field_order = (*EditPersonForm.field_order, *SeatFields.base_fields)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_electors(self.actor, self.row.term)

    def person_of(self, row: Mandate) -> Person:
        return row.person

    def stored(self, row: Mandate) -> dict[str, Any]:
        seat = {name: getattr(row, name) for name in self._SEAT}
        electors = {"constituency": row.constituency_id, "electing_unit": row.electing_unit_id}
        return super().stored(row) | seat | electors

    def locked(self, actor: Actor) -> Mandate | None:
        """The seat and then the person, in the order of the services."""
        row: Mandate | None = super().locked(actor)
        if row is not None:
            people = Person.scoped(actor).select_for_update(of=("self",))
            found = people.filter(pk=row.person_id).first()
            if found is None:
                raise OutOfScope()
            row.person = found
        return row

    def write(self, *, actor: Actor, now: datetime) -> Mandate:
        seat = self.seat_values()
        changed = self.changes()
        return services.correct_deputy(
            actor=actor,
            mandate_id=self.row.pk,
            person=self.person_values() | stored_photo(self, self.row.person.scope_code, now),
            seat={name: value for name, value in seat.items() if name in changed},
            now=now,
        )


class OwnContactForm(EditForm):
    """What a deputy keeps current without the office; an empty number is left as it is."""

    secret: ClassVar[frozenset[str]] = frozenset({"phone"})
    phone = text("联系电话", 40, hint="不修改请留空。")
    address = text("通信地址", 100)

    def stored(self, row: Person) -> dict[str, Any]:
        return {"phone": row.phone, "address": row.address}

    def write(self, *, actor: Actor, now: datetime) -> Person:
        given = {"address": self.cleaned_data["address"], "phone": self.cleaned_data["phone"] or None}
        return services.update_own_contact(actor=actor, now=now, **given)


class EditTermForm(EditForm, TermFigures):
    def stored(self, row: Term) -> dict[str, Any]:
        return {"elected_on": row.elected_on, "starts_on": row.starts_on, "seats": row.seats}

    def write(self, *, actor: Actor, now: datetime) -> Term:
        figures = self._known | self.changes()
        return services.update_term(actor=actor, term_id=self.row.pk, **figures)


class _OfTermForm(RowForm):
    """Something of a term: entered for ``term``, or corrected."""

    def __init__(self, actor: Actor, row: Any, *args: Any, term: Term | None = None, **kwargs: Any) -> None:
        super().__init__(actor, row, *args, **kwargs)
        self.term = term

    @property
    def term_id(self) -> int:
        if self.term is None:
            raise TypeError("a new row needs its term")
        return int(self.term.pk)


class SessionForm(_OfTermForm):
    kind = forms.ChoiceField(label="类别", choices=SessionKind.choices())
    starts_on = DayField("开幕日期", years_ahead=2)
    ends_on = DayField("闭幕日期", years_ahead=2)

    class Meta(RowForm.Meta):
        model = Session
        fields = ("kind", "starts_on", "ends_on")
        labels: ClassVar[Mapping[str, str]] = {"starts_on": "开幕日期", "ends_on": "闭幕日期"}

    def write(self, *, actor: Actor, now: datetime) -> Session:
        if self.row is None:
            return services.hold_session(actor=actor, term_id=self.term_id, now=now, **self.values())
        days = self._known | self.changes()
        return services.update_session(actor=actor, session_id=self.row.pk, now=now, **days)


class ConstituencyForm(_OfTermForm):
    number = whole("序号", 1, 999)
    voters = whole("选民人数", 1, 10_000_000, required=False)

    class Meta(RowForm.Meta):
        model = Constituency
        fields = ("name", "number", "voters")
        labels: ClassVar[Mapping[str, str]] = {"name": "选区名称"}
        help_texts: ClassVar[Mapping[str, str]] = {"name": "如“第1选区（东庄村）”。"}

    def write(self, *, actor: Actor, now: datetime) -> Constituency:
        if self.row is None:
            return services.create_constituency(actor=actor, term_id=self.term_id, **self.values())
        return services.update_constituency(actor=actor, constituency_id=self.row.pk, **self.changes())


class GroupForm(_OfTermForm):
    number = whole("序号", 1, 999)

    class Meta(RowForm.Meta):
        model = DeputyGroup
        fields = ("name", "number")
        labels: ClassVar[Mapping[str, str]] = {"name": "小组名称"}
        help_texts: ClassVar[Mapping[str, str]] = {"name": "如“第一代表小组”。"}

    def write(self, *, actor: Actor, now: datetime) -> DeputyGroup:
        if self.row is None:
            return services.create_group(actor=actor, term_id=self.term_id, **self.values())
        values = self._known | self.changes()
        return services.update_group(actor=actor, group_id=self.row.pk, **values)
