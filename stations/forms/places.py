"""Forms about stations: the entry, who takes turns, what is there, and their photos."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db import models

from deputies.access import visible_groups
from deputies.choices import MandateChoices
from deputies.enums import MandateState
from deputies.models import Mandate
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor
from liaison.web.edit_forms import EditForm, RowForm, row_choices
from liaison.web.forms import DayField, ServiceForm, picture, text
from liaison.words.enums import JurisdictionLevel
from stations.access import visible_rosters
from stations.models import Station, StationDeputy, StationPhoto
from stations.services.photos import caption_photo, set_equipment
from stations.services.places import open_station, set_station_roster, update_station


def villages_of(actor: Actor) -> models.QuerySet[Jurisdiction]:
    return Jurisdiction.objects.open().filter(
        level=JurisdictionLevel.VILLAGE, scope_code__gte=actor.lo, scope_end__lte=actor.hi
    )


class StationForm(RowForm):
    """The entry of a station, at its opening and later."""

    offers: ClassVar = {
        "village": villages_of,
        "group": lambda actor: visible_groups(actor).order_by("number"),
    }
    field_names: ClassVar[Mapping[str, str]] = {"village_id": "village", "group_id": "group"}
    opened_on = DayField("启用日期", years_ahead=1)

    rows: ClassVar[Mapping[str, int]] = {"equipment": 3}

    class Meta(RowForm.Meta):
        model = Station
        fields = Station.entry
        help_texts: ClassVar = {
            "name": "如“东庄村人大代表联络站”。",
            "phone": "向群众公开的座机或者值班电话，不填代表个人手机。",
            "opening_hours": "如“周一至周五9:00—17:00”。",
        }

    def write(self, *, actor: Actor, now: datetime) -> Station:
        if self.row is None:
            return open_station(actor=actor, now=now, **self.values())
        return update_station(actor=actor, station_id=self.row.pk, now=now, **self.changes())


class RosterForm(EditForm):
    """Who takes turns: every deputy in office, ticked or not."""

    def __init__(self, actor: Actor, row: Station, *args: Any, **kwargs: Any) -> None:
        super().__init__(actor, row, *args, **kwargs)
        mandates = Mandate.scoped(actor).filter(scope_code=row.scope_code, state=MandateState.ACTIVE)
        self.fields["mandates"] = row_choices(
            "进站代表", mandates.order_by("person__name_strokes", "pk"), kind=MandateChoices.of(actor)
        )

    def stored(self, row: Station) -> dict[str, Any]:
        there = visible_rosters(self.actor).filter(station=row, ends_on__isnull=True)
        return {"mandates": list(there.order_by("mandate_id").values_list("mandate_id", flat=True))}

    def write(self, *, actor: Actor, now: datetime) -> list[StationDeputy]:
        ids = self.values().get("mandates", [])
        return set_station_roster(actor=actor, station_id=self.row.pk, mandate_ids=ids, now=now)


class CloseForm(ServiceForm):
    closed_on = DayField("停用日期", years_ahead=1)


class EquipmentForm(EditForm):
    """What the station offers, one thing a line."""

    field_names: ClassVar[Mapping[str, str]] = {"equipment": "items"}
    items = text(
        "站内设施",
        Station._meta.get_field("equipment").max_length or 0,
        rows=6,
        hint="一行一项，如“无障碍坡道”“饮水机1台”，在公开页面上列出。",
    )

    def stored(self, row: Station) -> dict[str, Any]:
        return {"items": row.equipment}

    def write(self, *, actor: Actor, now: datetime) -> Station:
        items = self.cleaned_data["items"]
        return set_equipment(actor=actor, station_id=self.row.pk, items=items)


class PhotoForm(ServiceForm):
    """A photo and what it shows."""

    file = picture(
        required=True,
        hint="JPG 或者 PNG，不超过10MB。拍摄位置等信息会自动清除。不要拍到来访群众的脸和材料。",
    )
    caption = text("照片说明", 80, required=True, hint="拍的是什么，如“接待室全景”。看不见照片的人听这句话。")


class CaptionForm(RowForm):
    """What a photo shows, said anew."""

    class Meta(RowForm.Meta):
        model = StationPhoto
        fields = ("caption",)
        labels: ClassVar = {"caption": "照片说明"}

    def write(self, *, actor: Actor, now: datetime) -> StationPhoto:
        caption = self.cleaned_data["caption"]
        return caption_photo(actor=actor, photo_id=self.row.pk, caption=caption)
