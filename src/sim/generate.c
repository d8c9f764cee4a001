/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/generate.h"

#include "sim/catalog.h"
#include "sim/provider.h"
#include "sim/words.h"

enum { TOKENS_PER_MESSAGE = 4, REASONING_SHOWN_MAX = 24, EATEN_WITHOUT_CAP = 64 };

void
generate_read_message(struct wish *wish, struct json content)
{
	buf_reset(&wish->prompt);
	provider_collect_text(content, &wish->prompt);
	wish->tokens_in += TOKENS_PER_MESSAGE + words_count(buf_view(&wish->prompt));
}

void
generate_read_cap(struct wish *wish, struct json cap)
{
	if (json_int(cap) > 0)
		wish->cap = (size_t)json_int(cap);
}

unsigned
generate_own_reasoning(const struct ask *ask, struct str effort)
{
	if (!ask->entry || str_eq(effort, STR("none")) || str_eq(effort, STR("minimal")))
		return 0;
	return ask->entry->reasoning_tokens;
}

static void
stop_at(struct generated *made, struct str sequence)
{
	const char *cut = sequence.len > 0 && made->full.len > 0
	    ? memmem(made->full.at, made->full.len, sequence.at, sequence.len)
	    : NULL;
	if (!cut)
		return;
	made->full.len = (size_t)(cut - made->full.at);
	made->finish = FINISH_SEQUENCE;
	made->stopped_by = sequence;
}

/* What the model would say with no cap at all. */
static void
compose(const struct ask *ask, const struct wish *wish, struct generated *made)
{
	struct str word = words_asked_for(buf_view(&wish->prompt));
	if (ask->shape.text)
		buf_text(&made->full, ask->shape.text);
	else if (wish->wants_json)
		buf_printf(&made->full, "{\"answer\":\"%.*s\"}", STR_ARG(word.at ? word : STR("yes")));
	else if (word.at)
		buf_str(&made->full, word);
	else
		words_write(&made->full, ask->hash);
	if (wish->stop.kind == JSON_STRING)
		stop_at(made, json_str(wish->stop));
	for (size_t i = 0; i < json_count(wish->stop) && wish->stop.kind == JSON_ARRAY; i++)
		stop_at(made, json_str(json_at(wish->stop, i)));
}

static void
think(const struct ask *ask, const struct wish *wish, struct generated *made)
{
	const struct shape *shape = &ask->shape;
	size_t said = words_count(buf_view(&made->full));
	made->tokens_reasoning = shape->reasoning_tokens ? shape->reasoning_tokens : wish->reasoning_tokens;
	if (!made->tokens_reasoning && shape->spare_reasoning && wish->cap > said) /* only what the cap has room for */
		made->tokens_reasoning =
		    shape->spare_reasoning < wish->cap - said ? shape->spare_reasoning : wish->cap - said;
	bool seen =
	    wish->shows_reasoning || shape->reasoning_tokens || (shape->spare_reasoning && made->tokens_reasoning);
	size_t words = seen ? made->tokens_reasoning : 0;
	for (size_t i = 0; i < words && i < REASONING_SHOWN_MAX; i++)
		buf_text(&made->reasoning, i ? " so" : "Well");
}

void
generate(const struct ask *ask, const struct wish *wish, struct generated *ret)
{
	const struct shape *shape = &ask->shape;
	*ret = (struct generated){
		.full = BUF_INIT(GENERATE_TEXT_MAX), .reasoning = BUF_INIT(GENERATE_TEXT_MAX), .text = STR("")
	};
	compose(ask, wish, ret);
	think(ask, wish, ret);
	ret->tokens_in = wish->tokens_in;
	if (shape->cap_eaten)
		ret->tokens_reasoning = wish->cap < SIZE_MAX ? wish->cap : EATEN_WITHOUT_CAP;
	if (shape->cap_eaten || ret->tokens_reasoning >= wish->cap) {
		if (ret->tokens_reasoning > wish->cap)
			ret->tokens_reasoning = wish->cap;
		ret->finish = FINISH_LENGTH;
	} else if (shape->filtered) {
		ret->finish = FINISH_CONTENT_FILTER;
	} else if (shape->refused) {
		ret->finish = FINISH_REFUSAL;
	} else if (!shape->no_text) {
		ret->text = words_cut(buf_view(&ret->full), wish->cap - ret->tokens_reasoning);
		if (ret->text.len < ret->full.len)
			ret->finish = FINISH_LENGTH;
	}
	ret->tokens_visible = words_count(ret->text);
}

void
generate_done(struct wish *wish, struct generated *generated)
{
	buf_done(&wish->prompt);
	buf_done(&generated->full);
	buf_done(&generated->reasoning);
}
