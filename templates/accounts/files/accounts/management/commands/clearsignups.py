import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.selectors import unconfirmed_users


class Command(BaseCommand):
    help = "Delete signups that were not confirmed within a week."

    def handle(self, *args: Any, **options: Any) -> None:
        week_ago = timezone.now() - datetime.timedelta(days=7)
        unconfirmed_users().filter(date_joined__lt=week_ago).delete()
