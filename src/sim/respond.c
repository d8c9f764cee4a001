/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/respond.h"

#include <stdio.h>

#include "sim/ask.h"
#include "sim/control.h"
#include "sim/draw.h"
#include "sim/fault_apply.h"
#include "sim/http.h"
#include "sim/output.h"
#include "sim/profile.h"
#include "sim/provider.h"
#include "sim/site.h"
#include "sim/state.h"
#include "sim/vary.h"

struct exchange {
	struct sim *sim;
	struct ask ask;
	const struct provider *provider; /* NULL = no such path */
	struct fault_picks picks;
	struct wire wire;
};

static void
understand(struct exchange *exchange, const struct http_request *request)
{
	struct sim *sim = exchange->sim;
	struct ask *ask = &exchange->ask;
	ask->http = request;
	ask->profile = sim->profile;
	ask->seed = sim->seed;
	ask->sequence = ++sim->sequence;
	ask->hash = draw_hash(sim->seed, request->body);
	ask->now = sim_wall(sim);
	profile_make_request_id(ask);
	ask->key = account_match(&sim->account, request, profile_key_headers(ask->profile), &ask->key_present);
	ask->provider = exchange->provider = provider_find(request);
	ask->shape.vary = sim->vary;
	if (request->body.len > 0 && json_parse(request->body, JSON_DEPTH_MAX, &ask->body) != JSON_FINE)
		ask->body = JSON_NOTHING;
	const struct provider *provider = exchange->provider;
	ask->model = provider && provider->model ? provider->model(ask) : json_str(json_get(ask->body, "model"));
	ask->stream =
	    provider && provider->streams ? provider->streams(ask) : json_truth(json_get(ask->body, "stream"));
	ask->entry = catalog_find(ask->model);
}

static void
pick_faults(struct exchange *exchange)
{
	const struct ask *ask = &exchange->ask;
	const struct fault_target target = {
		.method = ask->http->method,
		.path = ask->http->path,
		.model = ask->model,
		.key = ask->key ? str_of(ask->key->name) : STR(""),
		.stream = ask->stream,
		.now = loop_now(exchange->sim->loop),
	};
	fault_pick(&exchange->sim->faults, &target, &exchange->picks);
	fault_apply_shape(&exchange->picks, &exchange->ask.shape);
	vary_shape(&exchange->ask);
	if (exchange->ask.shape.as_stream || exchange->ask.shape.as_whole)
		exchange->ask.stream = exchange->ask.shape.as_stream;
}

/* What is wrong with the body, first match decides. REFUSE_COUNT = nothing. */
static enum denial
judge_body(const struct ask *ask, const struct provider *provider)
{
	bool known = ask->entry && ask->entry->kind == provider->kind;
	if (ask->shape.any_body)
		return known || ask->shape.any_model || ask->model.len == 0 ? REFUSE_COUNT : REFUSE_UNKNOWN_MODEL;
	if (ask->body.kind != JSON_OBJECT)
		return REFUSE_NOT_JSON;
	if (ask->model.len == 0)
		return REFUSE_NO_MODEL;
	if (!known && !ask->shape.any_model)
		return REFUSE_UNKNOWN_MODEL;
	if (provider->required && !json_is_set(json_get(ask->body, provider->required)))
		return REFUSE_NO_FIELD;
	return REFUSE_COUNT;
}

/* The checks in the order in which the provider makes them. */
static enum denial
judge(const struct exchange *exchange)
{
	const struct ask *ask = &exchange->ask;
	if (!exchange->provider)
		return REFUSE_WRONG_PATH;
	if (!exchange->provider->is_public && !ask->key && !ask->shape.any_key)
		return ask->key_present ? REFUSE_BAD_KEY : REFUSE_NO_KEY;
	return exchange->provider->has_body ? judge_body(ask, exchange->provider) : REFUSE_COUNT;
}

static void
make_answer(struct exchange *exchange, struct answer *answer)
{
	struct ask *ask = &exchange->ask;
	auto_buf struct buf detail = BUF_INIT(HTTP_HEAD_MAX);
	enum denial refusal = judge(exchange);
	answer_reset(answer);
	if (refusal == REFUSE_WRONG_PATH)
		buf_printf(&detail, "%.*s %.*s", STR_ARG(ask->http->method), STR_ARG(ask->http->path));
	else if (refusal == REFUSE_NO_FIELD)
		buf_text(&detail, exchange->provider->required);
	if (refusal != REFUSE_COUNT)
		profile_refuse(ask, answer, refusal, buf_view(&detail));
	else
		exchange->provider->answer(ask, answer);
	profile_add_headers(ask, answer);
	vary_answer(ask, answer);
	fault_apply_answer(&exchange->picks, ask, exchange->provider, answer);
	fault_apply_events(&exchange->picks, ask, exchange->provider, answer);
}

