/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/profile.h"

#include <stdio.h>

#include "base/attr.h"
#include "base/escape.h"
#include "sim/answer.h"
#include "sim/ask.h"
#include "sim/draw.h"
#include "sim/provider.h"

enum { TEXT_MAX = 64 * 1024, RETRY_DATE_AHEAD_S = 60, REQUEST_ID_LETTERS = 32 };

static const struct error_row errors[] = {
#define ERROR(name, status, headers, body, what) { #name, status, headers, body, what },
#include "sim/error.def"
#undef ERROR
};

/* $T in the sentence is the refusal's detail; the sentence is $T of the error's body. */
struct manner {
	const char *error, *sentence;
};

struct profile {
	const char *name;
	struct manner manners[REFUSE_COUNT];
	/* Where it has other manners for one provider; an empty one is as above. */
	struct {
		const char *provider;
		struct manner manners[REFUSE_COUNT];
	} special;
	const char *const *key_headers;
	const char *id_prefix; /* of request ids; NULL = the gateway's form */
	bool is_strict;
	void (*add_headers)(const struct ask *ask, struct answer *answer);
	void (*wrong_path)(const struct ask *ask, struct answer *answer); /* NULL = its manner */
};

static void
comet_headers(const struct ask *ask, struct answer *answer)
{
	answer_header(answer, "x-cometapi-request-id", str_of(ask->request_id));
}

/* No JSON 404: API paths redirect, all others are the site's single page. */
static void
comet_wrong_path(const struct ask *ask, struct answer *answer)
{
	if (str_starts(ask->http->path, STR("/v1")) || str_starts(ask->http->path, STR("/api"))) {
		answer->status = 301;
		answer->type = NULL;
		answer_header(answer, "Location", STR("/"));
		return;
	}
	error_say(error_find(STR("html_site")), ask, STR(""), answer);
}

/* 14 digits of time, some more, and eight letters. */
static void
make_gateway_id(struct ask *ask)
{
	auto_buf struct buf stamp = BUF_INIT(64);
	char digits[15], letters[9];
	size_t count = 0;
	wall_format_rfc3339(&stamp, ask->now);
	for (size_t i = 0; i < stamp.len && count < 14; i++)
		if (stamp.at[i] >= '0' && stamp.at[i] <= '9')
			digits[count++] = stamp.at[i];
	digits[count] = '\0';
	draw_name(draw_mix(ask->seed, ask->sequence ^ UINT64_C(0x69640000)), letters, 8);
	snprintf(ask->request_id, sizeof(ask->request_id), "%s%09u%s", digits,
	    draw_below(draw_mix(ask->seed, ask->sequence), 1000000000), letters);
}

static void
openai_headers(const struct ask *ask, struct answer *answer)
{
	buf_printf(&answer->head,
	    "x-request-id: %s\r\nopenai-organization: org-simulated\r\nopenai-version: 2020-10-01\r\n"
	    "openai-processing-ms: %u\r\n",
	    ask->request_id, 20 + draw_below(draw_mix(ask->hash, 3), 80));
	if (ask->key)
		buf_text(&answer->head,
		    "x-ratelimit-limit-requests: 10000\r\nx-ratelimit-limit-tokens: 200000\r\n"
		    "x-ratelimit-remaining-requests: 9999\r\nx-ratelimit-remaining-tokens: 199980\r\n"
		    "x-ratelimit-reset-requests: 8.64s\r\nx-ratelimit-reset-tokens: 6ms\r\n");
}

static void
anthropic_headers(const struct ask *ask, struct answer *answer)
{
	buf_printf(&answer->head, "request-id: %s\r\nanthropic-organization-id: org-simulated\r\n", ask->request_id);
	if (!ask->key)
		return;
	auto_buf struct buf reset = BUF_INIT(64);
	wall_format_rfc3339(&reset, (struct wall){ ask->now.us + RETRY_DATE_AHEAD_S * US_PER_SEC });
	buf_printf(&answer->head,
	    "anthropic-ratelimit-requests-limit: 4000\r\nanthropic-ratelimit-requests-remaining: 3999\r\n"
	    "anthropic-ratelimit-requests-reset: %s\r\n",
	    buf_cstr(&reset));
}

static void
gemini_headers(const struct ask *ask, struct answer *answer)
{
	buf_printf(&answer->head,
	    "Vary: Origin\r\nServer: scaffolding on HTTPServer2\r\nX-Content-Type-Options: nosniff\r\n"
	    "Server-Timing: gfet4t7; dur=%u\r\n",
	    100 + draw_below(draw_mix(ask->hash, 3), 800));
}

