"""Static files under names of their contents, kept by browsers for ever."""

from django.conf import settings
from whitenoise.storage import CompressedManifestStaticFilesStorage

_STATIC = settings.BASE_DIR / "static"
_OWN = sorted({path.relative_to(_STATIC).parent for path in _STATIC.rglob("*.js")})
_IMPORTS = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]


class ModuleStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """The names that our own modules import are those names as well.

    Not those of packages: some ship modules that import what they do not bring along.
    """

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        *((f"{folder.as_posix()}/*.js", _IMPORTS) for folder in _OWN),
    )
