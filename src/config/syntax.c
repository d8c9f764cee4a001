/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "config/syntax.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/attr.h"
#include "base/parse.h"

static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool
only(struct str text, const char *others)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_alnum(text.at[i]) && (!text.at[i] || !strchr(others, text.at[i])))
			return false;
	return true;
}

static bool
has_any(struct str text, const char *set)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] && strchr(set, text.at[i]))
			return true;
	return false;
}

/* Printable ASCII without the space. */
static bool
is_graphic(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] <= ' ' || text.at[i] > '~')
			return false;
	return true;
}

static bool
cut_prefix(struct str *text, struct str prefix)
{
	if (!str_starts(*text, prefix))
		return false;
	*text = str_span(text->at + prefix.len, text->len - prefix.len);
	return true;
}

static bool
is_in(struct str text, const struct str *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq_nocase(text, list[i]))
			return true;
	return false;
}

const char *
syntax_name(struct str text)
{
	static const char *const right = "a name is 1 to 64 of a-z 0-9 _ - and begins with a letter or digit";
	if (text.len == 0 || text.len > 64 || text.at[0] == '_' || text.at[0] == '-' || !only(text, "_-"))
		return right;
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] >= 'A' && text.at[i] <= 'Z')
			return right;
	return NULL;
}

static bool
is_port(struct str text)
{
	uint64_t port;
	return text.len <= 5 && parse_u64(text, &port) && port >= 1 && port <= 65535;
}