static const char *const any_headers[] = { "authorization", "x-api-key", "x-goog-api-key", NULL };
static const char *const openai_key_headers[] = { "authorization", NULL };
static const char *const anthropic_key_headers[] = { "x-api-key", "authorization", NULL };
static const char *const gemini_key_headers[] = { "x-goog-api-key", NULL };

static const struct profile profiles[] = {
	{ .name = "comet",
	    .manners = {
		    [REFUSE_NO_KEY] = { "comet_invalid_token", "" },
		    [REFUSE_BAD_KEY] = { "comet_invalid_token", "" },
		    [REFUSE_NOT_JSON] = { "comet_code_empty", "invalid request: the body is no JSON object" },
		    [REFUSE_NO_MODEL] = { "comet_code_empty", "model name is required" },
		    [REFUSE_NO_FIELD] = { "comet_invalid_request", "field $T is required" },
		    [REFUSE_BAD_VALUE] = { "comet_invalid_request", "$T" },
		    [REFUSE_PARAMETER] = { "comet_invalid_request", "parameter $T is not supported by this model" },
		    [REFUSE_UNKNOWN_MODEL] = { "comet_model_not_found", "" },
		    [REFUSE_WRONG_PATH] = { "html_site", "" },
	    },
	    .special = { "anthropic-messages",
		{
		    [REFUSE_NO_FIELD] = { "comet_no_code_invalid", "field $T is required" },
		    [REFUSE_BAD_VALUE] = { "comet_no_code_invalid", "$T" },
		    [REFUSE_PARAMETER] = { "comet_no_code_invalid", "parameter $T is not supported by this model" },
		} },
	    .key_headers = any_headers,
	    .add_headers = comet_headers,
	    .wrong_path = comet_wrong_path },
	{ .name = "openai",
	    .manners = {
		    [REFUSE_NO_KEY] = { "openai_missing_key", "" },
		    [REFUSE_BAD_KEY] = { "openai_invalid_key", "" },
		    [REFUSE_NOT_JSON] = { "openai_invalid_request", "We could not parse the JSON body of your request." },
		    [REFUSE_NO_MODEL] = { "openai_invalid_request", "you must provide a model parameter" },
		    [REFUSE_NO_FIELD] = { "openai_missing_field", "$T" },
		    [REFUSE_BAD_VALUE] = { "openai_invalid_request", "$T" },
		    [REFUSE_PARAMETER] = { "openai_unsupported_parameter", "$T" },
		    [REFUSE_UNKNOWN_MODEL] = { "openai_model_not_found", "" },
		    [REFUSE_WRONG_PATH] = { "openai_unknown_url", "$T" },
	    },
	    .key_headers = openai_key_headers,
	    .id_prefix = "req_",
	    .is_strict = true,
	    .add_headers = openai_headers },
	{ .name = "anthropic",
	    .manners = {
		    [REFUSE_NO_KEY] = { "anthropic_missing_key", "" },
		    [REFUSE_BAD_KEY] = { "anthropic_authentication", "" },
		    [REFUSE_NOT_JSON] = { "anthropic_invalid_request", "The request body is not valid JSON" },
		    [REFUSE_NO_MODEL] = { "anthropic_invalid_request", "model: Field required" },
		    [REFUSE_NO_FIELD] = { "anthropic_invalid_request", "$T: Field required" },
		    [REFUSE_BAD_VALUE] = { "anthropic_invalid_request", "$T" },
		    [REFUSE_PARAMETER] = { "anthropic_invalid_request", "$T: Extra inputs are not permitted" },
		    [REFUSE_UNKNOWN_MODEL] = { "anthropic_not_found", "" },
		    [REFUSE_WRONG_PATH] = { "anthropic_unknown_url", "" },
	    },
	    .key_headers = anthropic_key_headers,
	    .id_prefix = "req_",
	    .is_strict = true,
	    .add_headers = anthropic_headers },
	{ .name = "gemini",
	    .manners = {
		    [REFUSE_NO_KEY] = { "gemini_missing_key", "" },
		    [REFUSE_BAD_KEY] = { "gemini_invalid_key", "" },
		    [REFUSE_NOT_JSON] = { "gemini_invalid_argument", "Invalid JSON payload received." },
		    [REFUSE_NO_MODEL] = { "gemini_invalid_argument", "model is required" },
		    [REFUSE_NO_FIELD] = { "gemini_invalid_argument", "$T is not specified" },
		    [REFUSE_BAD_VALUE] = { "gemini_invalid_argument", "$T" },
		    [REFUSE_PARAMETER] = { "gemini_invalid_argument", "Unknown name \"$T\": Cannot find field." },
		    [REFUSE_UNKNOWN_MODEL] = { "gemini_not_found", "" },
		    [REFUSE_WRONG_PATH] = { "html_404", "" },
	    },
	    .key_headers = gemini_key_headers,
	    .is_strict = true,
	    .add_headers = gemini_headers },
};

