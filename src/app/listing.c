/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/listing.h"

#include <stdlib.h>
#include <string.h>

#include "app/run_id.h"
#include "base/arena.h"
#include "base/escape.h"
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
#define TOTAL_NS (30 * NS_PER_SEC) /* for a page */
#define PAGE_PAUSE_NS (1 * NS_PER_SEC)

enum {
	BODY_MAX = 16 * 1024 * 1024,
	HEAD_MAX = 64 * 1024,
	ARENA_BYTES = 64 * 1024,
	PAGES_MAX = 50,
	CURSOR_MAX = 1024,
	QUERY_MAX = 4 * 1024,
	PATH_MAX_BYTES = 8 * 1024,
};

/* One provider's. */
struct list {
	struct listing *listing;
	const struct provider *provider; /* of the configuration in force */
	struct endpoint endpoint;
	struct loop_timer timer; /* of the next round */
	struct loop_timer page_timer;
	unsigned page; /* of this round, from 1; 0 = none is under way */
	size_t models; /* on all pages */
	bool *found; /* owned; by the endpoint's index */
	struct buf path; /* of pages but the first */
	struct arena arena;
	struct asked asked;
	struct request request;
	struct transfer *transfer; /* NULL = no page is under way */
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

/* ---- one page ---- */

static struct json
items_of(struct json page, const char **ret_key)
{
	struct json items = json_get(page, "data");
	*ret_key = "id";
	if (items.kind == JSON_ARRAY)
		return items;
	*ret_key = "name";
	return json_get(page, "models");
}

enum list_verdict
listing_look(struct json page, const char *model)
{
	const char *key;
	struct json items = items_of(page, &key);
	if (items.kind != JSON_ARRAY)
		return LIST_UNCLEAR;
	bool found = false;
	for (size_t i = 0; i < json_count(items); i++) {
		struct str id = json_str(json_get(json_at(items, i), key));
		if (!id.at)
			return LIST_UNCLEAR;
		found = found || model_matches(str_of(model), id, MODEL_MATCH_PREFIX);
	}
	return found ? LIST_HAS : LIST_LACKS;
}

static enum list_rest
ask_for(const char *parameter, struct str cursor, struct buf *ret_query)
{
	if (cursor.len == 0 || cursor.len > CURSOR_MAX)
		return LIST_IS_LOST;
	buf_printf(ret_query, "%s=", parameter);
	return escape_url(ret_query, cursor) ? LIST_GOES_ON : LIST_IS_LOST;
}

enum list_rest
listing_rest(struct json page, struct buf *ret_query)
{
	const char *key;
	struct json items = items_of(page, &key), token = json_get(page, "nextPageToken");
	size_t count = json_count(items);
	if (json_truth(json_get(page, "has_more"))) {
		struct str last = json_str(json_get(page, "last_id"));
		if (!last.at && count > 0)
			last = json_str(json_get(json_at(items, count - 1), key));
		return ask_for("after_id", last, ret_query);
	}
	if (json_is_set(token) && !(token.kind == JSON_STRING && json_str(token).len == 0))
		return ask_for("pageToken", json_str(token), ret_query);
	/* numbered pages, all of one size */
	int64_t size = json_int(json_get(page, "page_size"));
	bool part = size > 0 && json_int(json_get(page, "total")) > (int64_t)count;
	return part ? LIST_IS_LOST : LIST_ENDS;
}

/* ---- one round ---- */

/* Does the endpoint wait to be found in this list? */
static bool
is_wanted(const struct list *list, size_t i)
{
	const struct endpoint *endpoint = &list->listing->config->endpoints[i];
	return endpoint->provider == list->provider && endpoint->enabled && endpoint->model && !list->found[i];
}

/* Tells of what this page has. False: it cannot be read. *ret_missing: how many have not been found yet. */
static bool
look(struct list *list, struct json page, size_t *ret_missing)
{
	const struct config *config = list->listing->config;
	*ret_missing = 0;
	for (size_t i = 0; i < config->endpoint_count; i++) {
		const struct endpoint *endpoint = &config->endpoints[i];
		if (!is_wanted(list, i))
			continue;
		enum list_verdict verdict = listing_look(page, endpoint->model);
		if (verdict == LIST_UNCLEAR)
			return false;
		list->found[i] = verdict == LIST_HAS;
		*ret_missing += !list->found[i];
		if (list->found[i])
			list->listing->fn(list->listing->arg, endpoint, true);
	}
	const char *key;
	list->models += json_count(items_of(page, &key));
	return true;
}

/* The list was read to its end. */
static void
tell_missing(struct list *list)
{
	const struct config *config = list->listing->config;
	for (size_t i = 0; i < config->endpoint_count; i++)
		if (is_wanted(list, i))
			list->listing->fn(list->listing->arg, &config->endpoints[i], false);
}

static void
tell_inconclusive(const struct list *list)
{
	log_msg(LOG_INFO, "the list of models is inconclusive", LOG_F_TEXT("provider", list->provider->name),
	    LOG_F_INT("http.response.status_code", list->status), LOG_F_INT("page", list->page));
}

static void
end_page(struct list *list)
{
	list->transfer = NULL;
	request_done(&list->request);
	buf_done(&list->body);
	arena_reset(&list->arena);
}

static void
end_round(struct list *list)
{
	list->page = 0;
	buf_done(&list->path);
}

static void begin_page(void *arg);

/* Puts the query of the next page in the place of the last one's. False: it is the same again, or too many. */
static bool
turn_page(struct list *list, const struct buf *query)
{
	size_t base = strlen(list->provider->models_path) + 1;
	struct str last = list->page > 1 ? str_span(list->path.at + base, list->path.len - base) : STR_NONE;
	if (list->page >= PAGES_MAX || str_eq(last, buf_view(query)))
		return false;
	buf_reset(&list->path);
	buf_text(&list->path, list->provider->models_path);
	buf_char(&list->path, strchr(list->provider->models_path, '?') ? '&' : '?');
	if (!buf_str(&list->path, buf_view(query)))
		return false;
	list->endpoint.path = buf_cstr(&list->path);
	struct loop *loop = list->listing->loop;
	loop_timer_set(loop, &list->page_timer, mono_add_ns(loop_now(loop), PAGE_PAUSE_NS), begin_page, list);
	return true;
}

/* The page is there; absent where it could not be had. */
static void
take_page(struct list *list, struct json page)
{
	auto_buf struct buf query = BUF_INIT(QUERY_MAX);
	size_t missing;
	bool clear = look(list, page, &missing);
	enum list_rest rest = clear ? listing_rest(page, &query) : LIST_IS_LOST;
	if (clear && missing == 0) {
		end_round(list);
		return;
	}
	if (rest == LIST_GOES_ON && turn_page(list, &query))
		return;
	if (rest == LIST_ENDS && list->models > 0)
		tell_missing(list);
	else
		tell_inconclusive(list);
	end_round(list);
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
	end_page(list);
	take_page(list, root);
}

static void
begin_page(void *arg)
{
	static const struct sink sink = { on_head, on_body, on_done };
	struct list *list = arg;
	struct listing *listing = list->listing;
	list->page++;
	list->status = 0;
	list->body = BUF_INIT(BODY_MAX);
	run_id_make(list->run_id, loop_wall(listing->loop), &listing->random);
	request_ask(&list->endpoint, PROBE_SYNC, &list->asked);
	if (request_build(&list->endpoint, &list->asked, str_of(list->run_id), &list->arena, &list->request) == 0) {
		list->transfer = transport_start(listing->transport, &list->request, &sink, list);
		return;
	}
	end_page(list);
	take_page(list, JSON_NOTHING);
}

static void
begin_round(void *arg)
{
	struct list *list = arg;
	struct listing *listing = list->listing;
	loop_timer_set(listing->loop, &list->timer,
	    mono_add_ns(loop_now(listing->loop), list->provider->models_interval_ns), begin_round, list);
	if (list->page > 0)
		return; /* the last round is still under way */
	list->models = 0;
	list->path = BUF_INIT(PATH_MAX_BYTES);
	list->endpoint.path = list->provider->models_path;
	memset(list->found, 0, listing->config->endpoint_count * sizeof(*list->found));
	begin_page(list);
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
		loop_timer_cancel(listing->loop, &lists[i].page_timer);
		if (lists[i].transfer) {
			transport_cancel(listing->transport, lists[i].transfer);
			end_page(&lists[i]);
		}
		end_round(&lists[i]);
		free(lists[i].found);
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
		if (same && listing->lists[i].page == 0)
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
		list->found = xcalloc(config->endpoint_count + 1, sizeof(*list->found));
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
