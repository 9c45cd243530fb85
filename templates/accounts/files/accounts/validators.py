import datetime

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext_lazy as _


@deconstructible
class PhoneNumberValidator(RegexValidator):
    """E.164: a plus sign, the country code and at most 15 digits in all."""

    regex = r"^\+[1-9][0-9]{6,14}\Z"
    message = _("Enter a phone number in international form, such as +4915112345678.")


def validate_not_in_future(date: datetime.date) -> None:
    if date > timezone.localdate():
        raise ValidationError(_("This date lies in the future."), code="future")
