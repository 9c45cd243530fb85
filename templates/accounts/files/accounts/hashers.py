from django.contrib.auth import hashers


class Argon2PasswordHasher(hashers.Argon2PasswordHasher):
    """OWASP's minimum: 19 MB per login in progress, where Django's default takes 100."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
