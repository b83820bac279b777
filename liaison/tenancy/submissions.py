"""One key, one content: what makes a form sent twice one row must not swallow a second one that differs.

The row a key stands for belongs to the floor that wrote it; here only stands which words came with the key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.crypto import salted_hmac

from liaison.models import SubmittedKey
from liaison.tenancy.scope import Actor
from liaison.words.errors import Conflict, Forbidden

_OTHER = (
    "这次提交的内容与先前登记的不同：先前的已经登记，这次的没有保存。"
    "请先核对先前的登记；确是另一件事的，请作为另一件重新登记。"
)


def claim_key(actor: Actor, key: str, content: Mapping[str, Any]) -> None:
    """Note the key with the digest of its content; ``Conflict`` when the account sent other content with it.

    In the transaction of the writing itself: a refused form leaves no key behind. Two at once wait here for
    each other.
    """
    if actor.account_id is None:
        raise Forbidden()
    digest = salted_hmac("liaison.tenancy.submissions", _plain(content), algorithm="sha256").hexdigest()
    row = SubmittedKey(scope_code=actor.lo, account_id=actor.account_id, key=key, digest=digest)
    SubmittedKey._plain.bulk_create([row], ignore_conflicts=True)
    known = SubmittedKey.scoped(actor).get(scope_code=actor.lo, account_id=actor.account_id, key=key)
    if known.digest != digest:
        raise Conflict(_OTHER, "other_content")


def _plain(content: Mapping[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, ensure_ascii=False, default=_named)


def _named(value: Any) -> Any:
    """Rows by their number, whatever their names become; files, days and hours as they are written."""
    if isinstance(value, Model):
        return value.pk
    return [_named(each) for each in value] if isinstance(value, QuerySet | set) else str(value)
