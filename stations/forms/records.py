"""Forms of this floor: they check shape, the services check sense; errors of both stand at the field."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet

from deputies.choices import MandateChoice
from deputies.models import DeputyGroup, Mandate, Session
from deputies.selectors import DeputyNames, full_names
from liaison.tenancy.scope import Actor
from liaison.web.edit_forms import EditForm, row_choice
from liaison.web.forms import DayField, KeyedForm, ServiceForm, choice, radios, text, whole
from liaison.web.generic import ModelChoiceField
from liaison.web.row_choices import RowButtons
from liaison.words.errors import InvalidInput
from stations.enums import ContactMethod, DutyState, LeaveReason
from stations.models import ActivityKind, Participation, ReceptionDay
from stations.rules.lifecycle import REGISTERED_OUTCOMES
from stations.rules.wording import short_day_text
from stations.services import hold_reception, register_attendance

ATTENDANCE = (
    (DutyState.ATTENDED, "到场"),
    (DutyState.ON_LEAVE, "请假"),
    (DutyState.ABSENT, "缺席"),
)
# What becomes of deputies nobody ticked; nobody is registered present by oversight.
NOT_REGISTERED = ""


class ReceptionButtons(RowButtons):
    """One reception: its day, hour and station."""

    def label_from_instance(self, obj: ReceptionDay) -> str:
        return f"{short_day_text(obj.day)}{obj.starts_at:%H:%M}　{obj.station}"


class DutyForm(KeyedForm):
    """A deputy's own turn: which reception, and what happened."""

    field_names = {"day_id": "day"}
    note = text("情况记录", 400, rows=4, hint="接待了几位群众、反映了什么。群众的姓名和电话请登记在意见中。")

    field_order = ("day", "note", "idempotency_key")

    def __init__(self, days: QuerySet[ReceptionDay], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"] = ReceptionButtons("接待日", days, initial=next(iter(days), None))
        self.order_fields(self.field_order)


class OwnActivityForm(KeyedForm):
    """Something done alone: 走访选区 and its neighbours."""

    field_names = {"kind_code": "kind", "starts_on": "day"}
    day = DayField("日期", years_ahead=0)
    place = text("地点", 80, hint="如“东庄村”。")
    note = text("情况记录", 400, required=True, rows=4, hint="走访了几户、谈了什么。不要写群众的电话。")

    field_order = ("kind", "day", "place", "note", "idempotency_key")

    def __init__(self, kinds: Iterable[ActivityKind], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(kind.code, kind.name) for kind in kinds]
        self.fields["kind"] = radios("事项", choices)
        self.order_fields(self.field_order)


class ReasonForm(ServiceForm):
    """One sentence that stays with the record."""

    reason = text("理由", 200, required=True, rows=3)

    def __init__(
        self, *args: Any, label: str = "理由", hint: str = "", limit: int = 200, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"] = text(label, limit, required=True, rows=3, hint=hint)


class TurnButtons(RowButtons):
    """One coming turn or activity of the deputy's own."""

    def label_from_instance(self, obj: Participation) -> str:
        place = obj.reception_day.station if obj.reception_day else obj.activity
        return f"{short_day_text(obj.day)}　{place}"


class LeaveForm(KeyedForm):
    """For one turn, or for a span of days."""

    kind = radios("请假类别", LeaveReason.choices(), initial=LeaveReason.PERSONAL)
    starts_on = DayField("开始日期", required=False, years_back=1, years_ahead=1)
    ends_on = DayField(
        "结束日期", required=False, years_back=1, years_ahead=2, help_text="只请一天的，可不填。"
    )
    reason = text("请假事由", 200, required=True, rows=3, hint="写明事由即可，不必写病情。")

    field_order = ("turn", "kind", "starts_on", "ends_on", "reason", "idempotency_key")

    def __init__(self, turns: QuerySet[Participation], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if turns:
            self.fields["turn"] = TurnButtons("请假对象", turns, blank="按日期请假（在下面填写日期）")
            self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("turn") and not data.get("starts_on") and "starts_on" not in self.errors:
            self.add_error("starts_on", "请填写请假的日期，或者选择一次值班。")
        data["ends_on"] = data.get("ends_on") or data.get("starts_on")
        return data


class TurnChoice(ModelChoiceField):
    """One coming turn of a colleague: who, and on which day."""

    names: DeputyNames

    def label_from_instance(self, obj: Participation) -> str:
        return f"{self.names.of(obj.mandate)}　{short_day_text(obj.day)}"


class SwapForm(ServiceForm):
    """Whom the deputy asks to stand in, and in exchange for which turn."""

    field_names = {"mandate_id": "mandate", "wanted_id": "wanted"}
    reason = text("调换事由", 200, required=True, rows=3)

    field_order = ("mandate", "wanted", "reason")

    def __init__(
        self, actor: Actor, colleagues: QuerySet[Mandate], turns: QuerySet[Participation], *args: Any
    ) -> None:
        super().__init__(*args)
        self.fields["mandate"] = row_choice("请谁接替", colleagues, kind=MandateChoice.of(actor))
        wanted = row_choice(
            "您换回对方的哪一次值班", turns, required=False, blank="不换回，只请对方接替", kind=TurnChoice
        )
        if isinstance(wanted, TurnChoice):
            wanted.names = DeputyNames(actor)
        self.fields["wanted"] = wanted
        self.order_fields(self.field_order)


class RollForm(KeyedForm):
    """A roll of deputies, one line each: present, on leave, absent, or not registered."""

    with_speech: ClassVar[bool] = False
    # Who looks at the roll: an edit form knows, another one is told (``reader``).
    actor: Actor

    def __init__(
        self, *args: Any, mandates: Iterable[Mandate], reader: Actor | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.mandates = list(mandates)
        names = full_names(reader or self.actor, self.mandates)
        for mandate in self.mandates:
            self.fields[f"outcome_{mandate.pk}"] = radios(names[mandate.pk], ATTENDANCE, required=False)
            if self.with_speech:
                speech = text("发言要点", 400)
                speech.widget.attrs["aria-label"] = f"{names[mandate.pk]}的发言要点"
                self.fields[f"speech_{mandate.pk}"] = speech

    def lines(self) -> list[tuple[Mandate, forms.BoundField, forms.BoundField | None]]:
        """Each deputy with the fields of the line."""
        return [
            (m, self[f"outcome_{m.pk}"], self[f"speech_{m.pk}"] if self.with_speech else None)
            for m in self.mandates
        ]

    def outcomes(self, others: str = NOT_REGISTERED) -> dict[int, DutyState]:
        """What was ticked; ``others`` is what holds for lines left empty."""
        found = {m.pk: self.cleaned_data.get(f"outcome_{m.pk}") or others for m in self.mandates}
        return {key: DutyState(value) for key, value in found.items() if value}

    def speeches(self) -> dict[int, str]:
        found = {m.pk: self.cleaned_data.get(f"speech_{m.pk}", "") for m in self.mandates}
        return {key: words for key, words in found.items() if words}


class AttendanceForm(EditForm, RollForm):
    """Who was at a reception, and how many people came."""

    # Those with a turn; their lines are marked.
    planned: frozenset[int] = frozenset()

    visitor_count = whole("接待群众人数", 0, 9999, initial=0, required=False)
    remark = text("备注", 200)

    def __init__(self, *args: Any, mandates: Iterable[Mandate], **kwargs: Any) -> None:
        self.mandates = list(mandates)
        super().__init__(*args, mandates=self.mandates, **kwargs)

    def stored(self, row: ReceptionDay) -> dict[str, Any]:
        """Every line, those not registered yet too: somebody else may register them meanwhile."""
        empty = {f"outcome_{mandate.pk}": NOT_REGISTERED for mandate in self.mandates}
        turns = Participation.scoped(self.actor).filter(reception_day=row, outcome__in=REGISTERED_OUTCOMES)
        known = {f"outcome_{turn.mandate_id}": turn.outcome for turn in turns}
        return {"visitor_count": row.visitor_count, "remark": row.remark} | empty | known

    def write(self, *, actor: Actor, now: datetime) -> ReceptionDay:
        """What was ticked, then the reception itself."""
        outcomes = self.outcomes()
        if not outcomes:
            raise InvalidInput({"outcomes": "请至少登记一位代表的到岗情况。"})
        register_attendance(actor=actor, day_id=self.row.pk, outcomes=outcomes, now=now)
        return hold_reception(
            actor=actor,
            day_id=self.row.pk,
            visitor_count=self.cleaned_data["visitor_count"] or 0,
            remark=self.cleaned_data["remark"],
            now=now,
        )

    def head(self) -> list[forms.BoundField]:
        return [self["visitor_count"], self["remark"]]


class ActivityForm(RollForm):
    """One activity with everybody's part in it."""

    with_speech = True

    field_names = {"kind_code": "kind", "session_id": "session", "outcomes": "others"}
    title = text("名称", 80, required=True, hint="如“视察乡村道路建设”。")
    starts_on = DayField("日期")
    ends_on = DayField("结束日期", required=False, help_text="当天结束的不用填。")
    place = text("地点", 80)
    contact_method = choice("联系群众方式", ContactMethod.choices(), required=False, blank="不涉及")
    summary = text("活动情况", 2000, rows=4)
    others = choice(
        "其余代表",
        [(value, f"一律登记为{label}") for value, label in ATTENDANCE],
        required=False,
        blank="不登记",
    )

    def __init__(
        self,
        kinds: Iterable[ActivityKind],
        sessions: QuerySet[Session],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = choice("类别", [(kind.code, kind.name) for kind in kinds])
        self.fields["session"] = row_choice("所属会议", sessions, required=False, blank="不是人代会会议")
        self.has_sittings = sessions.exists()
        self.fields["others"].help_text = "下表没有单独选择的代表按此登记。"

    def head(self) -> list[forms.BoundField]:
        names = ("kind", "session", "title", "starts_on", "ends_on", "place", "contact_method", "summary")
        return [self[name] for name in names if name != "session" or self.has_sittings]


def group_choices(groups: Iterable[DeputyGroup]) -> list[tuple[str, str]]:
    return [(str(group.pk), group.name) for group in groups]
