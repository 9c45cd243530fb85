"""Prints what Django knows of a project's models, as JSON between two marks.

Run by the project's own interpreter, from the directory of `manage.py`: `python - MARK < django.py`. No
`AppConfig.ready()` runs, so that a module such as `admin.py` may name what the models no longer have.
"""

import inspect
import json
import os
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path.cwd()


def setup():
    sys.path.insert(0, str(ROOT))
    said = re.search(r"DJANGO_SETTINGS_MODULE\W+([\w.]+)", (ROOT / "manage.py").read_text(encoding="utf-8"))
    if said:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", said[1])
    import django.apps

    apps = django.apps.apps
    configs = apps.get_app_configs
    # All models are imported and related by then; what follows would only call `ready`.
    apps.get_app_configs = lambda: [] if apps.models_ready else configs()
    django.setup()
    del apps.get_app_configs
    return apps


def own_path(path):
    """Return a path from the project's root; none if it is outside, or a package's in an environment below it."""
    try:
        relative = Path(path).resolve().relative_to(ROOT.resolve())
    except ValueError:
        return None
    return None if "site-packages" in relative.parts else relative.as_posix()


def django_class(cls):
    """Return the nearest of a class and its bases that is Django's."""
    return next((base for base in cls.__mro__ if base.__module__.split(".")[0] == "django"), cls)


def default_of(value):
    """Return a value that JSON has, or what makes another one."""
    if value is None or isinstance(value, bool | int | float | str):
        return json.loads(json.dumps(value))  # a member of an enumeration is its value
    made = value if callable(value) else type(value)
    return {"made_by": f"{made.__module__}.{getattr(made, '__qualname__', type(made).__qualname__)}"}


def choices_of(field):
    try:
        return [value for value, _ in field.flatchoices]
    except Exception:  # a callable that asks the database
        return []


def enumeration_of(field, model, values):
    """Return the names of the enumeration within the model that a field's choices are, and of its members."""
    from django.db.models import Choices

    classes = [found for cls in model.__mro__ for found in vars(cls).values() if isinstance(found, type)]
    classes = [found for found in classes if issubclass(found, Choices) and found.values == values]
    classes.sort(key=lambda found: found.__name__.lower() != field.name.replace("_", ""))
    return [classes[0].__name__, *classes[0].names] if classes else None


def in_form(field):
    """Return whether a ModelForm can have the field: not bytes, and not a relation whose rows hold more than two keys."""
    from django.db.models import BinaryField

    through = getattr(field.remote_field, "through", None)
    if not field.editable or isinstance(field, BinaryField) or (through and not through._meta.auto_created):
        return False
    try:
        return field.formfield() is not None
    except Exception:
        return False


def is_as_django_has_it(field, base):
    """Return whether people fill the field in as they do Django's own field that it is or inherits."""
    if type(field) is base:
        return True
    try:
        return type(field.formfield()) is type(base.formfield(field))
    except Exception:
        return False


def field_of(field, model):
    from django.db.models import NOT_PROVIDED

    given = field.deconstruct()[3]
    base = django_class(type(field))
    moment = any(getattr(field, name, False) for name in ("auto_now", "auto_now_add"))
    plain = is_as_django_has_it(field, base)
    found = {"name": field.name}
    found["class"] = base.__name__ if plain else f"{type(field).__module__}.{type(field).__qualname__}"
    if not in_form(field):
        found["editable"] = False
    flags = {
        "null": field.null,
        "blank": field.blank and not moment,
        "unique": field._unique and not field.one_to_one,
        "db_index": given.get("db_index") is True,
        "auto_now": getattr(field, "auto_now", False),
        "auto_now_add": getattr(field, "auto_now_add", False),
        "validators": bool(field._validators) or type(field).default_validators != base.default_validators,
    }
    found |= {flag: True for flag, holds in flags.items() if holds}
    is_column = field.concrete and not field.many_to_many and not getattr(field, "generated", False)
    has_value = field.null or moment or field.get_default() is not None or field.has_db_default()
    if is_column and "editable" in found and not has_value:
        found["unfilled"] = True
    limits = {name: given[name] for name in ("max_length", "max_digits", "decimal_places") if given.get(name)}
    if base.__name__ == "EmailField" and limits.get("max_length") == 254:
        del limits["max_length"]
    found |= limits
    if field.default is not NOT_PROVIDED:
        found["default"] = default_of(field.default)
    for period in ("date", "month", "year"):
        if other := getattr(field, f"unique_for_{period}", None):
            found["unique_for"] = other
    shown = getattr(getattr(model.__str__, "__code__", None), "co_names", ())
    if field.name in shown and isinstance(field, large()):
        found["shown"] = True
    if values := choices_of(field):
        found["choices"] = [default_of(value) for value in values]
        if names := enumeration_of(field, model, values):
            found["enum"] = names
    if field.model is not model:
        found["inherited"] = True  # its column is in another table
    return found | relation_of(field)


