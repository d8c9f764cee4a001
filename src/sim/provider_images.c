/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/images/generations: one grey pixel, whatever was asked for, as base64 or behind a URL. */
#include "config.h"

#include "base/jsonw.h"
#include "sim/generate.h"
#include "sim/profile.h"
#include "sim/provider.h"
#include "sim/vary.h"

enum { IMAGES_MAX = 10, TOKENS_PER_IMAGE = 272 };

static const char pixel_png[] =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg==";

struct images {
	const struct ask *ask;
	struct str prompt;
	size_t count, tokens_in;
	bool by_url, has_tokens; /* the older models have a choice, and count no tokens */
};

static void
write_image(struct jsonw *w, const struct images *images)
{
	char name[32];
	auto_buf struct buf url = BUF_INIT(256);
	jsonw_open_object(w, NULL);
	if (images->by_url) {
		provider_id(images->ask, "img-", 24, name, sizeof(name));
		buf_printf(&url, "https://images.example.org/%s.png?se=1h", name);
		jsonw_str(w, "url", buf_view(&url));
	} else {
		jsonw_text(w, "b64_json", pixel_png);
	}
	if (!images->has_tokens && !vary_omits(images->ask, "revised_prompt"))
		jsonw_str(w, "revised_prompt", images->prompt);
	jsonw_close_object(w);
}

static void
write_details(struct jsonw *w, const char *key, size_t image_tokens, size_t text_tokens)
{
	jsonw_open_object(w, key);
	jsonw_int(w, "image_tokens", (int64_t)image_tokens);
	jsonw_int(w, "text_tokens", (int64_t)text_tokens);
	jsonw_close_object(w);
}

static void
write_usage(struct jsonw *w, const struct images *images)
{
	size_t out = images->count * TOKENS_PER_IMAGE;
	jsonw_open_object(w, "usage");
	jsonw_int(w, "input_tokens", (int64_t)images->tokens_in);
	write_details(w, "input_tokens_details", 0, images->tokens_in);
	jsonw_int(w, "output_tokens", (int64_t)out);
	if (!vary_omits(images->ask, "output_tokens_details"))
		write_details(w, "output_tokens_details", out, 0);
	jsonw_int(w, "total_tokens", (int64_t)(images->tokens_in + out));
	vary_extend(images->ask, w, "usage");
	jsonw_close_object(w);
}

/* What was asked for, said again, when it was asked for; else what the model takes by itself. */
static void
write_echo(struct jsonw *w, const struct ask *ask)
{
	static const char *const members[][2] = { { "background", "opaque" }, { "output_format", "png" },
		{ "quality", "low" }, { "size", "1024x1024" } };
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		struct str given = json_str(json_get(ask->body, members[i][0]));
		if (!vary_omits(ask, members[i][0]))
			jsonw_str(w, members[i][0], given.len > 0 ? given : str_of(members[i][1]));
	}
}

static void
images_answer(struct ask *ask, struct answer *answer)
{
	int64_t n = json_int(json_get(ask->body, "n"));
	bool by_choice = ask->entry && ask->entry->image_urls;
	bool wants_base64 = str_eq(json_str(json_get(ask->body, "response_format")), STR("b64_json"));
	struct wish wish = GENERATE_WISH_INIT;
	struct jsonw w;
	if ((n < 0 || n > IMAGES_MAX) && !ask->shape.any_body) {
		profile_refuse(ask, answer, REFUSE_BAD_VALUE, STR("n must be between 1 and 10"));
		return;
	}
	generate_read_message(&wish, json_get(ask->body, "prompt"));
	struct images images = { .ask = ask,
		.prompt = buf_view(&wish.prompt),
		.count = n < 1 || n > IMAGES_MAX ? 1 : (size_t)n,
		.tokens_in = wish.tokens_in,
		.by_url = by_choice && !wants_base64,
		.has_tokens = !by_choice };
	if (ask->shape.filtered || ask->shape.refused || ask->shape.no_text)
		images.count = 0;
	jsonw_init(&w, &answer->body);
	jsonw_open_object(&w, NULL);
	jsonw_int(&w, "created", ask->now.us / US_PER_SEC);
	jsonw_open_array(&w, "data");
	for (size_t i = 0; i < images.count; i++)
		write_image(&w, &images);
	jsonw_close_array(&w);
	if (images.has_tokens) {
		write_echo(&w, ask);
		write_usage(&w, &images);
	}
	vary_extend(ask, &w, "top");
	jsonw_close_object(&w);
	ask->tokens_in = images.tokens_in;
	ask->tokens_out = images.count * TOKENS_PER_IMAGE;
	buf_done(&wish.prompt);
}

const struct provider provider_images = {
	.name = "openai-images",
	.method = "POST",
	.path = "/v1/images/generations",
	.has_body = true,
	.kind = MODEL_IMAGE,
	.required = "prompt",
	.paths = { .list = "data",
	    .usage = "usage",
	    .input = "usage.input_tokens",
	    .output = "usage.output_tokens",
	    .total = "usage.total_tokens" },
	.answer = images_answer,
};
