/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1beta/models/MODEL:generateContent, and :streamGenerateContent, whose events have the form of whole answers: an
 * event stream with alt=sse, else one JSON array. */
#include "config.h"

#include "base/jsonw.h"
#include "sim/draw.h"
#include "sim/generate.h"
#include "sim/profile.h"
#include "sim/provider.h"
#include "sim/vary.h"

enum { ID_LETTERS = 22, SIGNATURE_LETTERS = 64 };

static const char path_head[] = "/v1beta/models/";
static const char *const reasons[FINISH_KINDS] = {
	[FINISH_NORMAL] = "STOP",
	[FINISH_LENGTH] = "MAX_TOKENS",
	[FINISH_CONTENT_FILTER] = "SAFETY",
	[FINISH_SEQUENCE] = "STOP",
};

struct gemini {
	const struct ask *ask;
	char id[64];
	struct generated made;
};

/* One answer, or one chunk of it. */
struct piece {
	struct str text, thought; /* absent = none */
	bool is_last;
};

static struct str
model_of(const struct ask *ask)
{
	struct str rest = ask->http->path;
	if (!str_starts(rest, str_of(path_head)))
		return STR_NONE;
	rest = str_span(rest.at + sizeof(path_head) - 1, rest.len - (sizeof(path_head) - 1));
	return str_split(&rest, ':');
}

static bool
never_streams(const struct ask *ask)
{
	(void)ask;
	return false;
}

static bool
always_streams(const struct ask *ask)
{
	(void)ask;
	return true;
}

static void
read_wish(const struct ask *ask, struct wish *wish)
{
	struct json contents = json_get(ask->body, "contents"), config = json_get(ask->body, "generationConfig");
	struct json system = json_get(ask->body, "systemInstruction"), thinking = json_get(config, "thinkingConfig");
	struct json budget = json_get(thinking, "thinkingBudget");
	wish->tokens_in = 0;
	if (json_is_set(system))
		generate_read_message(wish, json_get(system, "parts"));
	for (size_t i = 0; i < json_count(contents); i++)
		generate_read_message(wish, json_get(json_at(contents, i), "parts"));
	generate_read_cap(wish, json_get(config, "maxOutputTokens"));
	wish->stop = json_get(config, "stopSequences");
	wish->wants_json = str_eq(json_str(json_get(config, "responseMimeType")), STR("application/json"));
	wish->shows_reasoning = json_truth(json_get(thinking, "includeThoughts"));
	wish->reasoning_tokens =
	    generate_own_reasoning(ask, budget.kind == JSON_INT && json_int(budget) == 0 ? STR("none") : STR_NONE);
}

static void
write_parts(struct jsonw *w, const struct gemini *g, const struct piece *piece)
{
	if (!piece->text.at && !piece->thought.at)
		return;
	jsonw_open_array(w, "parts");
	if (piece->thought.at) {
		jsonw_open_object(w, NULL);
		jsonw_str(w, "text", piece->thought);
		jsonw_bool(w, "thought", true);
		jsonw_close_object(w);
	}
	if (piece->text.at) {
		jsonw_open_object(w, NULL);
		jsonw_str(w, "text", piece->text);
		if (piece->is_last && g->made.tokens_reasoning > 0 && !vary_omits(g->ask, "thoughtSignature")) {
			char signature[SIGNATURE_LETTERS + 1];
			draw_name(draw_mix(g->ask->hash, 5), signature, SIGNATURE_LETTERS);
			jsonw_text(w, "thoughtSignature", signature);
		}
		jsonw_close_object(w);
	}
	jsonw_close_array(w);
}

static void
write_ratings(struct jsonw *w, bool blocked)
{
	static const char *const categories[] = { "HARM_CATEGORY_DANGEROUS_CONTENT", "HARM_CATEGORY_HARASSMENT" };
	jsonw_open_array(w, "safetyRatings");
	for (size_t i = 0; i < ARRAY_LEN(categories); i++) {
		jsonw_open_object(w, NULL);
		jsonw_text(w, "category", categories[i]);
		jsonw_text(w, "probability", blocked && i == 0 ? "HIGH" : "NEGLIGIBLE");
		if (blocked && i == 0)
			jsonw_bool(w, "blocked", true);
		jsonw_close_object(w);
	}
	jsonw_close_array(w);
}

