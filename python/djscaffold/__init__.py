"""The program `djscaffold`, as a wheel: see `python -m djscaffold --help`."""
