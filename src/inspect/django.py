"""Prints what Django knows of a project's models, as JSON between two marks.

Run by the project's own interpreter, from the directory of `manage.py`: `python - MARK SETTINGS < models.py`. No
`AppConfig.ready()` runs, so that a module such as `admin.py` may name what `models.py` no longer has.
"""

import inspect
import json
import os
import sys
from pathlib import Path

ROOT = Path.cwd()


def setup(settings):
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings)
    import django.apps

    apps = django.apps.apps
    configs = apps.get_app_configs
    # All models are imported and related by then; what follows would only call `ready`.
    apps.get_app_configs = lambda: [] if apps.models_ready else configs()
    django.setup()
    del apps.get_app_configs
    return apps


def is_own(path):
    """Whether a file is the project's, and not a package's in an environment below it."""
    try:
        relative = Path(path).resolve().relative_to(ROOT.resolve())
    except ValueError:
        return False
    return "site-packages" not in relative.parts


def path_of(thing):
    """Return the file of a class, from the project's root; none if it is a package's."""
    try:
        file = inspect.getsourcefile(thing)
    except TypeError:
        return None
    return Path(file).resolve().relative_to(ROOT.resolve()).as_posix() if file and is_own(file) else None


def name_of(thing):
    """Return the dotted name of a class or function; of an object, that of its class."""
    named = thing if hasattr(thing, "__qualname__") else type(thing)
    return f"{named.__module__}.{named.__qualname__}"


def value_of(value):
    """Return a value that JSON has, or the name of what makes it."""
    if value is None or isinstance(value, bool | int | float | str):
        # A member of an enumeration is its value.
        return json.loads(json.dumps(value))
    if isinstance(value, list | tuple):
        return [value_of(one) for one in value]
    if isinstance(value, dict):
        return {str(key): value_of(one) for key, one in value.items()}
    if hasattr(value, "deconstruct"):
        path, arguments, keywords = value.deconstruct()
        return {"class": path, "arguments": value_of(arguments), "keywords": value_of(keywords)}
    if callable(value):
        return {"callable": name_of(value)}
    return {"class": name_of(value), "text": str(value)}


def choices_of(field):
    """Return the choices as pairs, and of groups as pairs of a name and pairs."""

    def listed(choices):
        return [
            [str(value), listed(label)] if isinstance(label, list | tuple) else [value_of(value), str(label)]
            for value, label in choices
        ]

    return listed(getattr(field, "choices", None) or [])


def form_class_of(field):
    try:
        form_field = field.formfield()
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return name_of(form_field) if form_field else None


def relation_of(field):
    from django.db.models import ManyToManyField

    target = field.remote_field.model
    relation = {
        "to": target if isinstance(target, str) else target._meta.label,
        "related_name": field.remote_field.related_name,
        "limit_choices_to": value_of(field.remote_field.limit_choices_to),
    }
    if isinstance(field, ManyToManyField):
        through = field.remote_field.through
        relation["through"] = None if through._meta.auto_created else through._meta.label
        relation["symmetrical"] = field.remote_field.symmetrical
    else:
        relation["on_delete"] = getattr(field.remote_field.on_delete, "__name__", None)
        relation["to_field"] = getattr(field, "to_fields", [None])[0]
    return {name: value for name, value in relation.items() if value not in (None, {}, [])}


def field_of(field, model):
    from django.db.models import NOT_PROVIDED

    found = {
        "name": field.name,
        "class": name_of(field),
        "type": field.get_internal_type(),
        "form": form_class_of(field),
    }
    flags = ["primary_key", "unique", "null", "blank", "auto_created", "generated", "db_index"]
    flags += ["auto_now", "auto_now_add"]
    found |= {flag: True for flag in flags if getattr(field, flag, False)}
    if not field.editable:
        found["editable"] = False
    if field.default is not NOT_PROVIDED:
        found["default"] = value_of(field.default)
    if getattr(field, "db_default", NOT_PROVIDED) is not NOT_PROVIDED:
        found["db_default"] = True
    if choices := choices_of(field):
        found["choices"] = choices
    limits = ["max_length", "max_digits", "decimal_places", "unique_for_date", "unique_for_month", "unique_for_year"]
    found |= {limit: getattr(field, limit) for limit in limits if getattr(field, limit, None) is not None}
    own = [value_of(validator) for validator in field._validators]
    if own:
        found["validators"] = own
    if field.is_relation:
        found["relation"] = relation_of(field)
    if base := getattr(field, "base_field", None):
        found["base"] = field_of_base(base)
    if field.model is not model:
        found["from"] = field.model._meta.label
    return found


def field_of_base(base):
    base.name = base.name or "item"
    return {"class": name_of(base), "type": base.get_internal_type(), "form": form_class_of(base)}


def model_of(model):
    meta = model._meta
    generic = [
        {"name": field.name, "class": name_of(field), "fields": [field.ct_field, field.fk_field]}
        for field in meta.private_fields
        if hasattr(field, "ct_field")
    ]
    bases = [base for base in model.__mro__ if hasattr(base, "_meta") and path_of(base)]
    found = {
        "path": path_of(model),
        "line": line_of(model),
        "files": sorted({path_of(base) for base in bases}),
        "names": [str(meta.verbose_name), str(meta.verbose_name_plural)],
        "key": meta.pk.name,
        "ordering": [value_of(one) for one in meta.ordering],
        "managers": [manager.name for manager in meta.managers],
        "parents": [parent._meta.label for parent in meta.parents if parent is not None],
        "unique_together": value_of(meta.unique_together),
        "constraints": [constraint_of(one) for one in meta.constraints],
        "fields": [field_of(field, model) for field in [*meta.fields, *meta.many_to_many]],
        "generic": generic,
    }
    found |= {flag: True for flag in ("proxy", "swapped") if getattr(meta, flag)}
    if not meta.managed:
        found["managed"] = False
    return {name: value for name, value in found.items() if value not in (None, [], ())}


def constraint_of(constraint):
    return {
        "name": constraint.name,
        "class": type(constraint).__name__,
        "fields": list(getattr(constraint, "fields", ())),
        "conditional": bool(getattr(constraint, "condition", None) or getattr(constraint, "expressions", None)),
    }


def line_of(model):
    try:
        return inspect.getsourcelines(model)[1]
    except (OSError, TypeError):
        return None


def main():
    mark, settings = sys.argv[1:3]
    apps = setup(settings)
    answer = {}
    for config in apps.get_app_configs():
        own = is_own(config.path)
        if not own and not config.models:
            continue
        answer[config.label] = {
            "name": config.name,
            "verbose_name": str(config.verbose_name),
            "own": own,
            # Of packages, only what relations can name: the rest changes with their versions.
            "models": {
                model.__name__: model_of(model) if own else {"key": model._meta.pk.get_internal_type()}
                for model in config.get_models()
            },
        }
    print(mark)
    print(json.dumps(answer, indent=1, sort_keys=True, ensure_ascii=False))
    print(mark)


main()
