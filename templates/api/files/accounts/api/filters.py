from accounts.models import CustomUser
from core.api.filters import ModelFilterSet


class UserFilterSet(ModelFilterSet):
    class Meta:
        model = CustomUser
        fields = ("is_active", "is_staff")