static bool
is_ip(int family, struct str text)
{
	char copy[64], address[16];
	if (text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	return inet_pton(family, copy, address) == 1;
}

static bool
is_host_name(struct str text)
{
	bool all_digits = true;
	if (text.len == 0 || text.len > 253)
		return false;
	for (struct str rest = text; rest.at;) {
		struct str label = str_split(&rest, '.');
		if (label.len == 0 && !rest.at && label.at != text.at)
			break; /* the root's dot */
		if (label.len == 0 || label.len > 63 || !only(label, "-_") || label.at[0] == '-')
			return false;
	}
	for (size_t i = 0; i < text.len; i++)
		all_digits &= text.at[i] == '.' || (text.at[i] >= '0' && text.at[i] <= '9');
	return !all_digits || is_ip(AF_INET, text);
}

/* "host", "host:port", "[v6]:port". *ret_port is absent when there is none. */
static bool
cut_authority(struct str text, struct str *ret_host, struct str *ret_port)
{
	*ret_port = STR_NONE;
	if (text.len > 0 && text.at[0] == '[') {
		const char *close = memchr(text.at, ']', text.len);
		if (!close)
			return false;
		*ret_host = str_span(text.at + 1, (size_t)(close - text.at) - 1);
		struct str rest = str_span(close + 1, text.len - (size_t)(close + 1 - text.at));
		if (rest.len > 0 && rest.at[0] != ':')
			return false;
		if (rest.len > 0)
			*ret_port = str_span(rest.at + 1, rest.len - 1);
		return is_ip(AF_INET6, *ret_host);
	}
	*ret_host = str_split(&text, ':');
	*ret_port = text;
	return is_host_name(*ret_host);
}

const char *
syntax_listen(struct str text)
{
	static const char *const right = "write \"127.0.0.1:10077\", \"[::1]:10077\", \":10077\" or \"unix:/path\"";
	struct str host, port;
	if (cut_prefix(&text, STR("unix:")))
		return text.len > 0 && text.len < 108 && text.at[0] == '/'
		    ? NULL
		    : "write \"unix:\" and an absolute path of at most 107 bytes";
	if (cut_prefix(&text, STR(":")))
		return is_port(text) ? NULL : right;
	if (!cut_authority(text, &host, &port) || !port.at || !is_port(port))
		return right;
	return is_ip(AF_INET, host) || is_ip(AF_INET6, host) ? NULL
							     : "write an IP address: names are not resolved here";
}

const char *
syntax_telemetry_path(struct str text)
{
	if (text.len < 2 || text.at[0] != '/' || !only(text, "/_.~-") || str_starts(text, STR("//")))
		return "write a path such as \"/metrics\"";
	if (str_starts(text, STR("/-/")) || str_starts(text, STR("/api/")))
		return "/-/ and /api/ are taken by the daemon";
	return NULL;
}

struct url {
	struct str scheme, authority, rest; /* rest begins with / ? # or is empty */
};

static bool
cut_url(struct str text, struct url *ret_url)
{
	size_t colon = 0;
	while (colon < text.len && text.at[colon] != ':')
		colon++;
	struct str after = str_span(text.at + colon, text.len - colon);
	if (colon == 0 || !cut_prefix(&after, STR("://")))
		return false;
	size_t end = 0;
	while (end < after.len && !strchr("/?#", after.at[end]))
		end++;
	*ret_url = (struct url){ .scheme = str_span(text.at, colon),
		.authority = str_span(after.at, end),
		.rest = str_span(after.at + end, after.len - end) };
	return true;
}

static const char *
check_authority(struct str authority)
{
	struct str host, port;
	if (has_any(authority, "@"))
		return "no user or password in a URL";
	if (!cut_authority(authority, &host, &port))
		return "the host is not a name or an address ([ ] around IPv6)";
	if (port.at && !is_port(port))
		return "the port is not 1 to 65535";
	return NULL;
}

const char *
syntax_base_url(struct str text)
{
	struct url url;
	if (!is_graphic(text) || !cut_url(text, &url) ||
	    (!str_eq(url.scheme, STR("https")) && !str_eq(url.scheme, STR("http"))))
		return "write \"https://HOST\" or \"https://HOST:PORT\"";
	const char *why = check_authority(url.authority);
	if (why)
		return why;
	if (has_any(url.rest, "?#"))
		return "no query or fragment: they belong to an endpoint's path";
	if (str_ends(url.rest, STR("/")) && url.rest.len > 1)
		return "it ends in /: an endpoint's path begins with one";
	return NULL;
}

const char *
syntax_proxy(struct str text)
{
	static const struct str schemes[] = { STR("http"), STR("https"), STR("socks5"), STR("socks5h") };
	struct url url;
	if (text.len == 0)
		return NULL;
	if (!is_graphic(text) || !cut_url(text, &url) || !is_in(url.scheme, schemes, ARRAY_LEN(schemes)))
		return "write \"http://HOST:PORT\" (or https, socks5, socks5h)";
	const char *why = check_authority(url.authority);
	if (why)
		return why;
	return url.rest.len > 1 ? "a proxy has no path" : NULL;
}

const char *
syntax_anchor(struct str text)
{
	static const char *const right = "write \"https://HOST/\" or \"tcp://HOST:PORT\"";
	struct url url;
	struct str host, port;
	if (!is_graphic(text) || !cut_url(text, &url))
		return right;
	bool tcp = str_eq(url.scheme, STR("tcp"));
	if (!tcp && !str_eq(url.scheme, STR("https")))
		return right;
	const char *why = check_authority(url.authority);
	if (why)
		return why;
	if (!tcp)
		return NULL;
	return cut_authority(url.authority, &host, &port) && port.at && url.rest.len == 0 ? NULL : right;
}

/* A query parameter that carries a key, by its name. */
static bool
query_has_key(struct str path)
{
	static const struct str names[] = { STR("key"), STR("api_key"), STR("api-key"), STR("apikey"), STR("token"),
		STR("access_token"), STR("secret"), STR("password") };
	(void)str_split(&path, '?');
	while (path.at) {
		struct str pair = str_split(&path, '&');
		if (is_in(str_split(&pair, '='), names, ARRAY_LEN(names)))
			return true;
	}
	return false;
}

const char *
syntax_path(struct str text)
{
	if (text.len == 0 || text.at[0] != '/')
		return "it begins with /; copy it from the provider's documentation";
	if (str_starts(text, STR("//")) || !is_graphic(text) || has_any(text, "#\\\"<>^`|") || text.len > 2048)
		return "it holds what a URL path cannot (white space, #, //, …)";
	bool has_model = false;
	for (size_t i = 0; i < text.len; i++) {
		struct str rest = str_span(text.at + i, text.len - i);
		if (!has_model && str_starts(rest, STR("{model}"))) {
			has_model = true;
			i += strlen("{model}") - 1;
		} else if (*rest.at == '{' || *rest.at == '}')
			return "{model}, once, is the only part that is filled in";
	}
	if (query_has_key(text))
		return "no key in a URL: it is sent by the provider's auth";
	return NULL;
}

const char *
syntax_header_name(struct str text)
{
	return text.len > 0 && text.len <= 128 && only(text, "!#$%&'*+-.^_`|~")
	    ? NULL
	    : "a header name is letters, digits and -";
}

const char *
syntax_header_value(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f)
			return "a header value is one line without control characters";
	if (text.len > 7 &&
	    (str_eq_nocase(str_span(text.at, 7), STR("Bearer ")) || str_eq_nocase(str_span(text.at, 6), STR("Basic "))))
		return "this carries a key: it is sent by `auth`, with a secret that is only referred to";
	if (text.len > 1024 || str_trim(text).len != text.len)
		return "a header value is at most 1024 bytes, without blanks around it";
	return NULL;
}

const char *
syntax_model(struct str text)
{
	return text.len > 0 && text.len <= 256 && is_graphic(text) && !has_any(text, "\"\\")
	    ? NULL
	    : "copy the model's id from the provider's documentation";
}

const char *
syntax_page(struct str text)
{
	struct url url;
	if (!is_graphic(text) || !cut_url(text, &url) ||
	    (!str_eq(url.scheme, STR("https")) && !str_eq(url.scheme, STR("http"))))
		return "write the page's address, \"https://HOST/PATH\"";
	return query_has_key(text) ? "no key in a URL" : check_authority(url.authority);
}

