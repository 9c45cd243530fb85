"""Sign-up is confirmed by a link that only the owner of the mailbox can follow."""

import logging

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _

from accounts.models import CustomUser

logger = logging.getLogger(__name__)


class ActivationTokenGenerator(PasswordResetTokenGenerator):
    """Signs the user's password hash too: a repeated sign-up ends older links."""

    key_salt = "accounts.activation.ActivationTokenGenerator"


activation_token = ActivationTokenGenerator()


def user_to_activate(uidb64: str, token: str) -> CustomUser | None:
    try:
        pk = urlsafe_base64_decode(uidb64).decode()
        user = CustomUser.objects.get(pk=pk, awaits_activation=True)
    except (ValueError, OverflowError, CustomUser.DoesNotExist):
        return None
    return user if activation_token.check_token(user, token) else None


def send_signup_email(request: HttpRequest, user: CustomUser) -> None:
    """Mail the activation link, or tell a registered user that they are one.

    A failure is logged, not shown, as Django does when it mails a reset link.
    """
    if user.awaits_activation:
        subject = _("Activate your account")
        template = "accounts/activation_email.txt"
        uid = urlsafe_base64_encode(force_bytes(user.pk))
        token = activation_token.make_token(user)
        path = reverse("accounts:activate", args=[uid, token])
    else:
        subject = _("You already have an account")
        template = "accounts/already_registered_email.txt"
        path = reverse("accounts:password-reset")
    context = {"user": user, "link": request.build_absolute_uri(path)}
    body = render_to_string(template, context, request)
    try:
        user.email_user(subject, body)
    except Exception:
        logger.exception("Failed to send the sign-up email to user %s", user.pk)
