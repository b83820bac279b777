"""谈话提醒: held by the chair and one recorder; a reminder, not a sanction (domain.md section 5, text 3)."""

from dataclasses import dataclass
from datetime import datetime

from assessments.access import (
    get_talk,
)
from assessments.enums import TalkEvent
from assessments.lifecycle import TALK
from assessments.models import ReminderTalk
from liaison.auditing import trail
from liaison.identity.roles import OFFICE
from liaison.tenancy.scope import Actor
from liaison.words.errors import InvalidInput
from liaison.words.limits import fitted, fitted_line
from liaison.words.text import clean_line, clean_text

_COLUMNS = ("held_at", "ended_at", "place", "talked_by", "recorder", "content", "response")


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkRecord:
    """谈话提醒记录. Several talkers are written with 、 between them."""

    held_at: datetime
    ended_at: datetime | None = None
    place: str
    talked_by: str
    recorder: str
    content: str
    response: str = ""


def hold_talk(*, actor: Actor, talk_id: int, record: TalkRecord, now: datetime) -> ReminderTalk:
    """登记谈话; ``InvalidInput`` names each missing part, the recorder must be another person."""
    actor.require(*OFFICE)
    _check(record, now)
    with trail.operation("hold_talk"):
        talk = get_talk(actor, talk_id, lock=True)
        talk.state = TALK.next_state(talk.state, TalkEvent.HOLD)
        talk.held_at, talk.ended_at = record.held_at, record.ended_at
        for name in ("place", "talked_by", "recorder"):
            setattr(talk, name, fitted_line(ReminderTalk, name, getattr(record, name)))
        for name in ("content", "response"):
            setattr(talk, name, fitted(ReminderTalk, name, getattr(record, name)))
        talk.save(update_fields=["state", *_COLUMNS])
        return talk


def cancel_talk(*, actor: Actor, talk_id: int, reason: str) -> ReminderTalk:
    """取消谈话, as when the mandate has ended meanwhile; the reason takes the place of the record."""
    actor.require(*OFFICE)
    words = clean_text(reason).strip()
    if not words:
        raise InvalidInput({"reason": "请写明取消谈话的理由。"})
    content = fitted(ReminderTalk, "content", f"取消谈话：{words}", at="reason", label="理由")
    with trail.operation("cancel_talk"):
        talk = get_talk(actor, talk_id, lock=True)
        talk.state = TALK.next_state(talk.state, TalkEvent.CANCEL)
        talk.content = content
        talk.save(update_fields=["state", "content"])
        return talk


def _check(record: TalkRecord, now: datetime) -> None:
    wrong = {
        field: message
        for field, value, message in (
            ("place", record.place, "请填写谈话地点。"),
            ("talked_by", record.talked_by, "请填写谈话人。"),
            ("recorder", record.recorder, "请填写记录人。"),
            ("content", record.content, "请填写提醒内容。"),
        )
        if not clean_line(value)
    }
    if record.held_at > now:
        wrong["held_at"] = "谈话时间不能晚于现在，请核对。"
    if record.ended_at is not None and record.ended_at < record.held_at:
        wrong["ended_at"] = "结束时间不能早于开始时间，请核对。"
    if clean_line(record.recorder) and clean_line(record.recorder) in clean_line(record.talked_by).split(
        "、"
    ):
        wrong["recorder"] = "记录人应与谈话人不是同一人。"
    if wrong:
        raise InvalidInput(wrong)
