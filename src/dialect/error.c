/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "dialect/error.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "dialect/field.h"

enum { PART_BYTES_MAX = 256 };

struct json
error_unlisted(struct json root)
{
	return root.kind == JSON_ARRAY ? json_at(root, 0) : root;
}

/* Any of these, there and not null, and a flat object is no error: it carries a result. */
static bool
carries_result(struct json root)
{
	static const char *const keys[] = { "choices", "data", "output", "candidates", "content", "delta", "embedding",
		"embeddings", "models", "result", "results", "response" };
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (json_is_set(json_get(root, keys[i])))
			return true;
	return false;
}

/* {"code": 0 | 200 | true | "ok" | "success", …} says that all is well. */
static bool
is_success_code(struct json code)
{
	struct str text = json_str(code);
	return json_truth(code) || (code.kind == JSON_INT && (json_int(code) == 0 || json_int(code) / 100 == 2)) ||
	    str_eq_nocase(text, STR("ok")) || str_eq_nocase(text, STR("success"));
}

static bool
is_flat_error(struct json root)
{
	struct json code = json_get(root, "code"), success = json_get(root, "success");
	bool refused = success.kind == JSON_BOOL && !json_truth(success);
	bool coded = code.kind != JSON_ABSENT && !is_success_code(code);
	return json_get(root, "message").kind == JSON_STRING && (coded || refused) && !carries_result(root);
}

bool
error_is_envelope(struct json root)
{
	root = error_unlisted(root);
	struct json error = json_get(root, "error");
	switch (error.kind) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		return json_count(error) > 0;
	case JSON_STRING:
		return json_str(error).len > 0;
	case JSON_BOOL:
		return json_truth(error);
	case JSON_INT:
	case JSON_REAL:
		return json_real(error) != 0;
	case JSON_ABSENT:
	case JSON_NULL:
		break;
	}
	return is_flat_error(root) || str_eq(json_str(json_get(root, "type")), STR("error"));
}

/* "model", and nothing but punctuation up to the end. */
static bool
ends_in_model(struct str text)
{
	while (text.len > 0 && strchr(" =:`'\"([", text.at[text.len - 1]))
		text.len--;
	return text.len >= 5 && str_eq_nocase(str_span(text.at + text.len - 5, 5), STR("model"));
}