const char *
syntax_file(struct str text)
{
	return text.len == 0 || text.at[0] == '/' ? NULL : "write an absolute path";
}

const char *
syntax_file_name(struct str text)
{
	if (str_starts(text, STR("~")))
		return "~ means nothing here: write an absolute path, or one within the state folder";
	return str_ends(text, STR("/")) ? "this is a folder: write the path of a file" : NULL;
}

const char *
syntax_env_name(struct str text)
{
	bool digit_first = text.len > 0 && text.at[0] >= '0' && text.at[0] <= '9';
	return text.len > 0 && text.len <= 256 && !digit_first && only(text, "_")
	    ? NULL
	    : "write the name of an environment variable (letters, digits, _), not the key";
}

const char *
syntax_absolute_path(struct str text)
{
	return text.len > 1 && text.at[0] == '/' ? NULL : "write an absolute path";
}

const char *
syntax_credential(struct str text)
{
	return text.len > 0 && text.len <= 255 && text.at[0] != '.' && only(text, "_.-")
	    ? NULL
	    : "write the name that the unit gives it in LoadCredential=";
}

/* "<your key>", not "a < b": a bracket, then anything but blanks at its edges, then the other. */
static bool
has_angle_placeholder(struct str text)
{
	const char *open = text.len ? memchr(text.at, '<', text.len) : NULL;
	if (!open)
		return false;
	size_t left = text.len - (size_t)(open - text.at);
	const char *close = memchr(open, '>', left);
	return close && close > open + 1 && is_alnum(open[1]);
}

static bool
contains(struct str text, struct str part)
{
	return text.len >= part.len && memmem(text.at, text.len, part.at, part.len);
}

bool
syntax_is_bare_placeholder(struct str text)
{
	text = str_trim(text);
	return str_starts(text, STR("REPLACE")) || str_starts(text, STR("YOUR_"));
}

bool
syntax_is_placeholder(struct str text)
{
	return contains(text, STR("REPLACE")) || contains(text, STR("YOUR_")) || has_angle_placeholder(text);
}

static bool
is_key_char(char c)
{
	return is_alnum(c) || c == '_' || c == '-';
}

bool
syntax_looks_secret(struct str text)
{
	/* The beginnings by which keys of the common providers and code hosts are known. */
	static const struct str beginnings[] = { STR("sk-"), STR("sk_"), STR("pk_live_"), STR("rk_live_"), STR("AIza"),
		STR("xai-"), STR("gsk_"), STR("hf_"), STR("r8_"), STR("pplx-"), STR("ghp_"), STR("gho_"),
		STR("github_pat_"), STR("glpat-"), STR("AKIA"), STR("xoxb-"), STR("eyJ") };
	enum { KEY_BYTES_MIN = 20 };
	for (size_t i = 0; i < text.len; i++) {
		if (i > 0 && is_key_char(text.at[i - 1]))
			continue;
		struct str rest = str_span(text.at + i, text.len - i);
		size_t run = 0;
		while (run < rest.len && is_key_char(rest.at[run]))
			run++;
		for (size_t k = 0; run >= KEY_BYTES_MIN && k < ARRAY_LEN(beginnings); k++)
			if (str_starts(rest, beginnings[k]))
				return true;
	}
	return false;
}

bool
syntax_may_hold_secret(struct str text)
{
	struct url url;
	bool has_user = cut_url(text, &url) && has_any(url.authority, "@");
	return has_user || query_has_key(text) || syntax_looks_secret(text);
}

bool
syntax_is_auth_header(struct str name)
{
	static const struct str names[] = { STR("authorization"), STR("proxy-authorization"), STR("api-key"),
		STR("apikey"), STR("cookie"), STR("x-goog-api-key") };
	static const struct str endings[] = { STR("-api-key"), STR("-token"), STR("-secret"), STR("-password"),
		STR("-authorization"), STR("-key") };
	if (is_in(name, names, ARRAY_LEN(names)))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(endings); i++)
		if (name.len > endings[i].len &&
		    str_eq_nocase(str_span(name.at + name.len - endings[i].len, endings[i].len), endings[i]))
			return true;
	return false;
}

bool
syntax_is_own_header(struct str name)
{
	static const struct str names[] = { STR("host"), STR("content-length"), STR("content-type"),
		STR("transfer-encoding"), STR("connection"), STR("keep-alive"), STR("te"), STR("trailer"),
		STR("upgrade"), STR("expect"), STR("accept"), STR("accept-encoding"), STR("user-agent") };
	return is_in(name, names, ARRAY_LEN(names));
}

bool
syntax_url_is_plaintext(struct str url)
{
	return str_starts(url, STR("http://"));
}

bool
syntax_url_is_loopback(struct str text)
{
	struct url url;
	struct str host, port;
	if (!cut_url(text, &url) || !cut_authority(url.authority, &host, &port))
		return false;
	return str_eq_nocase(host, STR("localhost")) || str_eq(host, STR("::1")) ||
	    (is_ip(AF_INET, host) && str_starts(host, STR("127.")));
}