const struct profile *
profile_find(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(profiles); i++)
		if (str_eq(name, str_of(profiles[i].name)))
			return &profiles[i];
	return NULL;
}

const char *
profile_names(void)
{
	return "comet, openai, anthropic, gemini";
}

const char *const *
profile_key_headers(const struct profile *profile)
{
	return profile->key_headers;
}

void
profile_make_request_id(struct ask *ask)
{
	char name[REQUEST_ID_LETTERS + 1];
	if (!ask->profile->id_prefix) {
		make_gateway_id(ask);
		return;
	}
	draw_name(draw_mix(ask->seed ^ 0x7265, ask->sequence), name, REQUEST_ID_LETTERS);
	snprintf(ask->request_id, sizeof(ask->request_id), "%s%s", ask->profile->id_prefix, name);
}

bool
profile_is_strict(const struct ask *ask)
{
	return ask->profile->is_strict;
}

void
profile_add_headers(const struct ask *ask, struct answer *answer)
{
	ask->profile->add_headers(ask, answer);
}

/* What may stand inside a JSON string. */
static void
add_escaped(struct buf *out, struct str text)
{
	auto_buf struct buf quoted = BUF_INIT(6 * TEXT_MAX);
	if (text.len > TEXT_MAX)
		text.len = TEXT_MAX;
	if (escape_json(&quoted, text))
		buf_add(out, quoted.at + 1, quoted.len - 2);
}

static void
add_expanded(struct buf *out, const char *template, const struct ask *ask, struct str text)
{
	for (const char *p = template; *p; p++) {
		if (*p != '$') {
			buf_char(out, *p);
			continue;
		}
		p++;
		if (*p == 'R')
			buf_text(out, ask->request_id);
		else if (*p == 'M')
			add_escaped(out, ask->model);
		else if (*p == 'T')
			add_escaped(out, text);
		else if (*p == 'D')
			http_date(out, (struct wall){ ask->now.us + RETRY_DATE_AHEAD_S * US_PER_SEC });
	}
}

void
profile_refuse(const struct ask *ask, struct answer *answer, enum denial refusal, struct str detail)
{
	answer_reset(answer);
	if (refusal == REFUSE_WRONG_PATH && ask->profile->wrong_path) {
		ask->profile->wrong_path(ask, answer);
		return;
	}
	const struct profile *profile = ask->profile;
	const struct manner *manner = &profile->manners[refusal];
	bool special = ask->provider && profile->special.provider &&
	    str_eq(str_of(profile->special.provider), str_of(ask->provider->name));
	if (special && profile->special.manners[refusal].error)
		manner = &profile->special.manners[refusal];
	auto_buf struct buf text = BUF_INIT(2 * TEXT_MAX);
	const char *hole = strstr(manner->sentence, "$T");
	if (hole) {
		buf_add(&text, manner->sentence, (size_t)(hole - manner->sentence));
		buf_str(&text, detail.len > TEXT_MAX ? str_span(detail.at, TEXT_MAX) : detail);
		buf_text(&text, hole + 2);
	} else {
		buf_text(&text, manner->sentence);
	}
	error_say(error_find(str_of(manner->error)), ask, buf_view(&text), answer);
}

size_t
error_count(void)
{
	return ARRAY_LEN(errors);
}

const struct error_row *
error_at(size_t index)
{
	return &errors[index];
}

const struct error_row *
error_find(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(errors); i++)
		if (str_eq(name, str_of(errors[i].name)))
			return &errors[i];
	return NULL;
}

void
error_write_body(const struct error_row *row, const struct ask *ask, struct str text, struct buf *out)
{
	add_expanded(out, row->body, ask, text);
}

void
error_say(const struct error_row *row, const struct ask *ask, struct str text, struct answer *answer)
{
	answer_clear_body(answer);
	answer->status = row->status;
	answer->type = row->body[0] == '<' ? "text/html; charset=utf-8"
	    : row->body[0] == '{'          ? "application/json"
	    : row->body[0]                 ? "text/plain"
					   : NULL;
	add_expanded(&answer->head, row->headers, ask, text);
	error_write_body(row, ask, text, &answer->body);
}
