from typing import Any

from django.conf import settings
from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.models import CustomUser, Profile


@receiver(
    post_save,
    sender=settings.AUTH_USER_MODEL,
    dispatch_uid="accounts.create_profile",
)
def create_profile(
    instance: CustomUser, created: bool, raw: bool, using: str, **kwargs: Any
) -> None:
    """Give a new user a profile; fixtures (raw) bring their own."""
    if created and not raw:
        Profile.objects.using(using).create(user=instance)
