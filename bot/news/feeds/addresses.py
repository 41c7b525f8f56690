"""Which addresses lead to one article: a form for comparison only, never to be fetched or shown."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from yarl import URL

_TRACKING: Final = re.compile(
    # Families: whoever measures audiences has a prefix of their own.
    r"^(?:(?:utm|at|mtm|matomo|pk|piwik|hsa|ns|wt|mc|guce|vero|oly|dm|sc|rb|mkt|stm|itm|int|trk|ga|gad|hmb|cx|asgtbndr)_.*"
    # Names of their own.
    r"|xtor|xts|xtref|maca|cmp|cmpid|cmp_id|cmpref|cmplz.*|ncid|icid|intcid|ocid|nlid|smid|smtyp|itid|mbid|mibextid|sref"
    r"|fbclid|gclid|gclsrc|dclid|wbraid|gbraid|msclkid|ysclid|yclid|twclid|ttclid|li_fat_id|srsltid|epik|irclickid"
    r"|igshid|igsh|_ga|_gl|_hsenc|_hsmi|_openstat|__twitter_impression|__s|__hstc|__hssc|__hsfp|hsctatracking"
    r"|ref_src|ref_url|referrer|referer|reflink|wtrid|spm|sr_share|sharetype|share_id|sharetoken|shareuid|giftcopy"
    r"|unlocked_article_code|guccounter|traffic[_-]source|ito|ftag|ftcamp|taid|ved|ei|usqp|trk|emc|kwp_0|tpcc|dicbo"
    r"|s_cid|s_campaign|link_source|soc_src|soc_trk|leadsource|rssid|rssfeed|fromrss|tag_rss|feedtype|feedname"
    r"|wickedid|mkcid|mkrid|wprov|partnerid|newsletter_id|nl_id|cndid|bxid|esrc"
    r"|jsessionid|phpsessid|aspsessionid\w*|sessionid|outputtype|amp_js_v|amp_gsa|amp_lite|nomobile)$",
    re.IGNORECASE,
)
# Tracking on some sites, an article's number on others: what is no number goes.
_AMBIGUOUS: Final = re.compile(
    r"^(?:cid|ref|source|src|rss|from|feed|via|campaign|campaign_id|partner|feature|share|mod|si|st|medium|wpisrc|origin)$",
    re.IGNORECASE,
)
_VIEWS: Final = re.compile(
    r"^(?:amp=(?:|1|true|yes)|(?:output|view|type|layout|format|platform)=(?:amp|mobile)|m=[01]|mobile=(?:1|true|yes))$",
    re.IGNORECASE,
)
_HOST_PREFIX: Final = re.compile(r"^(?:www\d?|m|mobile|mobil|amp|touch|wap)\.(?=[^.]+\.)")
_HOST_INFIX: Final = re.compile(r"^([a-z]{2,3})\.m\.(?=[^.]+\.)")  # en.m.site.org
_AMP_PATH: Final = re.compile(
    r"/amp(?=/)|/amp(?:html|\.html?)?(?=/?$)|\.amp(?=/?$|\.html?$)|(?<=\.)amp\.(?=html?$)", re.IGNORECASE
)
_MOBILE_PATH: Final = re.compile(r"^/(?:m|mobile)(?=/[^/])", re.IGNORECASE)
_INDEX: Final = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?|jsp)$", re.IGNORECASE)
_SESSION: Final = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*", re.IGNORECASE)
_AMP_CACHE: Final = re.compile(r"^[a-z0-9-]+\.cdn\.ampproject\.org$")
_WRAPPED: Final = re.compile(r"^/(?:amp|[vcir](?:/[vcir])?)/(s/)?(?=[^/]+\.[^/]+/)")
_SAFE: Final = ":@!$&'()*+,;=~"


def canonical_url(url: str) -> str:
    """Reduce an address to what tells articles apart; for comparison only, never to be fetched or shown.

    Scheme, default ports, ``www``, mobile and AMP hosts and paths, AMP caches, fragments, trailing slashes, dot
    segments, session ids, tracking parameters, the order of parameters and the spelling of percent-encoding (RFC 3986,
    6.2.2) and of international names make no difference.

    Args:
        url: absolute; what cannot be read comes back as it is.
    """
    url = _unwrapped(url.strip())
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return url
    if not host:
        return url
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""  # pages that are their fragment
    place = _host(host) if port in {None, 80, 443} else f"{_host(host)}:{port}"
    return f"//{place}{_path(parts.path)}{_query(parts.query)}" + (f"#{fragment}" if fragment else "")


def _unwrapped(url: str) -> str:
    """Take an address out of that of an AMP cache or viewer, which repeats it as its path."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return url
    is_viewer = host.startswith(("www.google.", "google.")) and parts.path.startswith("/amp/")
    if not is_viewer and not _AMP_CACHE.match(host):
        return url
    found = _WRAPPED.match(parts.path)
    if found is None:
        return url
    inner = parts.path[found.end() :]
    return f"https://{inner}" + (f"?{parts.query}" if parts.query else "")


def _host(host: str) -> str:
    host = _HOST_PREFIX.sub("", _HOST_PREFIX.sub("", _ascii_host(host)))  # twice: www.m.site.org
    return _HOST_INFIX.sub(r"\1.", host)


def _path(path: str) -> str:
    path = _without_dots(re.sub(r"/{2,}", "/", _SESSION.sub("", path)))
    path = _MOBILE_PATH.sub("", _AMP_PATH.sub("", _INDEX.sub("/", path))).rstrip("/")
    return "/".join(map(_segment, path.split("/")))


def _segment(segment: str) -> str:
    """Write a path's segment in one way; an encoded slash stays one, as it parts nothing."""
    plain = unquote(segment, errors="surrogateescape")
    if not plain.isascii():
        plain = unicodedata.normalize("NFC", plain)
    return quote(plain, safe=_SAFE, errors="surrogateescape")


def _without_dots(path: str) -> str:
    """Remove ``.`` and ``..`` (RFC 3986, 5.2.4)."""
    if "/." not in path:
        return path
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[max(1, len(kept) - 1) :]
        elif segment != ".":
            kept.append(segment)
    return "/".join(kept) + ("/" if path.endswith(("/.", "/..")) else "")


def _query(query: str) -> str:
    # Feeds often escape an address once too often.
    pairs = parse_qsl(query.replace("&amp;", "&"), keep_blank_values=True)
    kept = sorted((pair for pair in pairs if not _is_noise(*pair)), key=lambda pair: pair[0])
    return f"?{urlencode(kept)}" if kept else ""


def _is_noise(name: str, value: str) -> bool:
    return bool(
        _TRACKING.match(name) or _VIEWS.match(f"{name}={value}") or (_AMBIGUOUS.match(name) and not value.isdigit())
    )


def _ascii_host(host: str) -> str:
    if host.isascii():
        return host.lower()
    try:
        return (URL.build(scheme="http", host=host).raw_host or host).lower()
    except (ValueError, UnicodeError):
        return host.lower()
