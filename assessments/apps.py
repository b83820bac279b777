"""The app's registration, which dates of its own a calendar moves and which years it has closed."""

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "assessments"
    verbose_name = "年度测评"

    def ready(self) -> None:
        from assessments.selectors.calendar_effects import objection_periods
        from assessments.selectors.frozen import frozen_places
        from assessments.selectors.moving import moving_assessments
        from assessments.selectors.rollover import before_rollover, recorded_in_term
        from assessments.services import shipped_schemes
        from assessments.tasks import settle_provisional
        from liaison import hooks

        hooks.calendar_effects.register(objection_periods)
        hooks.calendar_loaded.register(settle_provisional)
        hooks.before_rollover.register(before_rollover)
        hooks.recorded_in_term.register(recorded_in_term)
        hooks.frozen_places.register(frozen_places)
        hooks.shipped_data.register(shipped_schemes.seed)
        hooks.moving_rows.register(moving_assessments)
