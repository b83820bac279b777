"""Static files under names of their contents, kept by browsers for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """The names that JavaScript modules import are those names as well."""

    support_js_module_import_aggregation = True
