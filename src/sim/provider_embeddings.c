/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/embeddings: the same input gets the same unit vector, as numbers or as base64 of little-endian floats. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/xalloc.h"
#include "sim/draw.h"
#include "sim/profile.h"
#include "sim/provider.h"
#include "sim/vary.h"
#include "sim/words.h"

enum { INPUTS_MAX = 2048, UNITS = 100000000 };

/* Whole numbers of 1e-8, so that both forms say the same value and a number needs no search for its shortest text. */
static void
make_vector(uint64_t hash, int32_t *ret_units, unsigned dimensions)
{
	double sum = 0;
	for (unsigned i = 0; i < dimensions; i++) {
		double x = draw_unit(draw_mix(hash, i)) - 0.5;
		sum += x * x;
	}
	double scale = UNITS / sqrt(sum);
	for (unsigned i = 0; i < dimensions; i++)
		ret_units[i] = (int32_t)lround((draw_unit(draw_mix(hash, i)) - 0.5) * scale);
}

static void
write_numbers(struct buf *out, const int32_t *units, unsigned dimensions)
{
	for (unsigned i = 0; i < dimensions; i++) {
		char text[16], *p = text + sizeof(text);
		uint32_t rest = (uint32_t)abs(units[i]);
		for (int digit = 0; digit < 8; digit++, rest /= 10)
			*--p = (char)('0' + rest % 10);
		*--p = '.';
		*--p = (char)('0' + rest);
		if (units[i] < 0)
			*--p = '-';
		if (i > 0)
			*--p = ',';
		buf_add(out, p, (size_t)(text + sizeof(text) - p));
	}
}

static void
write_base64(struct buf *out, const int32_t *units, unsigned dimensions)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t len = dimensions * sizeof(float);
	auto_free unsigned char *bytes = xmalloc(len + 2);
	for (unsigned i = 0; i < dimensions; i++) {
		float value = (float)units[i] / (float)UNITS;
		uint32_t bits;
		memcpy(&bits, &value, sizeof(bits));
		for (unsigned b = 0; b < 4; b++)
			bytes[4 * i + b] = (unsigned char)(bits >> (8 * b));
	}
	bytes[len] = bytes[len + 1] = 0;
	for (size_t i = 0; i < len; i += 3) {
		uint32_t three = (uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8 | bytes[i + 2];
		buf_char(out, alphabet[three >> 18]);
		buf_char(out, alphabet[three >> 12 & 63]);
		buf_char(out, i + 1 < len ? alphabet[three >> 6 & 63] : '=');
		buf_char(out, i + 2 < len ? alphabet[three & 63] : '=');
	}
}

struct embeddings {
	const struct ask *ask;
	struct buf *out;
	unsigned dimensions;
	bool base64;
	size_t written, tokens;
};

static void
add_embedding(struct embeddings *e, struct str input)
{
	uint64_t hash = draw_hash(draw_hash(e->ask->seed, provider_model_name(e->ask)), input);
	auto_free int32_t *vector = xcalloc(e->dimensions, sizeof(*vector));
	make_vector(hash, vector, e->dimensions);
	buf_printf(
	    e->out, "%s{\"object\":\"embedding\",\"index\":%zu,\"embedding\":", e->written ? "," : "", e->written);
	buf_char(e->out, e->base64 ? '"' : '[');
	if (e->base64)
		write_base64(e->out, vector, e->dimensions);
	else
		write_numbers(e->out, vector, e->dimensions);
	buf_text(e->out, e->base64 ? "\"}" : "]}");
	e->written++;
}

/* A string is one input; an array holds strings, arrays of token numbers, or is itself one array of token numbers. */
static bool
add_inputs(struct embeddings *e, struct json input)
{
	auto_buf struct buf text = BUF_INIT(HTTP_BODY_MAX);
	bool is_array = input.kind == JSON_ARRAY;
	bool of_numbers = is_array && json_at(input, 0).kind == JSON_INT;
	size_t count = is_array && !of_numbers ? json_count(input) : 1;
	if (count == 0 || count > INPUTS_MAX)
		return false;
	for (size_t i = 0; i < count; i++) {
		struct json one = is_array && !of_numbers ? json_at(input, i) : input;
		buf_reset(&text);
		if (one.kind == JSON_STRING) {
			buf_str(&text, json_str(one));
			e->tokens += words_count(buf_view(&text));
		} else if (one.kind == JSON_ARRAY) {
			for (size_t t = 0; t < json_count(one); t++)
				buf_printf(&text, "%lld ", (long long)json_int(json_at(one, t)));
			e->tokens += json_count(one);
		} else {
			return false;
		}
		add_embedding(e, buf_view(&text));
	}
	return true;
}

static void
embeddings_answer(struct ask *ask, struct answer *answer)
{
	struct json wanted = json_get(ask->body, "dimensions");
	unsigned own = ask->entry && ask->entry->dimensions ? ask->entry->dimensions : 1536;
	struct jsonw w;
	struct embeddings e = { .ask = ask, .out = &answer->body, .dimensions = own };
	e.base64 = str_eq(json_str(json_get(ask->body, "encoding_format")), STR("base64"));
	if (json_is_set(wanted)) {
		int64_t dimensions = json_int(wanted);
		if (ask->entry && ask->entry->fixed_dimensions) {
			profile_refuse(ask, answer, REFUSE_PARAMETER, STR("dimensions"));
			return;
		}
		if (dimensions < 1 || dimensions > own) {
			profile_refuse(ask, answer, REFUSE_BAD_VALUE, STR("dimensions is out of range"));
			return;
		}
		e.dimensions = (unsigned)dimensions;
	}
	buf_text(&answer->body, "{\"object\":\"list\",\"data\":[");
	if (!add_inputs(&e, json_get(ask->body, "input"))) {
		profile_refuse(
		    ask, answer, REFUSE_BAD_VALUE, STR("input must be a string or an array of strings or tokens"));
		return;
	}
	buf_text(&answer->body, "],");
	jsonw_init(&w, &answer->body);
	jsonw_str(&w, "model", provider_model_name(ask));
	jsonw_open_object(&w, "usage");
	jsonw_int(&w, "prompt_tokens", (int64_t)e.tokens);
	jsonw_int(&w, "total_tokens", (int64_t)e.tokens);
	vary_extend(ask, &w, "usage");
	jsonw_close_object(&w);
	vary_extend(ask, &w, "top");
	buf_char(&answer->body, '}');
	ask->tokens_in = e.tokens;
}

const struct provider provider_embeddings = {
	.name = "openai-embeddings",
	.method = "POST",
	.path = "/v1/embeddings",
	.has_body = true,
	.kind = MODEL_EMBEDDING,
	.required = "input",
	.paths = { .model = "model",
	    .list = "data",
	    .usage = "usage",
	    .input = "usage.prompt_tokens",
	    .total = "usage.total_tokens" },
	.answer = embeddings_answer,
};
