"""Whether times typed on a phone can be true; pure.

A phone writes down when a reception began and ended and sends it hours later. The record keeps what was
typed, so what cannot have been is refused here, in words that say what to check. Datetimes are aware.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType

from liaison.calendar.workdays import china_date

# A phone's clock may run ahead of the server's by this much and still be believed.
AHEAD = timedelta(minutes=10)
# The longest a phone may keep a record before it is too old to be taken without the office.
KEPT_DAYS = 31

_OR_NOW = "手机时间当时不准的，可以按现在的时间发送。"

NO_FAULTS: Mapping[str, str] = MappingProxyType({})


def faults_of_times(
    day: date, now: datetime, *, began_at: datetime | None = None, ended_at: datetime | None = None
) -> Mapping[str, str]:
    """What is wrong with a reception's typed times, by field; empty when they can be true."""
    faults: dict[str, str] = {}
    for name, words, moment in (("began_at", "开始时间", began_at), ("ended_at", "结束时间", ended_at)):
        if moment is None:
            continue
        if moment > now + AHEAD:
            faults[name] = f"{words}晚于现在，请核对手机的时间是否准确。"
        elif china_date(moment) != day:
            faults[name] = f"{words}不在接待日（{day.year}年{day.month}月{day.day}日）当天，请改正。"
    if not faults and began_at is not None and ended_at is not None and ended_at < began_at:
        faults["ended_at"] = "结束时间不能早于开始时间，请改正。"
    return faults or NO_FAULTS


def faults_of_typing(typed_at: datetime, now: datetime) -> Mapping[str, str]:
    """What is wrong with the moment a record was typed: in the future, or kept on the phone too long."""
    if typed_at > now + AHEAD:
        return {"typed_at": f"录入时间晚于现在，请核对手机的时间是否准确。{_OR_NOW}"}
    if now - typed_at > timedelta(days=KEPT_DAYS):
        return {"typed_at": f"这条记录录入已超过{KEPT_DAYS}天，请改用网页登记，并写明实际日期。{_OR_NOW}"}
    return NO_FAULTS
