"""What can go wrong, in words a user understands.

Each error carries one Chinese sentence and the HTTP status it is answered with, so pages, the API and
tasks all refuse in the same way: outside scope 404, inside but not allowed 403, wrong state 409.
"""

from collections.abc import Mapping


class LiaisonError(Exception):
    """Base of the errors a user may see; ``message`` is a full Chinese sentence."""

    status = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class OutOfScope(LiaisonError):
    """The record is absent or lies outside the actor's jurisdiction: one answer for both."""

    status = 404

    def __init__(self, message: str = "没有找到这条记录，或者它不在您的管辖范围内。") -> None:
        super().__init__(message)


class Forbidden(LiaisonError):
    """The record is inside the actor's scope, but the current appointment may not do this."""

    status = 403

    def __init__(self, message: str = "您当前的职务没有办理此事的权限。") -> None:
        super().__init__(message)


class Refused(LiaisonError):
    """The request is well formed but the state of the record does not allow it."""

    status = 409


class Conflict(Refused):
    """The record changed since somebody looked at it; ``code`` says how, for pages that offer ways out.

    A phone that was without signal learns it only when it sends: a person decides, nothing is dropped.
    """

    def __init__(self, message: str, code: str, link: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.link = link


class InvalidInput(LiaisonError):
    """Some fields are wrong; ``fields`` maps a field name to its Chinese message."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("；".join(fields.values()))
        self.fields = dict(fields)


class ScopeRequired(RuntimeError):
    """A scoped table was asked for without an actor: a programming error, never shown."""
