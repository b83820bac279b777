"""The columns of a deadline, the same wherever one is stored."""

from django.db import models

from liaison.words.enums import DeadlineUnit


class DeadlineFields(models.Model):
    """One stored deadline with what is needed to derive it again.

    ``due_on`` is stored once and never recomputed on read. When it reaches into a year whose calendar is
    not loaded it is provisional: weekends and fixed-date holidays only, marked on every page, and derived
    again with a log line when the year is loaded.
    """

    runs_from = models.DateField("起算日", null=True, blank=True, editable=False)
    run_length = models.PositiveSmallIntegerField("期限", null=True, blank=True, editable=False)
    run_unit = models.CharField(
        "单位", max_length=8, choices=DeadlineUnit.choices(), blank=True, editable=False
    )
    run_rolls = models.BooleanField("逢节假日顺延", default=True, editable=False)
    due_on = models.DateField("办理期限", null=True, blank=True)
    due_is_provisional = models.BooleanField("期限暂定", default=False, editable=False)
    due_text = models.TextField("期限推算", blank=True, editable=False)

    class Meta:
        abstract = True


# What a service saves after it has put a deadline on a row.
DEADLINE_COLUMNS = tuple(column.name for column in DeadlineFields._meta.local_fields)
