"""The questions of the set-up, one form a page."""

from typing import Any, ClassVar

from django import forms

from liaison.founding.places import places_with_office
from liaison.founding.services import KEEPERS
from liaison.models import Account, Jurisdiction
from liaison.sheets import SheetError, read_sheet
from liaison.web.edit_forms import row_choice
from liaison.web.forms import ServiceForm, offer_rows, radios, text
from liaison.words.enums import JurisdictionLevel as Level
from liaison.words.enums import Role
from liaison.words.limits import limit_of

LEVELS = (
    (Level.TOWNSHIP, "一个乡镇，单独使用"),
    (Level.COUNTY, "一个县（市、区），下面有乡镇、街道"),
    (Level.PREFECTURE, "一个设区的市、自治州，下面有县（市、区）"),
)
_TABLE_LENGTH = 400_000
_SHORT = limit_of(Jurisdiction, "short_name")
_FILE_HINT = "Excel 或 WPS 表格（.xlsx、.xls）或 CSV 文件，不超过5MB；读第一张有内容的工作表。"
_ACCOUNT_NAMES = {Role.SECURITY_ADMIN: "anquan", Role.AUDIT_ADMIN: "shenji", Role.SYSTEM_ADMIN: "xitong"}
_DUTIES = {
    Role.SECURITY_ADMIN: "开立账号、任免职务、重置密码。",
    Role.AUDIT_ADMIN: "查阅操作记录，发现异常。",
    Role.SYSTEM_ADMIN: "维护区域、节假日和办理期限。",
}


class LevelForm(ServiceForm):
    level = radios("这套系统给谁使用", LEVELS)


class OfficeForm(ServiceForm):
    """Our own place; which names above it are asked follows from the level."""

    name = text(
        "名称",
        _SHORT,
        required=True,
        hint="不写上级，如“庄子乡”“榆次区”。",
    )
    code = text("行政区划代码", 12, required=True)
    prefecture = text("所属的市（州）", _SHORT, hint="如“晋中市”。直辖市的区县不用填写。")
    county = text("所属的县（市、区）", _SHORT, required=True, hint="如“榆次区”。")

    def __init__(self, level: Level, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = {Level.TOWNSHIP: "9位数字，如140702202", Level.COUNTY: "6位数字，如140702"}
        self.fields[
            "code"
        ].help_text = f"{codes.get(level, '6位数字，如140700')}；可在民政部门或者统计部门公布的代码表中查到。"
        self.fields["code"].widget.attrs["inputmode"] = "numeric"
        if level != Level.TOWNSHIP:
            del self.fields["county"]
        if level == Level.PREFECTURE:
            del self.fields["prefecture"]


class PlacesForm(ServiceForm):
    """A table typed or pasted, or a file; what is read comes back as ``lines`` of the same text."""

    table = text(
        "代码和名称",
        _TABLE_LENGTH,
        hint="每行一个：代码、名称，中间空一格；可从表格中整列复制粘贴。"
        "没有代码的，写名称和层级，如“东庄村 村”。",
        rows=10,
    )
    file = forms.FileField(
        label="或者上传表格",
        required=False,
        help_text=_FILE_HINT,
        error_messages={"empty": "文件是空的，请重新选择。"},
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.et,.csv"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        file = data.get("file")
        if file:
            try:
                rows = read_sheet(file.read()).rows
            except SheetError as error:
                self.add_error("file", error.message)
            else:
                data["table"] = "\n".join("\t".join(row) for row in rows)
        elif not data.get("table") and "file" not in self.errors:
            self.add_error("table", "请填写代码和名称，或者选择一个表格文件。")
        return data


class KeepersForm(ServiceForm):
    """Three persons, one after the other."""

    field_names: ClassVar[dict[str, str]] = {
        **{f"{role.value}_display_name": f"{role.value}_name" for role in KEEPERS},
        "people": f"{KEEPERS[0].value}_name",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for role in KEEPERS:
            name = text(
                f"{role.label}姓名", limit_of(Account, "display_name"), required=True, hint=_DUTIES[role]
            )
            username = text(
                f"{role.label}账号",
                limit_of(Account, "username"),
                required=True,
                hint="登录用，以后不能更改。",
            )
            username.initial = _ACCOUNT_NAMES[role]
            self.fields[f"{role.value}_name"], self.fields[f"{role.value}_username"] = name, username

    @property
    def people(self) -> dict[Role, tuple[str, str]]:
        data = self.cleaned_data
        return {role: (data[f"{role.value}_name"], data[f"{role.value}_username"]) for role in KEEPERS}


class ClerkForm(ServiceForm):
    place = row_choice("在哪里工作", hint="账号的职务随区域的层级而定。")
    name = text("姓名", limit_of(Account, "display_name"), required=True)
    username = text(
        "账号", limit_of(Account, "username"), required=True, hint="登录用，如姓名全拼；建立后不能更改。"
    )

    field_names: ClassVar[dict[str, str]] = {"display_name": "name"}

    def __init__(self, office: Jurisdiction, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "place", places_with_office(office))
        self.fields["place"].initial = office
