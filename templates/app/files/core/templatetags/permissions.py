from django import template
from django.db.models import Model

from core.permissions import AnyUser

register = template.Library()


@register.simple_tag(takes_context=True)
def has_perm(context: template.Context, perm: str, obj: Model | None = None) -> bool:
    """Say whether the request's user has the permission, on the object if given.

    {% has_perm "blog.change_post" post as can_change %}
    """
    user: AnyUser = context["request"].user
    return user.has_perm(perm, obj)