static void
write_candidate(struct jsonw *w, const struct gemini *g, const struct piece *piece)
{
	bool blocked = g->made.finish == FINISH_CONTENT_FILTER;
	jsonw_open_object(w, NULL);
	if (!blocked) {
		jsonw_open_object(w, "content");
		write_parts(w, g, piece);
		jsonw_text(w, "role", "model");
		jsonw_close_object(w);
	}
	if (piece->is_last)
		jsonw_text(w, "finishReason", reasons[g->made.finish]);
	jsonw_int(w, "index", 0);
	if (blocked || vary_chance(g->ask, "safetyRatings", 2))
		write_ratings(w, blocked);
	vary_extend(g->ask, w, "candidate");
	jsonw_close_object(w);
}

static void
write_modality(struct jsonw *w, const char *key, size_t tokens)
{
	jsonw_open_array(w, key);
	jsonw_open_object(w, NULL);
	jsonw_text(w, "modality", "TEXT");
	jsonw_int(w, "tokenCount", (int64_t)tokens);
	jsonw_close_object(w);
	jsonw_close_array(w);
}

/* What was generated is told at the end alone. */
static void
write_usage(struct jsonw *w, const struct gemini *g, bool is_last)
{
	size_t visible = is_last ? g->made.tokens_visible : 0, thoughts = is_last ? g->made.tokens_reasoning : 0;
	jsonw_open_object(w, "usageMetadata");
	jsonw_int(w, "promptTokenCount", (int64_t)g->made.tokens_in);
	if (visible > 0)
		jsonw_int(w, "candidatesTokenCount", (int64_t)visible);
	jsonw_int(w, "totalTokenCount", (int64_t)(g->made.tokens_in + visible + thoughts));
	if (!vary_omits(g->ask, "promptTokensDetails"))
		write_modality(w, "promptTokensDetails", g->made.tokens_in);
	if (visible > 0 && !vary_omits(g->ask, "candidatesTokensDetails"))
		write_modality(w, "candidatesTokensDetails", visible);
	if (thoughts > 0)
		jsonw_int(w, "thoughtsTokenCount", (int64_t)thoughts);
	vary_extend(g->ask, w, "usage");
	jsonw_close_object(w);
}

static void
write_piece(struct jsonw *w, const struct gemini *g, const struct piece *piece)
{
	jsonw_open_object(w, NULL);
	if (g->made.finish == FINISH_REFUSAL) {
		jsonw_open_object(w, "promptFeedback");
		jsonw_text(w, "blockReason", "PROHIBITED_CONTENT");
		jsonw_close_object(w);
	} else {
		jsonw_open_array(w, "candidates");
		write_candidate(w, g, piece);
		jsonw_close_array(w);
	}
	write_usage(w, g, piece->is_last);
	jsonw_str(w, "modelVersion", provider_model_name(g->ask));
	if (!vary_omits(g->ask, "responseId"))
		jsonw_text(w, "responseId", g->id);
	vary_extend(g->ask, w, "top");
	jsonw_close_object(w);
}

static void
add_event(const struct gemini *g, struct answer *answer, enum event_kind kind, const struct piece *piece)
{
	struct jsonw w;
	size_t from = answer->body.len;
	jsonw_init(&w, &answer->body);
	write_piece(&w, g, piece);
	answer_end_event(answer, kind, NULL, from);
}

static void
write_stream(const struct gemini *g, struct answer *answer)
{
	struct str rest = buf_view(&g->made.reasoning);
	provider_begin_stream(answer);
	answer->style.line_end = "\r\n";
	if (!str_eq(http_query(g->ask->http, "alt"), STR("sse")) && !g->ask->shape.as_stream) {
		answer->type = "application/json; charset=UTF-8";
		answer->style.is_array = true;
	}
	while (rest.len > 0)
		add_event(g, answer, EVENT_REASONING, &(struct piece){ .thought = vary_next_piece(g->ask, &rest) });
	rest = g->made.text;
	struct piece last = { .text = g->made.finish == FINISH_LENGTH && rest.len == 0 ? STR_NONE : STR(""),
		.is_last = true };
	bool finish_with_text = vary_chance(g->ask, "finish with text", 2);
	while (rest.len > 0) {
		struct piece piece = { .text = vary_next_piece(g->ask, &rest) };
		if (rest.len == 0 && finish_with_text)
			last.text = piece.text;
		else
			add_event(g, answer, EVENT_CONTENT, &piece);
	}
	add_event(g, answer, EVENT_FINISH, &last);
}

