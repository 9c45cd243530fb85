from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db.models import QuerySet


def users(user: AbstractUser | AnonymousUser) -> QuerySet[AbstractUser]:
    """Return whom the user may choose: themselves, or all with the permission."""
    everybody = get_user_model().objects.all()
    if user.has_perm("accounts.view_customuser"):
        return everybody
    return everybody.filter(pk=user.pk)
