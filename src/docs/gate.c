/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "docs/gate.h"

#include "docs/builder.h"

enum {
	PAGE_BYTES_MIN = 32, /* of a page of Markdown: a title and a sentence */
	NOTICE_BYTES_MAX = 4096, /* a page that only says why there is no page is short */
	HEAD_BYTES = 1024
};

/* ---- URLs ---- */

static struct str
after_scheme(struct str url)
{
	const char *mark = url.len ? memmem(url.at, url.len, "://", 3) : NULL;
	size_t skip = mark ? (size_t)(mark - url.at) + 3 : 0;
	return str_span(url.at + skip, url.len - skip);
}

static size_t
length_until(struct str text, const char *ends)
{
	size_t len = 0;
	while (len < text.len && (text.at[len] == '\0' || !strchr(ends, text.at[len])))
		len++;
	return len;
}

struct str
url_host(struct str url)
{
	struct str rest = after_scheme(url);
	return str_span(rest.at, length_until(rest, "/?#"));
}

struct str
url_path(struct str url)
{
	struct str rest = after_scheme(url);
	size_t host = length_until(rest, "/?#");
	rest = str_span(rest.at + host, rest.len - host);
	return str_span(rest.at, length_until(rest, "?#"));
}

/* ---- status, place ---- */

static const char *
gate_status(int status)
{
	static const struct {
		int status;
		const char *reason;
	} rows[] = {
#define STATUS(n) { n, "HTTP status " #n }
		STATUS(204),
		STATUS(206),
		STATUS(301),
		STATUS(302),
		STATUS(303),
		STATUS(304),
		STATUS(307),
		STATUS(308),
		STATUS(400),
		STATUS(401),
		STATUS(403),
		STATUS(404),
		STATUS(405),
		STATUS(406),
		STATUS(408),
		STATUS(410),
		STATUS(429),
		STATUS(451),
		STATUS(500),
		STATUS(502),
		STATUS(503),
		STATUS(504),
		STATUS(520),
		STATUS(521),
		STATUS(522),
		STATUS(523),
		STATUS(524),
		STATUS(530),
#undef STATUS
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].status == status)
			return rows[i].reason;
	return status == 200 ? NULL : "an HTTP status other than 200";
}

static const char *
gate_place(const struct doc_answer *answer)
{
	static const struct str logins[] = { { "/login", 6 }, { "/signin", 7 }, { "/sign-in", 8 }, { "/sso", 4 } };
	struct str from = answer->effective_url;
	if (from.len == 0)
		return NULL;
	if (!str_eq_nocase(url_host(answer->url), url_host(from)))
		return "redirected to another host";
	if (str_starts(answer->url, STR("https:")) && !str_starts(from, STR("https:")))
		return "redirected to an unencrypted address";
	struct str path = url_path(from);
	for (size_t i = 0; i < ARRAY_LEN(logins); i++)
		if (str_ends(path, logins[i]) && !str_ends(url_path(answer->url), logins[i]))
			return "a login page";
	return NULL;
}

/* ---- media type and first bytes ---- */

static bool
starts_nocase(struct str text, struct str prefix)
{
	return text.len >= prefix.len && str_eq_nocase(str_span(text.at, prefix.len), prefix);
}

/* Markdown may begin with a component in angle brackets, HTML with a few of its own. */
static bool
looks_like_html(struct str body)
{
	static const struct str starts[] = { { "<!doctype", 9 }, { "<html", 5 }, { "<head", 5 }, { "<body", 5 },
		{ "<?xml", 5 }, { "<script", 7 }, { "<meta", 5 } };
	body = str_trim(str_starts(body, STR("\xEF\xBB\xBF")) ? str_span(body.at + 3, body.len - 3) : body);
	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		if (starts_nocase(body, starts[i]))
			return true;
	struct str head = str_span(body.at, body.len < HEAD_BYTES ? body.len : HEAD_BYTES);
	return str_starts(body, STR("<!--")) && str_contains_nocase(head, STR("<html"));
}

static const char *
html_reason(enum doc_kind kind)
{
	static const char *const reasons[] = { "HTML instead of Markdown", "HTML instead of JSON",
		"HTML instead of an index", "HTML instead of text" };
	return reasons[kind];
}

