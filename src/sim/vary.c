/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/vary.h"

#include "base/attr.h"
#include "base/jsonw.h"
#include "sim/answer.h"
#include "sim/ask.h"
#include "sim/draw.h"
#include "sim/output.h"
#include "sim/provider.h"
#include "sim/words.h"

static uint64_t
bits_of(const struct ask *ask, const char *what)
{
	return draw_hash(draw_mix(ask->seed ^ UINT64_C(0x76617279), ask->sequence), str_of(what));
}

bool
vary_chance(const struct ask *ask, const char *what, unsigned of)
{
	return ask->shape.vary && draw_below(bits_of(ask, what), of) == 0;
}

/* Often enough that a reader learns from a few answers that it may be missing. */
bool
vary_omits(const struct ask *ask, const char *member)
{
	return vary_chance(ask, member, 2);
}

struct str
vary_next_piece(const struct ask *ask, struct str *rest)
{
	struct str piece = words_next_token(rest);
	unsigned more = ask->shape.vary ? draw_below(draw_mix(bits_of(ask, "piece size"), rest->len), 4) : 0;
	while (more-- > 0 && rest->len > 0)
		piece.len += words_next_token(rest).len;
	return piece;
}

/* The names are few and their types do not change: they are new, not unstable. */
static void
write_unknown(struct jsonw *w, unsigned which)
{
	switch (which) {
	case 0:
		jsonw_text(w, "x_region", "eu-west");
		break;
	case 1:
		jsonw_real(w, "x_queue_seconds", 0.125);
		break;
	case 2:
		jsonw_null(w, "x_experiment");
		break;
	case 3:
		jsonw_open_object(w, "x_route");
		jsonw_text(w, "pool", "b");
		jsonw_open_array(w, "hops");
		jsonw_int(w, NULL, 1);
		jsonw_close_array(w);
		jsonw_close_object(w);
		break;
	default:
		break;
	}
}

void
vary_extend(const struct ask *ask, struct jsonw *w, const char *place)
{
	if (!ask->shape.vary)
		return;
	uint64_t bits = bits_of(ask, place);
	for (unsigned which = 0; which < 4; which++)
		if (draw_below(draw_mix(bits, which), 4) == 0)
			write_unknown(w, which);
}

void
vary_shape(struct ask *ask)
{
	struct shape *shape = &ask->shape;
	if (vary_chance(ask, "reasoning", 3))
		shape->spare_reasoning = 1 + draw_below(bits_of(ask, "reasoning tokens"), 4);
	shape->by_alias = vary_chance(ask, "alias", 2);
}

static void
vary_head(const struct ask *ask, struct answer *answer)
{
	static const char *const lines[] = { "Via: 1.1 edge\r\n",
		"Server: cloudflare\r\nCF-RAY: 8f0c1d2e3f4a5b6c-FRA\r\n", "X-Content-Type-Options: nosniff\r\n",
		"Alt-Svc: h3=\":443\"; ma=86400\r\n", "Strict-Transport-Security: max-age=31536000\r\n",
		"Vary: Origin, Accept-Encoding\r\n",
		"Set-Cookie: edge=1; path=/; HttpOnly\r\nSet-Cookie: edge2=2; path=/\r\n" };
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		if (vary_chance(ask, lines[i], 3))
			buf_text(&answer->head, lines[i]);
	if (!answer->type || !vary_chance(ask, "charset", 2))
		return;
	if (str_eq(str_of(answer->type), STR("application/json")))
		answer->type = "application/json; charset=utf-8";
	else if (str_eq(str_of(answer->type), STR("text/event-stream")))
		answer->type = "text/event-stream; charset=utf-8";
}

/* Only between the first event and the last: there a client has to take what it does not know. */
static void
add_unknown_events(const struct ask *ask, struct answer *answer)
{
	const struct provider *provider = ask->provider;
	if (!provider->unknown_event || answer->event_count < 2)
		return;
	unsigned count = draw_below(bits_of(ask, "unknown events"), 3);
	for (unsigned i = 0; i < count; i++) {
		uint64_t bits = draw_mix(bits_of(ask, "unknown event"), i);
		size_t at = 1 + draw_below(bits, (unsigned)answer->event_count - 1);
		provider->unknown_event(ask, answer, at);
	}
	if (count > 0)
		provider_number_events(provider, answer);
}

static void
vary_style(const struct ask *ask, struct sse_style *style)
{
	static const char *const comments[] = { ": PING", ": keepalive", ":", ": OPENROUTER PROCESSING" };
	if (vary_chance(ask, "comments", 3)) {
		style->comment = comments[draw_below(bits_of(ask, "comment"), ARRAY_LEN(comments))];
		style->comment_every = 1 + draw_below(bits_of(ask, "comment every"), 4);
	}
	style->line_end = vary_chance(ask, "line end", 3) ? "\r\n" : "\n";
	style->no_space = vary_chance(ask, "space", 4);
	style->several_lines = vary_chance(ask, "several lines", 8);
	style->ids = vary_chance(ask, "event ids", 4);
	style->bom = vary_chance(ask, "bom", 16);
}

void
vary_answer(const struct ask *ask, struct answer *answer)
{
	if (!ask->shape.vary || answer->status != 200 || !ask->provider)
		return;
	vary_head(ask, answer);
	if (!answer->is_stream || answer->style.is_array)
		return;
	add_unknown_events(ask, answer);
	vary_style(ask, &answer->style);
}

void
vary_wire(const struct ask *ask, struct wire *wire)
{
	if (!ask->shape.vary)
		return;
	if (vary_chance(ask, "pieces", 4))
		wire->split_bytes = 16 + draw_below(bits_of(ask, "piece"), 200);
	wire->close = vary_chance(ask, "close", 8);
	wire->chunked = vary_chance(ask, "chunked", 3);
	if (str_contains_nocase(http_header(ask->http, "accept-encoding"), STR("gzip")) && vary_chance(ask, "gzip", 3))
		wire->coding = CODING_GZIP;
}
