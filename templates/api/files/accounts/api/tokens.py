from __future__ import annotations

from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.token_blacklist.models import (
    BlacklistedToken,
    OutstandingToken,
)
from rest_framework_simplejwt.tokens import RefreshToken


class OneTimeRefreshToken(RefreshToken):
    """Works once. Who uses one again has a copy of it: that ends the log-in.

    The tokens that descend from one log-in share the first part of their id.
    """

    def set_jti(self) -> None:
        login = self.get("jti", uuid4().hex).partition(".")[0]
        self["jti"] = f"{login}.{uuid4().hex}"

    def check_blacklist(self) -> None:
        """Leave it to rotate(), for which a used token is more than a wrong one."""

    def rotate(self) -> None:
        """Become the next token of the log-in, or raise TokenError if used before."""
        with transaction.atomic():
            used = not self._use()
            if used:
                self.end_login()
            else:
                self.set_jti()
                self.set_exp()
                self.set_iat()
                self.outstand()
        if used:
            raise TokenError(_("Token is used or revoked"))

    def _use(self) -> bool:
        """Blacklist this token; of two requests at once, one is the first."""
        token = OutstandingToken.objects.filter(jti=self["jti"]).first()
        if token is None:
            return False
        _token, first = BlacklistedToken.objects.get_or_create(token=token)
        return first

    def end_login(self) -> None:
        login = self["jti"].partition(".")[0]
        tokens = OutstandingToken.objects.filter(jti__startswith=f"{login}.")
        BlacklistedToken.objects.bulk_create(
            [BlacklistedToken(token=token) for token in tokens], ignore_conflicts=True
        )
