from blog.models import Post, Tag
from django.contrib.auth.views import LoginView
from django.urls import include, path
from django.views.generic import DetailView, ListView, TemplateView
from rest_framework import routers, serializers, viewsets


class TagSerializer(serializers.ModelSerializer):
    class Meta:
        model = Tag
        fields = ("id", "name", "slug")


class PostSerializer(serializers.ModelSerializer):
    tags = TagSerializer(many=True)

    class Meta:
        model = Post
        fields = (
            "id",
            "title",
            "slug",
            "content",
            "status",
            "author",
            "tags",
            "published_at",
            "created_at",
            "updated_at",
        )


published = Post.objects.filter(status="published").select_related("author").prefetch_related("tags")


class PostViewSet(viewsets.ModelViewSet):
    queryset = published
    serializer_class = PostSerializer


router = routers.DefaultRouter()
router.register("blog/posts", PostViewSet)

urlpatterns = [
    path("", TemplateView.as_view(template_name="home.html")),
    path("blog/posts/", ListView.as_view(queryset=published, paginate_by=20, template_name="list.html")),
    path("blog/posts/<slug:slug>/", DetailView.as_view(queryset=published, template_name="detail.html")),
    path("accounts/login/", LoginView.as_view(template_name="login.html")),
    path("api/v1/", include(router.urls)),
]
