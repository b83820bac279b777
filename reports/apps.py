"""The app's registration, and what the shell and the back office show of all floors."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "统计与公文"

    def ready(self) -> None:
        from liaison import hooks
        from reports.navigation import doors
        from reports.selectors import missing_steps, staff_counts, staff_queue

        hooks.navigation.register(doors)
        hooks.today_queue.register(staff_queue)
        hooks.today_counts.register(staff_counts)
        hooks.missing_steps.register(missing_steps)