/* The media types that a document may be served as, beside none and the generic ones. */
static bool
media_fits(enum doc_kind kind, struct str media)
{
	bool json = str_eq_nocase(media, STR("application/json")) || str_ends(media, STR("+json")) ||
	    str_eq_nocase(media, STR("text/json"));
	bool text = starts_nocase(media, STR("text/"));
	bool generic = media.len == 0 || str_eq_nocase(media, STR("text/plain")) ||
	    str_eq_nocase(media, STR("application/octet-stream"));
	if (generic)
		return true;
	switch (kind) {
	case DOC_MARKDOWN:
	case DOC_INDEX:
		return text && !json;
	case DOC_OPENAPI:
		return json || str_contains_nocase(media, STR("openapi"));
	case DOC_TEXT:
		return text || json || str_ends(media, STR("xml")) || str_ends(media, STR("yaml"));
	case DOC_KIND_COUNT:
		break;
	}
	return false;
}

static const char *
gate_media(const struct doc_answer *answer)
{
	struct str media = answer->media_type;
	media = str_trim(str_split(&media, ';'));
	bool html = str_eq_nocase(media, STR("text/html")) || str_eq_nocase(media, STR("application/xhtml+xml"));
	if (html || looks_like_html(answer->body))
		return html_reason(answer->kind);
	return media_fits(answer->kind, media) ? NULL : "another media type than the document's";
}

/* ---- pages that stand in for another ---- */

const char *
gate_title(struct str title)
{
	static const struct {
		struct str start;
		const char *reason;
		bool whole; /* the title is nothing else */
	} rows[] = {
#define BEGINS(text, reason) { { text, sizeof(text) - 1 }, reason, false }
#define IS(text, reason) \
	{ \
		{ text, sizeof(text) - 1 }, reason, true \
	}
		BEGINS("just a moment", "a challenge page"),
		BEGINS("attention required", "a challenge page"),
		BEGINS("checking your browser", "a challenge page"),
		BEGINS("verify you are human", "a challenge page"),
		BEGINS("sign in to", "a login page"),
		BEGINS("log in to", "a login page"),
		BEGINS("page not found", "a not-found page"),
		BEGINS("404 not found", "a not-found page"),
		BEGINS("500 internal server error", "an error page"),
		BEGINS("502 bad gateway", "an error page"),
		BEGINS("503 service", "an error page"),
		BEGINS("504 gateway time", "an error page"),
		IS("login", "a login page"),
		IS("log in", "a login page"),
		IS("sign in", "a login page"),
		IS("404", "a not-found page"),
		IS("not found", "a not-found page"),
		IS("forbidden", "an access-denied page"),
		IS("access denied", "an access-denied page"),
		IS("security check", "a challenge page"),
		IS("captcha", "a challenge page"),
		IS("error", "an error page"),
		IS("service unavailable", "an error page"),
		IS("bad gateway", "an error page"),
		IS("internal server error", "an error page"),
		IS("under maintenance", "an error page"),
		IS("site under maintenance", "an error page"),
#undef BEGINS
#undef IS
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if ((rows[i].whole ? str_eq_nocase : starts_nocase)(title, rows[i].start))
			return rows[i].reason;
	return NULL;
}

static const char *
gate_notice(struct str body)
{
	static const struct str phrases[] = { { "verify you are human", 20 }, { "verify that you are human", 25 },
		{ "complete the captcha", 20 }, { "solve the captcha", 17 }, { "checking your browser", 21 },
		{ "enable javascript and cookies", 29 } };
	for (size_t i = 0; body.len <= NOTICE_BYTES_MAX && i < ARRAY_LEN(phrases); i++)
		if (str_contains_nocase(body, phrases[i]))
			return "a challenge page";
	return NULL;
}

const char *
gate_answer(const struct doc_answer *answer)
{
	struct str body = answer->body;
	const char *why = gate_status(answer->status);
	if (!why)
		why = gate_place(answer);
	if (why)
		return why;
	if (body.len > DOC_BODY_MAX)
		return DOC_TOO_LARGE;
	struct str text = str_trim(body);
	if (text.len == 0)
		return "an empty page";
	why = gate_media(answer);
	if (why)
		return why;
	if (!str_is_utf8(body))
		return "not UTF-8";
	if ((answer->kind == DOC_MARKDOWN || answer->kind == DOC_INDEX) && text.len < PAGE_BYTES_MIN)
		return "too short for a page";
	return gate_notice(body);
}