def large():
    from django.db.models import JSONField, TextField

    return JSONField, TextField


def relation_of(field):
    if not field.is_relation:
        return {}
    remote = field.remote_field
    found = {"to": remote.model._meta.label}
    if on_delete := getattr(remote, "on_delete", None):
        found["on_delete"] = getattr(on_delete, "__name__", type(on_delete).__name__)
    if remote.related_name and not remote.related_name.endswith("+"):
        found["related_name"] = remote.related_name
    if remote.limit_choices_to:
        found["limited"] = True
    return found


def key_of(model):
    """Return the name of the key and its class; none where Django makes one."""
    key = model._meta.pk
    if key.auto_created and not key.remote_field:
        return None
    target = key
    while target.remote_field:
        target = target.target_field
    name = django_class(type(target)).__name__
    # A child has its parent's key as a field of its own.
    own = target if getattr(key.remote_field, "parent_link", False) else key
    return {"name": own.name, "class": "AutoField" if name.endswith("AutoField") else name}


def spanning(model):
    """Return the names of the constraints that compare fields with one another."""
    from django.db.models import Q

    def names(condition):
        for child in condition.children:
            if isinstance(child, Q):
                yield from names(child)
            elif isinstance(child, tuple):
                yield child[0].split("__")[0]
                if hasattr(child[1], "resolve_expression"):
                    yield child[1]
            else:
                yield child

    def compares(condition):
        return not isinstance(condition, Q) or len({str(name) for name in names(condition)}) > 1

    found = [(one.name, getattr(one, "condition", None)) for one in model._meta.constraints]
    return [name for name, condition in found if condition is not None and compares(condition)]


def fields_of(model):
    meta = model._meta
    for field in sorted([*meta.fields, *meta.many_to_many]):  # as they stand in the code
        is_auto = django_class(type(field)).__name__.endswith("AutoField")
        is_made = field.primary_key and (is_auto or field.has_default())
        if not is_made and not getattr(field.remote_field, "parent_link", False):
            yield field_of(field, model)


def model_of(model):
    meta = model._meta
    managers = [manager.name for manager in meta.managers]
    found = {
        "path": own_path(inspect.getsourcefile(model) or ""),
        "key": key_of(model),
        "ordered": bool(meta.ordering),
        "manager": None if "objects" in managers else meta.default_manager.name,
        "parents": [parent._meta.label for parent in [meta.concrete_model, *meta.parents] if parent is not model],
        "spanning": spanning(model),
        "excerpt": hasattr(model, "excerpt") and not any(field.name == "excerpt" for field in meta.get_fields()),
        "unmanaged": not meta.managed,
        "fields": list(fields_of(model)),
    }
    return {name: value for name, value in found.items() if value or name == "fields"}


def entry_of(config):
    """Return what `INSTALLED_APPS` has for an app, where that is its class and not its module."""
    from django.conf import settings

    name = f"{type(config).__module__}.{type(config).__qualname__}"
    return name if name in settings.INSTALLED_APPS else None


def app_of(config):
    models = {model.__name__: model_of(model) for model in config.get_models()}
    return {"name": config.name, "entry": entry_of(config), "models": models}


def main():
    apps = setup()
    from django.utils import translation

    translation.deactivate_all()
    answer = {config.label: app_of(config) for config in apps.get_app_configs() if own_path(config.path)}
    print(sys.argv[1])
    print(json.dumps({"apps": answer}))
    print(sys.argv[1])


main()