static void
write_whole(const struct gemini *g, struct answer *answer)
{
	struct jsonw w;
	struct piece piece = { .text = g->made.text, .is_last = true };
	if (g->made.reasoning.len > 0)
		piece.thought = buf_view(&g->made.reasoning);
	if (g->made.text.len == 0)
		piece.text = g->made.finish == FINISH_LENGTH ? STR_NONE : STR("");
	answer->type = "application/json; charset=UTF-8";
	jsonw_init(&w, &answer->body);
	write_piece(&w, g, &piece);
}

/* Usage alone. */
static void
unknown_event(const struct ask *ask, struct answer *answer, size_t index)
{
	auto_buf struct buf chunk = BUF_INIT(GENERATE_TEXT_MAX);
	struct jsonw w;
	jsonw_init(&w, &chunk);
	jsonw_open_object(&w, NULL);
	jsonw_open_object(&w, "usageMetadata");
	jsonw_int(&w, "promptTokenCount", (int64_t)ask->tokens_in);
	jsonw_int(&w, "totalTokenCount", (int64_t)ask->tokens_in);
	jsonw_close_object(&w);
	jsonw_str(&w, "modelVersion", provider_model_name(ask));
	jsonw_close_object(&w);
	answer_insert_event(answer, index, EVENT_PART, NULL, buf_view(&chunk));
}

/* False when the request was refused. */
static bool
check(const struct ask *ask, struct answer *answer)
{
	struct json contents = json_get(ask->body, "contents");
	const char *wrong = NULL;
	if (contents.kind != JSON_ARRAY || json_count(contents) == 0)
		wrong = "* GenerateContentRequest.contents: contents is not specified";
	for (size_t i = 0; i < json_count(contents) && !wrong; i++)
		if (json_count(json_get(json_at(contents, i), "parts")) == 0)
			wrong = "* GenerateContentRequest.contents.parts: contents.parts must not be empty.";
	if (!wrong || ask->shape.any_body)
		return true;
	profile_refuse(ask, answer, REFUSE_BAD_VALUE, str_of(wrong));
	return false;
}

static void
gemini_answer(struct ask *ask, struct answer *answer)
{
	if (!check(ask, answer))
		return;
	struct gemini g = { .ask = ask };
	struct wish wish = GENERATE_WISH_INIT;
	provider_id(ask, "", ID_LETTERS, g.id, sizeof(g.id));
	read_wish(ask, &wish);
	generate(ask, &wish, &g.made);
	if (ask->stream)
		write_stream(&g, answer);
	else
		write_whole(&g, answer);
	ask->tokens_in = g.made.tokens_in;
	ask->tokens_out = g.made.tokens_visible + g.made.tokens_reasoning;
	generate_done(&wish, &g.made);
}

#define GEMINI_COMMON \
	.name = "gemini", .method = "POST", .has_body = true, .kind = MODEL_TEXT, .required = "contents", \
	.paths = { .id = "responseId", \
		.model = "modelVersion", \
		.list = "candidates", \
		.usage = "usageMetadata", \
		.input = "usageMetadata.promptTokenCount", \
		.output = "usageMetadata.candidatesTokenCount", \
		.total = "usageMetadata.totalTokenCount", \
		.finish = "candidates[].finishReason" }, \
	.stream = { .error = "gemini_unavailable" }, .unknown_event = unknown_event, .model = model_of, \
	.answer = gemini_answer

const struct provider provider_gemini = {
	GEMINI_COMMON,
	.path = "/v1beta/models/*:generateContent",
	.streams = never_streams,
};
const struct provider provider_gemini_stream = {
	GEMINI_COMMON,
	.path = "/v1beta/models/*:streamGenerateContent",
	.streams = always_streams,
};
