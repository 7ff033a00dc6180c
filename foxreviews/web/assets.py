"""Static files under names that have a hash of their content, so that browsers and CDNs keep them for good.

They are served from the packages themselves: nothing is collected before a first start. A CDN in front fetches them
from here (STATIC_URL, docs/howto/cdn.md).
"""

from functools import cache
from hashlib import blake2b
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]


class HashedFiles(StaticFilesStorage):
    """Their addresses: web/site.css is at /static/web/site.3f2a91c04b7d.css."""

    def url(self, name: str | None) -> str:
        return super().url(_hashed(name) if name and not settings.DEBUG else name)


class Assets(WhiteNoiseMiddleware):  # type: ignore[misc]  # whitenoise has no types
    """Serves them under both names; under the one with the hash they never change, and no browser asks again."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info not in self.files and request.path_info.startswith(self.static_prefix):
            self._add_hashed(request.path_info)
        response: HttpResponse = super().__call__(request)
        return response

    def _add_hashed(self, url: str) -> None:
        """The file, where the name has its hash: files are read when they are first asked for."""
        name = self.get_name_without_hash(url.removeprefix(self.static_prefix))
        if f"{self.static_prefix}{name}" in self.files and url == f"{self.static_prefix}{_hashed(name)}":
            self.add_file_to_dictionary(url, finders.find(name))


@cache
def _hashed(name: str) -> str:
    """The name with the hash; a file that is not there keeps its name."""
    if (found := finders.find(name)) is None or not Path(str(found)).is_file():
        return name
    digest = blake2b(Path(str(found)).read_bytes(), digest_size=6).hexdigest()
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem}.{digest}{path.suffix}"))
