/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/listing.h"

#include <stdlib.h>
#include <string.h>

#include "app/run_id.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/random.h"
#include "base/xalloc.h"
#include "classify/model.h"
#include "config/load.h"
#include "model/dialect.h"
#include "request/build.h"
#include "transport/transport.h"

#define FIRST_AFTER_NS (5 * NS_PER_SEC) /* and a second more for each provider: the start belongs to the probes */
#define TOTAL_NS (30 * NS_PER_SEC)

enum { BODY_MAX = 16 * 1024 * 1024, HEAD_MAX = 64 * 1024, ARENA_BYTES = 64 * 1024 };

/* One provider's. */
struct list {
	struct listing *listing;
	const struct provider *provider; /* of the configuration in force */
	struct endpoint endpoint;
	struct loop_timer timer;
	struct arena arena;
	struct asked asked;
	struct request request;
	struct transfer *transfer; /* NULL = not under way */
	int status;
	struct buf body;
	char run_id[RUN_ID_BYTES];
};

struct listing {
	struct loop *loop;
	struct transport *transport;
	listing_fn *fn;
	void *arg;
	struct random random;
	struct config *config; /* held; NULL before the first */
	struct list *lists; /* of the providers that have one */
	size_t count;
};

struct endpoint
listing_endpoint(const struct provider *provider)
{
	static const char any_list[] = "openai-models";
	return (struct endpoint){ .name = "models",
		.provider = provider,
		.dialect = dialect_find(str_of(any_list)),
		.path = provider->models_path,
		.enabled = true,
		.interval_ns = provider->models_interval_ns,
		.connection = CONNECTION_FRESH,
		.probes = { PROBE_SYNC },
		.probe_count = 1,
		.deadlines = { TOTAL_NS, TOTAL_NS, TOTAL_NS, TOTAL_NS, TOTAL_NS },
		.caps = { BODY_MAX, HEAD_MAX, BODY_MAX, BODY_MAX } };
}

enum list_verdict
listing_look(struct json root, const char *model)
{
	struct json items = json_get(root, "data");
	const char *key = "id";
	if (items.kind != JSON_ARRAY) {
		items = json_get(root, "models");
		key = "name";
	}
	size_t count = items.kind == JSON_ARRAY ? json_count(items) : 0;
	bool found = false;
	for (size_t i = 0; i < count; i++) {
		struct str id = json_str(json_get(json_at(items, i), key));
		if (!id.at)
			return LIST_UNCLEAR;
		found = found || model_matches(str_of(model), id, MODEL_MATCH_PREFIX);
	}
	struct json more = json_get(root, "has_more"), next = json_get(root, "nextPageToken");
	if (found)
		return LIST_HAS;
	return count == 0 || json_truth(more) || json_is_set(next) ? LIST_UNCLEAR : LIST_LACKS;
}

/* ---- one round ---- */

static void
tell(struct list *list, struct json root)
{
	const struct config *config = list->listing->config;
	bool unclear = false;
	for (size_t i = 0; i < config->endpoint_count; i++) {
		const struct endpoint *endpoint = &config->endpoints[i];
		if (endpoint->provider != list->provider || !endpoint->enabled || !endpoint->model)
			continue;
		enum list_verdict verdict = listing_look(root, endpoint->model);
		unclear = unclear || verdict == LIST_UNCLEAR;
		if (verdict != LIST_UNCLEAR)
			list->listing->fn(list->listing->arg, endpoint, verdict == LIST_HAS);
	}
	if (unclear)
		log_msg(LOG_INFO, "the list of models is inconclusive", LOG_F_TEXT("provider", list->provider->name),
		    LOG_F_INT("http.response.status_code", list->status));
}

static void
end_round(struct list *list)
{
	list->transfer = NULL;
	request_done(&list->request);
	buf_done(&list->body);
	arena_reset(&list->arena);
}

static enum sink_wants
on_head(void *arg, int status, const char *bytes, size_t len)
{
	struct list *list = arg;
	(void)bytes, (void)len;
	list->status = status;
	return SINK_MORE;
}

