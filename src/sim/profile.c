/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/profile.h"

#include "base/attr.h"
#include "base/escape.h"
#include "sim/answer.h"
#include "sim/ask.h"
#include "sim/draw.h"

enum { TEXT_MAX = 64 * 1024, RETRY_DATE_AHEAD_S = 60 };

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

static void
openai_headers(const struct ask *ask, struct answer *answer)
{
	char name[33];
	draw_name(draw_mix(ask->seed ^ 0x7265, ask->sequence), name, 32);
	buf_printf(&answer->head,
	    "x-request-id: req_%s\r\nopenai-organization: org-simulated\r\nopenai-version: 2020-10-01\r\n"
	    "openai-processing-ms: %u\r\n",
	    name, 20 + draw_below(draw_mix(ask->hash, 3), 80));
	if (ask->key)
		buf_text(&answer->head,
		    "x-ratelimit-limit-requests: 10000\r\nx-ratelimit-limit-tokens: 200000\r\n"
		    "x-ratelimit-remaining-requests: 9999\r\nx-ratelimit-remaining-tokens: 199980\r\n"
		    "x-ratelimit-reset-requests: 8.64s\r\nx-ratelimit-reset-tokens: 6ms\r\n");
}

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
	    .is_strict = true,
	    .add_headers = openai_headers },
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
	return "comet, openai";
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
	const struct manner *manner = &ask->profile->manners[refusal];
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
