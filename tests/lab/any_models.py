# ruff: noqa: E501
"""Models as people write them, each an app: what Django accepts must get pages, an API and tests that pass."""

HEAD = "from django.db import models\n"


def one(fields: str, more: str = "", head: str = "", name: str = "Thing") -> str:
    body = "".join(f"    {line}\n" for line in fields.strip().splitlines())
    return f"{head}{HEAD}{more}\n\nclass {name}(models.Model):\n{body}"


NAME = "name = models.CharField(max_length=40)"

# The text of `models.py`, or of several files by path, by the label of the app; all their models are declared.
APPS: dict[str, str | dict[str, str]] = {
    "times": one(f"{NAME}\nopens = models.TimeField()\ncloses = models.TimeField(null=True, blank=True)"),
    "floats": one(f"{NAME}\nratio = models.FloatField(default=0.5)\nweight = models.FloatField()"),
    "addresses": one(
        f"{NAME}\nip = models.GenericIPAddressField()\nany_ip = models.GenericIPAddressField(null=True, blank=True)"
    ),
    "arrays": one(
        f"{NAME}\ncodes = ArrayField(models.CharField(max_length=9))\n"
        "numbers = ArrayField(models.IntegerField(), default=list, blank=True)",
        head="from django.contrib.postgres.fields import ArrayField\n",
    ),
    "blobs": one(f"{NAME}\ndata = models.BinaryField()\nraw = models.BinaryField(editable=True)"),
    "generated": one(
        "width = models.IntegerField()\nheight = models.IntegerField(default=2)\n"
        'area = models.GeneratedField(expression=models.F("width") * models.F("height"), '
        "output_field=models.BigIntegerField(), db_persist=True)"
    ),
    "uuid_key": one(
        f"id = models.UUIDField(primary_key=True, default=uuid4, editable=False)\n{NAME}",
        head="from uuid import uuid4\n\n",
    ),
    "char_key": one(f"code = models.CharField(primary_key=True, max_length=9)\n{NAME}"),
    "slug_key": one(f"code = models.SlugField(primary_key=True)\n{NAME}"),
    "one_key": one(
        "user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name='+')\n"
        "motto = models.CharField(max_length=40)",
        head="from django.conf import settings\n",
    ),
    "child": one(NAME, name="Place")
    + "\n\nclass Restaurant(Place):\n    stars = models.PositiveSmallIntegerField(default=1)\n",
    "proxies": one(NAME)
    + "\n\nclass Ordered(Thing):\n    class Meta:\n        proxy = True\n        ordering = ['name']\n",
    "abstract": {
        "base.py": one(NAME, name="Named") + "\n    class Meta:\n        abstract = True\n",
        "models.py": "from abstract.base import Named\n\n\nclass Thing(Named):\n    pass\n",
    },
    "package": {
        "models/__init__.py": "from .one import Thing\nfrom .two import Part\n\n__all__ = ['Part', 'Thing']\n",
        "models/one.py": one(NAME),
        "models/two.py": one(f"thing = models.ForeignKey('Thing', models.CASCADE)\n{NAME}", name="Part"),
    },
    "apps.dotted": one(NAME),
    "managers": one(
        f"{NAME}\nis_gone = models.BooleanField(default=False)\n\npresent = PresentManager()",
        more="\n\nclass PresentManager(models.Manager):\n"
        "    def get_queryset(self) -> models.QuerySet:\n        return super().get_queryset().filter(is_gone=False)\n",
    ),
    "grouped": one(
        'medium = models.CharField(max_length=8, choices=[("Audio", [("vinyl", "Vinyl"), ("cd", "CD")]), ("other", "Other")])'
    ),
    "comprehension": one(
        f"{NAME}\nyear = models.IntegerField(choices=[(year, str(year)) for year in range(2020, 2025)])"
    ),
    "imported_choices": {
        "constants.py": "SIZES = [('s', 'Small'), ('l', 'Large')]\nLONGEST = 30\n",
        "models.py": "from imported_choices.constants import LONGEST, SIZES\n"
        + one("name = models.CharField(max_length=LONGEST)\nsize = models.CharField(max_length=1, choices=SIZES)"),
    },
    "levels": one(
        "level = models.IntegerField(choices=Level.choices, default=Level.LOW)\n"
        "other = models.IntegerField(choices=Level.choices)\n\n"
        "class Meta:\n    constraints = [models.CheckConstraint(condition=models.Q(level__in=Level.values), name='level_valid')]",
        more="\n\nclass Level(models.IntegerChoices):\n    LOW = 1\n    HIGH = 2\n",
    ),
    "groups": one(f"group = models.ForeignKey('auth.Group', models.CASCADE)\n{NAME}"),
    "generic": one(
        "content_type = models.ForeignKey(ContentType, models.CASCADE)\nobject_id = models.PositiveIntegerField()\n"
        "target = GenericForeignKey()\nword = models.CharField(max_length=40)",
        head="from django.contrib.contenttypes.fields import GenericForeignKey\n"
        "from django.contrib.contenttypes.models import ContentType\n",
        name="TaggedItem",
    ),
    "through": one(NAME, name="Person") + "\n\nclass Team(models.Model):\n    name = models.CharField(max_length=40)\n"
    "    members = models.ManyToManyField(Person, through='Membership')\n"
    "\n\nclass Membership(models.Model):\n    person = models.ForeignKey(Person, models.CASCADE)\n"
    "    team = models.ForeignKey(Team, models.CASCADE)\n    joined = models.DateField()\n",
    "limited": one(
        "staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, limit_choices_to={'is_staff': True})\n"
        + NAME,
        head="from django.conf import settings\n",
    ),
    "together": one(
        f"{NAME}\nnumber = models.IntegerField()\n\nclass Meta:\n    unique_together = [('name', 'number')]"
    ),
    "spans": one(
        "starts = models.DateField()\nends = models.DateField()\n\nclass Meta:\n    constraints = [models.CheckConstraint("
        "condition=models.Q(ends__gte=models.F('starts')), name='ends_after_it_starts')]"
    ),
    "dated": one("day = models.DateField()\nslug = models.SlugField(unique_for_date='day')"),
    "validated": one(
        "age = models.IntegerField(validators=[MinValueValidator(18), MaxValueValidator(120)])\n"
        "code = models.CharField(max_length=3, validators=[RegexValidator(r'^[A-Z]{3}$')])\n"
        "word = models.CharField(max_length=20, validators=[validate_slug])",
        head="from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator, validate_slug\n",
    ),
    "hidden": one(
        f"owner = models.ForeignKey('Thing', models.CASCADE, null=True, blank=True, related_name='+')\n{NAME}"
    ),
    "words": one(
        "is_public = models.BooleanField(default=False)\nsettings = models.JSONField(default=dict, blank=True)\n"
        "file = models.FileField(upload_to='files', blank=True)\nfactory = models.CharField(max_length=9)\n"
        "datetime = models.DateTimeField()\nmodel = models.CharField(max_length=9)\n"
    ),
    "tables": one(f"{NAME}\n\nclass Meta:\n    db_table = 'a_table'")
    + "\n\nclass Node(models.Model):\n    parent = models.ForeignKey('self', models.CASCADE, null=True, blank=True)\n"
    "    friends = models.ManyToManyField('self', blank=True)\n    label = models.CharField(max_length=9)\n",
    "cycle_one": one(f"other = models.ForeignKey('cycle_two.Thing', models.SET_NULL, null=True, blank=True)\n{NAME}"),
    "cycle_two": one(f"other = models.ForeignKey('cycle_one.Thing', models.CASCADE)\n{NAME}"),
    "states": one("name = models.CharField(max_length=20)", name="Status")
    + "\n\nclass Order(models.Model):\n    class Status(models.TextChoices):\n        OPEN = 'open'\n        DONE = 'done'\n\n"
    "    status = models.CharField(max_length=9, choices=Status.choices, default=Status.OPEN)\n"
    "    text = models.CharField(max_length=40, default='$name, $text')\n",
    "names": one(NAME, name="Client")
    + "".join(
        f"\n\nclass {name}(models.Model):\n    title = models.CharField(max_length=40)\n"
        for name in ("View", "Permission", "Legal_Entity", "Warning", "ClientForm", "Q")
    ),
    "shades": {
        "fields.py": "from typing import Any\n\nfrom django import forms\nfrom django.db import models\n\n\nclass ShadeField(models.Field):\n"
        "    def db_type(self, connection: Any) -> str:\n        return 'varchar(20)'\n\n"
        "    def formfield(self, **kwargs: Any) -> Any:\n        return super().formfield(form_class=forms.CharField, **kwargs)\n",
        "models.py": "from shades.fields import ShadeField\n" + one(f"{NAME}\nshade = ShadeField()"),
    },
    "empty": one("created = models.DateTimeField(auto_now_add=True)"),
    "unfilled": one(f"{NAME}\nnumber = models.IntegerField(editable=False)"),
    "paths": one(
        f"{NAME}\npath = models.FilePathField(path='.', editable=False)\nother = models.FilePathField(path='.', blank=True)"
    ),
    "unmanaged": one(f"{NAME}\n\nclass Meta:\n    managed = False\n    db_table = 'somebody_elses'"),
}

# These need PostgreSQL.
ALONE = ("arrays",)


def files(label: str) -> dict[str, str]:
    """Return the files of an app by their paths."""
    folder = label.replace(".", "/")
    given = APPS[label]
    models = {"models.py": given} if isinstance(given, str) else given
    made = {f"{folder}/__init__.py": "", f"{folder}/migrations/__init__.py": ""}
    for parent in folder.split("/")[:-1]:
        made[f"{parent}/__init__.py"] = ""
    return made | {f"{folder}/{path}": text for path, text in models.items()}
