from django.db.models import QuerySet

from accounts.models import CustomUser


def unconfirmed_users() -> QuerySet[CustomUser]:
    """Whoever has signed up and not yet entered the code from the email."""
    return CustomUser.objects.filter(
        last_login=None, is_staff=False, emailaddress__verified=False
    )
