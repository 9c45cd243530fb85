from allauth.account import auth_backends
from django.contrib.auth.base_user import AbstractBaseUser

from accounts.selectors import unconfirmed_users


class AuthenticationBackend(auth_backends.AuthenticationBackend):
    def user_can_authenticate(self, user: AbstractBaseUser) -> bool:
        """Refuse unconfirmed sign-ups; allauth's own page then asks for the code."""
        if not super().user_can_authenticate(user):
            return False
        known = user.last_login is not None
        return known or not unconfirmed_users().filter(pk=user.pk).exists()