static enum sink_wants
on_body(void *arg, const char *bytes, size_t len)
{
	struct list *list = arg;
	return buf_add(&list->body, bytes, len) ? SINK_MORE : SINK_STOP;
}

static void
on_done(void *arg, const struct exchange *exchange)
{
	struct list *list = arg;
	auto_json struct json root = JSON_NOTHING;
	bool whole = exchange->end == END_COMPLETE && list->status == 200 && !list->body.overflow;
	if (whole && json_parse(buf_view(&list->body), JSON_DEPTH_MAX, &root) != JSON_FINE)
		root = JSON_NOTHING;
	tell(list, root);
	end_round(list);
}

static void
begin_round(void *arg)
{
	static const struct sink sink = { on_head, on_body, on_done };
	struct list *list = arg;
	struct listing *listing = list->listing;
	loop_timer_set(listing->loop, &list->timer,
	    mono_add_ns(loop_now(listing->loop), list->provider->models_interval_ns), begin_round, list);
	if (list->transfer)
		return;
	list->status = 0;
	list->body = BUF_INIT(BODY_MAX);
	run_id_make(list->run_id, loop_wall(listing->loop), &listing->random);
	request_ask(&list->endpoint, PROBE_SYNC, &list->asked);
	if (request_build(&list->endpoint, &list->asked, str_of(list->run_id), &list->arena, &list->request) == 0)
		list->transfer = transport_start(listing->transport, &list->request, &sink, list);
	else
		end_round(list);
}

/* ---- wiring ---- */

struct listing *
listing_new(struct loop *loop, struct transport *transport, listing_fn *fn, void *arg)
{
	struct listing *listing = xcalloc(1, sizeof(*listing));
	*listing =
	    (struct listing){ .loop = loop, .transport = transport, .fn = fn, .arg = arg, .random = { random_seed() } };
	return listing;
}

static void
lists_free(struct listing *listing, struct list *lists, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		loop_timer_cancel(listing->loop, &lists[i].timer);
		if (lists[i].transfer) {
			transport_cancel(listing->transport, lists[i].transfer);
			end_round(&lists[i]);
		}
		arena_done(&lists[i].arena);
	}
	free(lists);
}

/* When the same provider was to be asked next; ns 0 = it was not. */
static struct mono
due_before(const struct listing *listing, const struct provider *provider)
{
	for (size_t i = 0; i < listing->count; i++) {
		const struct provider *old = listing->lists[i].provider;
		bool same = strcmp(old->name, provider->name) == 0 &&
		    strcmp(old->models_path, provider->models_path) == 0 &&
		    old->models_interval_ns == provider->models_interval_ns;
		if (same && !listing->lists[i].transfer)
			return listing->lists[i].timer.due;
	}
	return (struct mono){ 0 };
}

void
listing_configure(struct listing *listing, struct config *config)
{
	struct list *lists = xcalloc(config->provider_count + 1, sizeof(*lists));
	size_t count = 0;
	for (size_t i = 0; i < config->provider_count; i++) {
		const struct provider *provider = &config->providers[i];
		if (!provider->models_path)
			continue;
		struct list *list = &lists[count];
		list->listing = listing;
		list->provider = provider;
		list->endpoint = listing_endpoint(provider);
		arena_init(&list->arena, ARENA_BYTES);
		struct mono due = due_before(listing, provider);
		if (due.ns == 0)
			due = mono_add_ns(loop_now(listing->loop), FIRST_AFTER_NS + (int64_t)count * NS_PER_SEC);
		loop_timer_set(listing->loop, &list->timer, due, begin_round, list);
		count++;
	}
	lists_free(listing, listing->lists, listing->count);
	listing->lists = lists;
	listing->count = count;
	struct config *old = listing->config;
	listing->config = config_hold(config);
	config_release(old);
}

void
listing_free(struct listing *listing)
{
	if (!listing)
		return;
	lists_free(listing, listing->lists, listing->count);
	config_release(listing->config);
	free(listing);
}
