import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from core import uploads
from core.uploads import validate_file_extension, validate_file_size


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "run.exe", "nothing"])
def test_files_that_could_run_are_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        validate_file_extension(SimpleUploadedFile(name, b"x"))


def test_documents_are_taken() -> None:
    validate_file_extension(SimpleUploadedFile("Report.PDF", b"x"))


def test_large_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    file = SimpleUploadedFile("report.pdf", b"four")
    validate_file_size(file)
    monkeypatch.setattr(uploads, "MAX_FILE_SIZE", 3)
    with pytest.raises(ValidationError):
        validate_file_size(file)
