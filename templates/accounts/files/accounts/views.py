from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.forms import ProfileForm, UserForm
from accounts.models import Profile


@login_required
@transaction.atomic
def profile(request: HttpRequest) -> HttpResponse:
    profiles = Profile.objects.select_related("user")
    own, _created = profiles.get_or_create(user_id=request.user.pk)
    forms = [
        UserForm(request.POST or None, instance=own.user),
        ProfileForm(request.POST or None, instance=own),
    ]
    if all(form.is_valid() for form in forms):
        for form in forms:
            form.save()
        messages.success(request, _("Your profile was saved."))
        return redirect("accounts:profile")
    return render(request, "accounts/profile.html", {"forms": forms})
