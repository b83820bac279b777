"""What the papers of a station need to know: the poster of reception days and the table of a year.

Frozen values for ``liaison.documents.pdf``, like those of ``liaison.documents.forms``: words, never rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from liaison.documents.forms import DocumentForm
from stations.rules.wording import short_day_text

# What deputies receive and what they must send elsewhere (domain.md section 4; 信访工作条例 第三十条).
RECEIVED = (
    "对本地经济社会发展、民生实事和村（社区）公共事务的意见建议；",
    "对国家机关及其工作人员工作的建议、批评和意见；",
    "法律法规实施、政策落实中的情况和问题；",
    "其他需要人大代表了解、反映的公共事项。",
)
NOT_RECEIVED = (
    "已经进入或者依法应当进入诉讼、行政复议、仲裁程序的事项，请向受理机关反映；",
    "个人涉法涉诉等不涉及公共利益的事项，可以向司法所或者公共法律服务热线12348咨询；",
    "检举、控告，请向纪检监察机关反映，举报电话12388。",
)
PROVISIONAL = "标有“暂定”的日期，按法定节假日推算，国务院放假安排公布后可能调整，以届时公告为准。"

# Characters of place, names and theme that fit a sheet in the large type of a door poster.
_ROOMY = 70


@dataclass(frozen=True, kw_only=True)
class PosterDay:
    """One reception on a poster; ``deputies`` are names only."""

    day: date
    hours: str
    deputies: tuple[str, ...] = ()
    theme: str = ""
    is_provisional: bool = False
    note: str = ""

    @property
    def short(self) -> str:
        """5月8日（周五）: the year stands above the table."""
        return short_day_text(self.day)


@dataclass(frozen=True, kw_only=True)
class ReceptionPoster(DocumentForm):
    """《代表接待日公告》: one reception in large type, or those of a span in a table; A4 for the door.

    ``qr`` is a `data:image/svg+xml` picture of the station's public page. ``span`` says which days a table
    covers (2026年5月); empty for a single day.
    """

    template: ClassVar[str] = "reception_poster.html"

    organ: str
    station: str
    address: str
    days: tuple[PosterDay, ...]
    span: str = ""
    phone: str = ""
    opening_hours: str = ""
    qr: str = ""
    received: tuple[str, ...] = RECEIVED
    not_received: tuple[str, ...] = NOT_RECEIVED
    made_on: date

    @property
    def file_title(self) -> str:
        if self.span:
            return f"代表接待日公告（{self.station}{self.span}）"
        days = "".join(f"{one.day.year}年{one.day.month}月{one.day.day}日" for one in self.days[:1])
        return f"代表接待日公告（{self.station}{days}）"

    @property
    def only(self) -> PosterDay | None:
        """The one day a poster without a span is about."""
        return self.days[0] if self.days and not self.span else None

    @property
    def is_crowded(self) -> bool:
        """Whether a single day says so much that smaller type keeps it on one sheet."""
        one = self.only
        written = f"{self.station}{self.address}{one.theme}{''.join(one.deputies)}" if one else ""
        return len(written) > _ROOMY

    @property
    def has_themes(self) -> bool:
        return any(one.theme for one in self.days)

    @property
    def meaning(self) -> str:
        """What the mark 暂定 means, where it stands."""
        return PROVISIONAL if any(one.is_provisional for one in self.days) else ""


@dataclass(frozen=True, kw_only=True)
class RotaRow:
    """One reception day in the table of a year. ``remark``: derivation of a postponed date, or its state."""

    day: date
    hours: str
    deputies: tuple[str, ...] = ()
    theme: str = ""
    is_provisional: bool = False
    is_postponed: bool = False
    is_off: bool = False
    remark: str = ""

    @property
    def short(self) -> str:
        """5月8日（周五）: the year stands in the title."""
        return short_day_text(self.day)


@dataclass(frozen=True, kw_only=True)
class RotaStation:
    """The year of one station."""

    name: str
    address: str = ""
    phone: str = ""
    rules: str = ""
    rows: tuple[RotaRow, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DutyRota(DocumentForm):
    """《××联络站××××年代表接待日轮值表》 of one station, or of all of a township."""

    template: ClassVar[str] = "duty_rota.html"

    place: str
    organ: str
    year: int
    stations: tuple[RotaStation, ...]
    made_on: date

    @property
    def file_title(self) -> str:
        return f"{self.place}{self.year}年代表接待日轮值表"

    @property
    def is_of_one(self) -> bool:
        """A single station is named in the title and needs no heading of its own."""
        return len(self.stations) == 1 and self.stations[0].name == self.place

    @property
    def has_provisional(self) -> bool:
        return any(row.is_provisional for station in self.stations for row in station.rows)

    @property
    def has_postponed(self) -> bool:
        return any(row.is_postponed for station in self.stations for row in station.rows)

    @property
    def has_themes(self) -> bool:
        return any(row.theme for station in self.stations for row in station.rows)

    @property
    def has_off(self) -> bool:
        return any(row.is_off for station in self.stations for row in station.rows)

    @property
    def has_unassigned(self) -> bool:
        return any(not row.deputies and not row.is_off for one in self.stations for row in one.rows)

    @property
    def provisional_meaning(self) -> str:
        return PROVISIONAL
