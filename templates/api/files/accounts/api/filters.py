from rest_framework.filters import SearchFilter
from rest_framework.request import Request

from accounts.models import CustomUser
from core.api.filters import ModelFilterSet
from core.search import clean_search


class UserFilterSet(ModelFilterSet):
    class Meta:
        model = CustomUser
        fields = ("is_active", "is_staff")


class UserSearchFilter(SearchFilter):
    """Look for each word, in no more text than the pages search for."""

    def get_search_terms(self, request: Request) -> list[str]:
        text = request.query_params.get(self.search_param, "")
        return clean_search(text).split()