/* The id stands in the text as a word of its own: gpt-5 does not stand in gpt-5-mini. *ret_names: behind the word. */
static bool
mentions(struct str text, struct str id, bool *ret_names)
{
	static const char word[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	if (id.len == 0)
		return false;
	for (size_t i = 0; i + id.len <= text.len; i++) {
		if (memcmp(text.at + i, id.at, id.len) != 0)
			continue;
		char before = i > 0 ? text.at[i - 1] : ' ';
		char after = i + id.len < text.len ? text.at[i + id.len] : ' ';
		char next = i + id.len + 1 < text.len ? text.at[i + id.len + 1] : ' ';
		bool version_goes_on = (after == '.' || after == ':') && next != '\0' && strchr(word, next);
		if (before != '\0' && after != '\0' && !strchr(word, before) && !strchr(word, after) &&
		    !version_goes_on) {
			*ret_names = ends_in_model(str_span(text.at, i));
			return true;
		}
	}
	return false;
}

/* Where no identifier says it: sentences that are known to be about money. Lower case here; compared in any case. */
static bool
is_billing_sentence(struct str message)
{
	static const char *const sentences[] = {
		"credit balance is too low",
		"insufficient balance",
		"insufficient account balance",
		"insufficient credit",
		"insufficient quota",
		"insufficient user quota",
		"not enough credits",
		"out of credits",
		"exceeded your current quota",
		"billing hard limit",
		"check your plan and billing details",
		"quota is not enough",
		"quota has been exhausted",
		"account is not active, please check your billing",
	};
	for (size_t i = 0; i < ARRAY_LEN(sentences); i++)
		if (str_contains_nocase(message, str_of(sentences[i])))
			return true;
	return false;
}

static struct str
part(struct reply *reply, struct json value)
{
	struct str text = json_str(value);
	return text.len > PART_BYTES_MAX ? STR_NONE : arena_str(reply->arena, text);
}

/* A number too, in digits. */
static struct str
code_text(struct reply *reply, struct json code)
{
	char digits[24];
	if (code.kind != JSON_INT)
		return part(reply, code);
	snprintf(digits, sizeof(digits), "%" PRId64, json_int(code));
	return arena_str(reply->arena, str_of(digits));
}

static int
status_number(struct json code)
{
	struct str text = json_str(code);
	int64_t number = json_int(code);
	if (text.len == 3 && text.at[0] >= '0' && text.at[0] <= '9' && text.at[1] >= '0' && text.at[1] <= '9' &&
	    text.at[2] >= '0' && text.at[2] <= '9')
		number = (text.at[0] - '0') * 100 + (text.at[1] - '0') * 10 + (text.at[2] - '0');
	return number >= 400 && number <= 599 ? (int)number : 0;
}

static bool
is_lasting_quota(struct json violation)
{
	static const char *const keys[] = { "quotaId", "quotaMetric", "subject", "description" };
	static const char *const marks[] = { "perday", "per_day", "per day", "billing" };
	for (size_t k = 0; k < ARRAY_LEN(keys); k++)
		for (size_t m = 0; m < ARRAY_LEN(marks); m++)
			if (str_contains_nocase(json_str(json_get(violation, keys[k])), str_of(marks[m])))
				return true;
	return false;
}

/* google.rpc.Status.details: ErrorInfo has a reason, QuotaFailure says which quota. */
static void
read_details(struct reply *reply, struct json details)
{
	for (size_t i = 0; i < json_count(details); i++) {
		struct json detail = json_at(details, i);
		struct json violations = json_get(detail, "violations");
		if (json_get(detail, "reason").kind == JSON_STRING && !reply->error.reason.at)
			reply->error.reason = part(reply, json_get(detail, "reason"));
		if (!str_ends(json_str(json_get(detail, "@type")), STR("QuotaFailure")))
			continue;
		for (size_t v = 0; v < json_count(violations); v++)
			reply->error.quota_details =
			    reply->error.quota_details || is_lasting_quota(json_at(violations, v));
	}
}

static void
check_code_kind(struct reply *reply, const struct asked *asked, struct json code)
{
	bool number_due = asked->dialect->numeric_error_code;
	if (json_is_set(code) && (code.kind == JSON_INT) != number_due && (number_due || code.kind != JSON_STRING))
		reply_find(reply, RULE_ERROR_CODE_TYPE_CHANGED, "$.error.code");
}

/* The model may be called without the path before it. */
static void
read_message(struct api_error *error, const struct asked *asked, struct str text)
{
	struct str short_id = asked->model;
	while (short_id.len > 0 && memchr(short_id.at, '/', short_id.len))
		(void)str_split(&short_id, '/');
	error->mentions_model = mentions(text, asked->model, &error->names_model) ||
	    (short_id.len < asked->model.len && mentions(text, short_id, &error->names_model));
	error->billing_sentence = is_billing_sentence(text);
}

/* {"error": "text or identifier", "error_type": …} */
static void
read_text_error(struct reply *reply, struct json root, struct json text)
{
	struct api_error *error = &reply->error;
	if (!error->code.at && str_is_identifier(json_str(text)))
		error->code = part(reply, text);
	if (!error->type.at)
		error->type = part(reply, json_get(root, "error_type"));
}

void
error_read(struct reply *reply, const struct asked *asked, struct json root)
{
	struct api_error *error = &reply->error;
	if (error->present)
		return;
	error->present = true;
	root = error_unlisted(root);
	struct json nested = json_get(root, "error");
	struct json body = nested.kind == JSON_OBJECT ? nested : root;
	struct json code = json_get(body, "code"), message = json_get(body, "message");
	error->envelope = json_is_set(nested) || json_is_set(message) || json_is_set(code) ||
	    json_is_set(json_get(root, "detail")) || json_is_set(json_get(root, "errors"));
	error->known_envelope = message.kind == JSON_STRING && (nested.kind == JSON_OBJECT || !json_is_set(nested));
	error->code = code_text(reply, code);
	error->type = part(reply, json_get(body, json_is_set(json_get(body, "__type")) ? "__type" : "type"));
	error->status = part(reply, json_get(body, "status"));
	error->parameter = part(reply, json_get(body, "param"));
	error->number = status_number(code);
	if (nested.kind == JSON_OBJECT)
		check_code_kind(reply, asked, code);
	if (nested.kind == JSON_STRING) {
		message = nested;
		read_text_error(reply, root, nested);
	}
	read_details(reply, json_get(body, "details"));
	read_message(error, asked, json_str(message).at ? json_str(message) : json_str(json_get(root, "detail")));
}
