"""测评办法: laid down as data, locked on first use, succeeded by new versions."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from assessments.access import (
    visible_schemes,
)
from assessments.enums import AssessmentState
from assessments.models import Assessment, Scheme
from assessments.scoring import SchemeRules
from liaison.auditing import trail
from liaison.identity.access import linked
from liaison.identity.roles import REGISTRARS
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor
from liaison.words.errors import InvalidInput, OutOfScope, Refused
from liaison.words.limits import fitted_line
from liaison.words.text import clean_line


def adopt_scheme(*, actor: Actor, definition: Mapping[str, Any], name: str, code: str = "") -> Scheme:
    """Lay down a scheme for the own jurisdiction; under a code that is taken, as its next version.

    ``code`` defaults to the definition's. ``InvalidScheme`` (an ``InvalidInput``) names each fault of the
    definition by its path; ``InvalidInput`` a missing name.
    """
    actor.require(*REGISTRARS)
    title = clean_line(name).strip("《》")
    if not title:
        raise InvalidInput({"name": "请填写办法名称，如《庄子乡人大代表履职测评办法》。"})
    rules = SchemeRules.from_dict(definition)
    code = clean_line(code) or rules.code
    with trail.operation("adopt_scheme"):
        where = Jurisdiction.objects.select_for_update(no_key=True).get(linked("pk", actor.jurisdiction_id))
        last = (
            Scheme.scoped(actor)
            .filter(scope_code=where.scope_code, code=code)
            .order_by("-version")
            .values_list("version", flat=True)
            .first()
        )
        version = (last or 0) + 1
        return Scheme._plain.create(
            scope_code=where.scope_code,
            scope_end=where.scope_end,
            code=code,
            version=version,
            name=fitted_line(Scheme, "name", f"《{title}》"),
            definition=replace(rules, code=code, title=title, version=version).to_dict(),
        )


def change_scheme(*, actor: Actor, scheme_id: int, definition: Mapping[str, Any]) -> Scheme:
    """Change a version nobody has used yet; ``Refused`` once it is in use."""
    actor.require(*REGISTRARS)
    rules = SchemeRules.from_dict(definition)
    with trail.operation("change_scheme"):
        scheme = own_scheme(actor, scheme_id, lock=True)
        if is_in_use(actor, scheme):
            raise Refused("这一版测评办法已经用于测评，不能再改；请另存为新版本。")
        kept = replace(rules, code=scheme.code, version=scheme.version, title=scheme.name.strip("《》"))
        scheme.definition = kept.to_dict()
        scheme.save(update_fields=["definition"])
        return scheme


def own_scheme(actor: Actor, scheme_id: int, *, lock: bool = False) -> Scheme:
    """A scheme laid down by the acting jurisdiction itself; inherited ones are read, never changed."""
    rows = visible_schemes(actor).filter(scope_code=actor.lo, scope_end=actor.hi, pk=scheme_id)
    scheme = (rows.select_for_update() if lock else rows).first()
    if scheme is None:
        raise OutOfScope("没有找到这一测评办法，或者它由上级制定，只能采用、不能修改。")
    return scheme


def is_in_use(actor: Actor, scheme: Scheme) -> bool:
    """Locked on first use: from the moment an assessment by it has frozen its data."""
    used = Assessment.scoped(actor).filter(scheme=scheme).exclude(state=AssessmentState.DRAFT)
    return scheme.locked_at is not None or used.exists()