static void
note_faults(const struct exchange *exchange, struct journal_entry *entry)
{
	size_t len = 0;
	for (size_t i = 0; i < exchange->picks.count; i++) {
		struct str name = str_of(fault_name(exchange->picks.steps[i]->fault));
		if (len + name.len + 2 > sizeof(entry->faults))
			break;
		if (len > 0)
			entry->faults[len++] = ',';
		memcpy(entry->faults + len, name.at, name.len);
		len += name.len;
	}
	entry->faults[len] = '\0';
}

static struct journal_entry *
begin_entry(struct sim *sim, const struct http_request *request, const char *kind)
{
	struct journal_entry *entry = journal_begin(&sim->journal, request, sim->journal_bodies);
	entry->time = loop_wall(sim->loop);
	entry->start = loop_now(sim->loop);
	entry->kind = kind;
	return entry;
}

static uint64_t
note(struct exchange *exchange, const struct answer *answer)
{
	struct sim *sim = exchange->sim;
	struct ask *ask = &exchange->ask;
	struct journal_entry *entry = begin_entry(sim, ask->http, "api");
	entry->provider = exchange->provider ? exchange->provider->name : NULL;
	entry->key_present = ask->key_present;
	entry->stream = ask->stream;
	entry->status = answer->status;
	snprintf(entry->key, sizeof(entry->key), "%s", ask->key ? ask->key->name : "");
	snprintf(entry->model, sizeof(entry->model), "%.*s", STR_ARG(ask->model));
	note_faults(exchange, entry);
	if (ask->key) {
		ask->key->requests++;
		ask->key->tokens_in += ask->tokens_in;
		ask->key->tokens_out += ask->tokens_out;
	}
	sim->stats.requests++;
	sim->stats.streams += answer->is_stream;
	sim->stats.faulted += exchange->picks.count > 0;
	sim->stats.by_class[answer->status / 100 % STATUS_CLASSES]++;
	return entry->sequence;
}

static struct output_request
output_request(const struct sim *sim, const struct http_request *request)
{
	return (struct output_request){ .is_1_0 = request->is_1_0,
		.keep_alive = request->keep_alive,
		.is_head = str_eq(request->method, STR("HEAD")),
		.now = sim_wall(sim) };
}

/* The documentation is public: a key has no business here, in whatever it is hidden. Returns the journal's number. */
static uint64_t
respond_docs(struct sim *sim, const struct http_request *request, struct wire *wire)
{
	answer_reset(&sim->answer);
	site_answer(sim->site, request, sim_wall(sim), &sim->answer, &wire->head_ns);
	struct journal_entry *entry = begin_entry(sim, request, "docs");
	const struct sim_key *key = account_find(&sim->account, request);
	entry->key_present = key || account_has_credential(request);
	snprintf(entry->key, sizeof(entry->key), "%s", key ? key->name : "");
	entry->status = sim->answer.status;
	sim->stats.docs++;
	return entry->sequence;
}

void
respond(struct sim *sim, const struct http_request *request, struct output *output, uint64_t *ret_sequence)
{
	struct output_request form = output_request(sim, request);
	struct wire honest = { .cut_at = WIRE_NEVER, .hang_after_events = -1 };
	*ret_sequence = 0;
	if (str_starts(request->path, STR("/_sim"))) {
		answer_reset(&sim->answer);
		control_answer(sim, request, &sim->answer);
		output_build(output, &sim->answer, &honest, &form);
		return;
	}
	if (site_owns(request->path)) {
		*ret_sequence = respond_docs(sim, request, &honest);
		output_build(output, &sim->answer, &honest, &form);
		return;
	}
	struct exchange exchange = { .sim = sim, .wire = honest };
	understand(&exchange, request);
	pick_faults(&exchange);
	make_answer(&exchange, &sim->answer);
	exchange.wire.head_ns = sim->head_ns;
	exchange.wire.first_ns = sim->first_ns;
	exchange.wire.token_ns = sim->token_ns;
	vary_wire(&exchange.ask, &exchange.wire);
	fault_apply_wire(&exchange.picks, &exchange.wire);
	output_build(output, &sim->answer, &exchange.wire, &form);
	*ret_sequence = note(&exchange, &sim->answer);
	json_free(exchange.ask.body);
}

void
respond_bad(struct sim *sim, int status, struct output *output)
{
	struct wire honest = { .cut_at = WIRE_NEVER, .hang_after_events = -1 };
	struct output_request form = { .now = sim_wall(sim) };
	answer_reset(&sim->answer);
	sim->answer.status = status;
	sim->answer.type = "text/plain";
	buf_text(&sim->answer.body, status == 413 ? "request too large\n" : "bad request\n");
	output_build(output, &sim->answer, &honest, &form);
}
