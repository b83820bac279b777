"""The small forms behind each move of a case; every one is offered by ``constituents.actions.opinions``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from constituents.access import visible_opinions
from constituents.enums import FeedbackWay, NotAcceptedReason, ReplyClass, Satisfaction, SuggestionRefusal
from constituents.forms import units_of
from constituents.models import Opinion, Suggestion
from liaison.tenancy.scope import Actor
from liaison.web.edit_forms import EditForm, row_choice
from liaison.web.forms import ServiceForm, choice, radios, text
from liaison.words.text import clean_line


class ActionForm(ServiceForm):
    """Knows who acts on which cases, so that choices offer only what is theirs."""

    def __init__(self, actor: Actor, cases: list[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.cases = cases

    def require_edition(self, actor: Actor) -> None:
        """Moves of a case are refused by its state; forms that only edit compare what they showed."""


class EditActionForm(EditForm):
    """An action that changes values of a case and not its state: compared when it is about a single one."""

    def __init__(self, actor: Actor, cases: list[Any], data: Any = None, **kwargs: Any) -> None:
        self.cases = cases
        super().__init__(actor, cases[0] if len(cases) == 1 else None, data, **kwargs)

    def require_edition(self, actor: Actor) -> None:
        if self.row is not None:
            super().require_edition(actor)


class PlainForm(ActionForm):
    """Nothing to fill in: the button and its consequence."""


class NoteForm(ActionForm):
    note = text("说明", 400, required=True, rows=3)


class OptionalNoteForm(ActionForm):
    note = text("说明", 400, rows=2, hint="可以不填。")


class ReasonForm(ActionForm):
    reason = text("理由", 400, required=True, rows=3)


class AnswerForm(ActionForm):
    on_spot_answer = text("当场答复", 400, required=True, rows=4, hint="现场解释或者解决的情况。")

    def __init__(self, actor: Actor, cases: list[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(actor, cases, *args, **kwargs)
        if len(cases) == 1:
            self.fields["on_spot_answer"].initial = cases[0].on_spot_answer


class AssignForm(ActionForm):
    note = text("交办意见", 400, rows=2, hint="可以不填。")
    field_order = ("unit", "note")

    def __init__(self, actor: Actor, cases: list[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(actor, cases, *args, **kwargs)
        self.fields["unit"] = row_choice("承办单位", units_of(actor, cases[0].scope_code))
        self.order_fields(self.field_order)


class SuggestionAssignForm(ActionForm):
    def __init__(self, actor: Actor, cases: list[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(actor, cases, *args, **kwargs)
        self.fields["unit"] = row_choice("主办单位", units_of(actor, cases[0].scope_code))


class ReplyForm(ActionForm):
    reply = text("办理结果", 2000, required=True, rows=6, hint="做了什么、何时完成；暂不能解决的说明原因。")
    reply_class = radios("答复类别", ReplyClass.choices())
    feedback_way = radios("反馈方式", FeedbackWay.choices(), initial=FeedbackWay.PHONE)


class SuggestionReplyForm(ActionForm):
    reply = text("答复", 4000, required=True, rows=8, hint="答复每一位署名代表；暂不能解决的说明原因。")
    reply_class = radios("答复类别", ReplyClass.choices())


class RateForm(ActionForm):
    satisfaction = radios("群众评价", Satisfaction.choices())
    note = text("回访情况", 400, rows=2, hint="如“3月9日电话回访”，不要写群众的姓名和电话。")


class SuggestionRateForm(ActionForm):
    satisfaction = radios("代表评价", Satisfaction.choices())
    note = text("评价意见", 400, rows=3, hint="可以不填。")


class PublicRateForm(ServiceForm):
    """The resident's own rating, without an account."""

    satisfaction = radios("您的评价", Satisfaction.choices())
    note = text("想说的话", 200, rows=3, hint="可以不填；请不要写姓名和电话。")


class NotAcceptForm(ActionForm):
    not_accepted_reason = choice("不予受理理由", NotAcceptedReason.choices())
    told_where = text(
        "已告知去处", 200, required=True, rows=3, hint="如“向榆次区人民法院提起诉讼，诉讼服务热线12368”。"
    )


class HotlineForm(ActionForm):
    hotline_number = text("12345工单号", 40)
    note = text("转办情况", 400, required=True, rows=3, hint="何时转办、由谁跟踪结果。")


class MergeForm(ActionForm):
    into = text("并入的编号", 24, required=True, hint="同一事项中先登记、尚未办结的那一件，如2026-0012。")

    def clean_into(self) -> Opinion:
        number = clean_line(self.cleaned_data["into"])
        rows = visible_opinions(self.actor).filter(scope_code=self.cases[0].scope_code, number=number)
        found = rows.first()
        if found is None:
            raise forms.ValidationError(f"没有找到编号为“{number}”的社情民意，请核对。")
        return found


class CheckForm(ActionForm):
    is_acceptable = radios("审查结论", (("yes", "符合要求，作为代表建议"), ("no", "不作为建议处理")))
    refusal = choice("不作为建议的理由", SuggestionRefusal.choices(), required=False)
    note = text("审查意见", 400, rows=3, hint="不作为建议处理的，写明理由，将告知代表。")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("is_acceptable") == "no" and not (given.get("refusal") and given.get("note")):
            self.add_error("note", "不作为建议处理的，请选择理由并写明情况。")
        return given


class QualityForm(EditActionForm):
    quality_points = forms.DecimalField(
        label="质量分",
        min_value=Decimal(0),
        max_value=Decimal(2),
        max_digits=3,
        decimal_places=1,
        help_text="0至2分，计入年度测评。",
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value", "max_decimal_places", "max_digits"),
            "应为0至2之间、最多一位小数的数。",
        )
        | {"required": "请填写质量分。"},
    )
    is_key = forms.BooleanField(label="列为重点督办建议", required=False)

    def stored(self, row: Suggestion) -> dict[str, Any]:
        return {"quality_points": row.quality_points, "is_key": row.is_key}


class ResubmitForm(ActionForm):
    title = text("标题", 80, required=True)
    content = text("内容", 4000, required=True, rows=10)

    def __init__(self, actor: Actor, cases: list[Suggestion], *args: Any, **kwargs: Any) -> None:
        super().__init__(actor, cases, *args, **kwargs)
        if len(cases) == 1:
            self.fields["title"].initial = cases[0].title
            self.fields["content"].initial = cases[0].content
