/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/watch.h"

#include <stdlib.h>
#include <string.h>

#include "app/doc_evidence.h"
#include "app/doc_findings.h"
#include "app/doc_look.h"
#include "app/drift.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/random.h"
#include "base/xalloc.h"
#include "config/load.h"
#include "docs/compare.h"
#include "docs/confirm.h"
#include "record/metrics.h"
#include "store/store.h"
#include "transport/url.h"

#define FIRST_AFTER_NS (3 * NS_PER_SEC) /* the start belongs to the probes */
#define APART_NS NS_PER_SEC /* between two looks at one host, or a tenth of the interval where that is less */
#define CONFIRM_AFTER_NS (20 * NS_PER_SEC) /* what changed is looked at again soon */
#define BUSY_AFTER_NS (NS_PER_SEC / 20)
#define OFFLINE_AFTER_NS NS_PER_SEC
#define RETRY_AFTER_MAX_NS (86400 * NS_PER_SEC)
#define JITTER_PARTS 20 /* an interval is up to a 20th longer */

/* One document, for as long as its name and address stay in the configuration. */
struct watched {
	struct watch *watch;
	const struct doc *doc; /* of the configuration in force */
	struct loop_timer timer;
	struct mono last_look; /* when one was begun */
	struct doc_look *look; /* NULL = none is under way */
	struct doc_validators validators;
	struct doc_state state;
	struct doc_version previous; /* before the last change of this process */
	struct doc_findings found;
	struct doc_evidence evidence;
	struct doc_status status;
	unsigned loads; /* answers of the store that are due */
	bool waits; /* for what the store has of it: nothing is looked at before */
	bool gone; /* from the configuration: freed with the last of those answers */
};

struct watch {
	struct watch_parts parts;
	struct config *config; /* in force; held */
	struct watched **items; /* in the order of the configuration; owned */
	size_t count;
	struct watched **leaving; /* gone, with answers of the store due; owned */
	size_t leaving_count;
	struct random random;
	bool offline;
};

static void on_due(void *arg);

struct watch *
watch_new(const struct watch_parts *parts)
{
	struct watch *watch = xcalloc(1, sizeof(*watch));
	watch->parts = *parts;
	watch->random = (struct random){ parts->seed };
	if (watch->parts.store && !store_is_on(watch->parts.store))
		watch->parts.store = NULL;
	return watch;
}

static void
look_at_in(struct watched *watched, int64_t ns)
{
	struct loop *loop = watched->watch->parts.loop;
	loop_timer_set(loop, &watched->timer, mono_add_ns(loop_now(loop), ns), on_due, watched);
}

static void
tell_metrics(const struct watched *watched)
{
	metrics_doc(watched->watch->parts.metrics, watched->doc->name, &watched->status.counts);
}

/* ---- what the documents say against the contracts ---- */

static bool
relies(const struct endpoint *endpoint, const struct doc *doc)
{
	for (size_t i = 0; i < doc->relying_count; i++)
		if (doc->relying[i] == endpoint)
			return true;
	return false;
}

/* All documents together, once each of them has been judged: a part would look like the end of the rest. */
static void
tell_endpoint(struct watch *watch, const struct endpoint *endpoint)
{
	struct findings all = { 0 };
	for (size_t i = 0; i < watch->count; i++) {
		const struct watched *watched = watch->items[i];
		bool unjudged = watched->waits || (watched->state.known && !watched->found.doc);
		if (unjudged && relies(endpoint, watched->doc))
			return;
		doc_findings_collect(&watched->found, endpoint, &all);
	}
	drift_documented(watch->parts.drift, endpoint, &all, loop_wall(watch->parts.loop));
}

/* Against every version that is kept: what one of them said and this one does not is no longer said, however many
 * changes ago. */
static void
judge(struct watched *watched, const struct store_items *items)
{
	const struct doc *doc = watched->doc;
	const struct doc_version *now = &watched->state.current;
	if (!watched->state.known)
		return;
	doc_findings_begin(&watched->found, doc);
	doc_findings_add(&watched->found, NULL, now);
	if (watched->previous.memory)
		doc_findings_add(&watched->found, &watched->previous, now);
	for (size_t i = 0; i < items->count; i++) {
		auto_doc_version struct doc_version older = { 0 };
		if (doc_version_restore(items->list[i].value, &older) == 0)
			doc_findings_add(&watched->found, &older, now);
	}
	for (size_t i = 0; i < doc->relying_count; i++)
		tell_endpoint(watched->watch, doc->relying[i]);
}

/* ---- what the store has ---- */

static void
tell_unknown(const struct watched *watched, const char *problem)
{
	log_msg(LOG_ERROR, "inconclusive: what the document was is not known", LOG_F_TEXT("doc", watched->doc->name),
	    LOG_F_TEXT("problem", problem));
}

static void
restore(struct watched *watched, const struct store_items *items)
{
	struct doc_status *status = &watched->status;
	if (items->count == 0)
		return;
	if (doc_version_restore(items->list[0].value, &watched->state.current) != 0) {
		tell_unknown(watched, "its version in the store is damaged, or of a newer program");
		return;
	}
	watched->state.known = true;
	status->url = watched->state.current.url;
	if (items->count > 1)
		status->counts.last_change = items->list[0].at;
}

static void show_evidence(struct watched *watched);
static void watched_free(struct watched *watched);

static void
leave(struct watched *watched)
{
	struct watch *watch = watched->watch;
	size_t i = 0;
	while (watch->leaving[i] != watched)
		i++;
	watch->leaving[i] = watch->leaving[--watch->leaving_count];
	watched_free(watched);
}

/* True when the answer of the store is for a document that is still watched. */
static bool
is_awaited(struct watched *watched)
{
	watched->loads--;
	if (watched->gone && watched->loads == 0)
		leave(watched);
	else if (!watched->gone)
		return true;
	return false;
}

static void
on_evidence(void *arg, int error, const struct store_items *items)
{
	struct watched *watched = arg;
	if (!is_awaited(watched) || error || items->count == 0 || watched->evidence.checked.us > 0)
		return;
	if (doc_evidence_restore(watched->doc, items->list[0].value, &watched->evidence))
		show_evidence(watched);
}

static void
on_versions(void *arg, int error, const struct store_items *items)
{
	struct watched *watched = arg;
	if (!is_awaited(watched))
		return;
	if (error)
		tell_unknown(watched, strerror(-error));
	if (watched->waits) {
		watched->waits = false;
		restore(watched, items);
		tell_metrics(watched);
		look_at_in(watched, FIRST_AFTER_NS);
	}
	judge(watched, items);
}

/* Reads what the store has of it, and judges. */
static void
load(struct watched *watched)
{
	static const struct store_items none;
	struct store *store = watched->watch->parts.store;
	char key[DOC_EVIDENCE_KEY_BYTES], versions[DOC_VERSIONS_KEY_BYTES];
	doc_versions_key(watched->doc, versions);
	if (store && watched->waits) {
		watched->loads++;
		doc_evidence_key(watched->doc, key);
		store_load_key(store, STORE_VERIFIED, str_of(key), on_evidence, watched);
	}
	watched->loads++;
	if (store)
		store_load_key(store, STORE_DOCUMENT, str_of(versions), on_versions, watched);
	else
		on_versions(watched, 0, &none);
}

/* ---- a look ---- */

static void
keep_version(struct watched *watched, struct wall now)
{
	struct store *store = watched->watch->parts.store;
	auto_buf struct buf text = BUF_INIT(STORE_VALUE_MAX);
	char key[DOC_VERSIONS_KEY_BYTES];
	if (!store)
		return;
	doc_versions_key(watched->doc, key);
	doc_version_save(&watched->state.current, &text);
	const struct store_item item = { STORE_DOCUMENT, str_of(key), now, buf_view(&text) };
	store_put(store, &item, NULL, NULL);
}

static void
show_evidence(struct watched *watched)
{
	struct doc_status *status = &watched->status;
	status->counts.last_check = watched->evidence.checked;
	status->counts.evidence_missing = watched->evidence.count;
	status->evidence = &watched->evidence;
}

static void
look_for_evidence(struct watched *watched, struct str body, struct wall now)
{
	const struct watch *watch = watched->watch;
	struct doc_evidence *evidence = &watched->evidence;
	size_t before = evidence->count;
	doc_evidence_look(evidence, watch->config, watched->doc, body, now);
	if (evidence->count > 0 && evidence->count != before)
		log_msg(LOG_WARN, "the document lacks what the contract relies on",
		    LOG_F_TEXT("doc", watched->doc->name), LOG_F_INT("phrases", (int64_t)evidence->count),
		    LOG_F_TEXT("first", evidence->missing[0]));
}

/* A conclusive look, at all phrases or at a document that is as it was. */
static void
note_check(struct watched *watched, struct wall now)
{
	watched->evidence.checked = now;
	show_evidence(watched);
	if (watched->watch->parts.store)
		doc_evidence_put(watched->watch->parts.store, watched->doc, &watched->evidence);
}

static void
note_change(struct watched *watched, struct wall now)
{
	struct watch *watch = watched->watch;
	const struct doc *doc = watched->doc;
	auto_doc_diff struct doc_diff diff = { 0 };
	auto_buf struct buf kinds = BUF_INIT(64);
	doc_compare(&watched->previous, &watched->state.current, &diff);
	for (unsigned i = 0; i < DOC_CHANGE_COUNT; i++) {
		if (!(diff.changes >> i & 1))
			continue;
		watched->status.counts.changes[i]++;
		buf_printf(&kinds, "%s%s", kinds.len ? " " : "", doc_change_name((enum doc_change)i));
	}
	watched->status.counts.last_change = now;
	watched->status.last_changes = diff.changes;
	log_msg(LOG_WARN, "documentation changed", LOG_F_TEXT("doc", doc->name), LOG_F_STR("kinds", buf_view(&kinds)),
	    LOG_F_INT("differences", (int64_t)diff.count), LOG_F_INT("endpoints", (int64_t)doc->relying_count));
	keep_version(watched, now);
	load(watched);
	watch->parts.changed(watch->parts.arg, doc);
}

static enum doc_result
take_step(struct watched *watched, enum doc_step step, struct wall now)
{
	switch (step) {
	case DOC_STEP_FIRST:
		log_msg(LOG_INFO, "documentation is watched from here on", LOG_F_TEXT("doc", watched->doc->name));
		keep_version(watched, now);
		load(watched);
		return DOC_UNCHANGED;
	case DOC_STEP_SAME:
		return DOC_UNCHANGED;
	case DOC_STEP_PENDING:
		return DOC_CHANGED;
	case DOC_STEP_CONFIRMED:
		note_change(watched, now);
		return DOC_CHANGED;
	}
	return DOC_INCONCLUSIVE;
}

/* NULL, or why the look came to nothing. */
static const char *
judge_look(struct watched *watched, const struct doc_sighting *sighting, struct wall now)
{
	auto_doc_version struct doc_version seen = { 0 }, before = { 0 };
	enum doc_step step = DOC_STEP_SAME;
	if (sighting->trouble)
		return sighting->trouble;
	if (!sighting->not_modified) {
		const char *trouble = doc_read(&sighting->answer, &seen);
		if (trouble)
			return trouble;
		step = doc_state_see(&watched->state, &seen, watched->doc->confirm, &before);
		if (step != DOC_STEP_PENDING)
			look_for_evidence(watched, sighting->answer.body, now);
	}
	if (step == DOC_STEP_PENDING) /* the look that may confirm it has to be a whole one */
		doc_validators_reset(&watched->validators);
	if (step == DOC_STEP_CONFIRMED) {
		doc_version_done(&watched->previous);
		watched->previous = before;
		before = (struct doc_version){ 0 };
	}
	watched->status.last_result = take_step(watched, step, now);
	note_check(watched, now);
	return NULL;
}

static void
log_trouble(const struct watched *watched, const char *before)
{
	const char *trouble = watched->status.trouble;
	if (trouble && (!before || strcmp(before, trouble) != 0))
		log_msg(LOG_WARN, "inconclusive: the documentation could not be looked at",
		    LOG_F_TEXT("doc", watched->doc->name), LOG_F_TEXT("problem", trouble));
	else if (!trouble && before)
		log_msg(LOG_INFO, "the documentation can be looked at again", LOG_F_TEXT("doc", watched->doc->name));
}

static int64_t
next_look_ns(struct watched *watched, int64_t retry_after_ns)
{
	int64_t interval_ns = watched->doc->interval_ns;
	int64_t jitter_ns = interval_ns / JITTER_PARTS;
	if (jitter_ns > 0)
		interval_ns += (int64_t)(random_next(&watched->watch->random) % (uint64_t)jitter_ns);
	if (watched->state.sightings > 0 && interval_ns > CONFIRM_AFTER_NS)
		interval_ns = CONFIRM_AFTER_NS;
	if (retry_after_ns > RETRY_AFTER_MAX_NS)
		retry_after_ns = RETRY_AFTER_MAX_NS;
	return retry_after_ns > interval_ns ? retry_after_ns : interval_ns;
}

static void
on_look(void *arg, const struct doc_sighting *sighting)
{
	struct watched *watched = arg;
	struct doc_status *status = &watched->status;
	const char *before = status->trouble;
	struct wall now = loop_wall(watched->watch->parts.loop);
	watched->look = NULL;
	status->trouble = judge_look(watched, sighting, now);
	status->last_look = now;
	if (status->trouble) {
		status->last_result = DOC_INCONCLUSIVE;
		doc_validators_reset(&watched->validators); /* "not modified" since that would prove nothing */
	}
	status->counts.checks[status->last_result]++;
	status->sightings = watched->state.sightings;
	status->url = watched->state.known ? watched->state.current.url : STR_NONE;
	log_trouble(watched, before);
	tell_metrics(watched);
	look_at_in(watched, next_look_ns(watched, sighting->retry_after_ns));
}

/* Somebody else is asking the same host, or has just done so. */
static bool
host_is_busy(const struct watched *watched)
{
	const struct watch *watch = watched->watch;
	struct mono now = loop_now(watch->parts.loop);
	int64_t tenth_ns = watched->doc->interval_ns / 10, apart_ns = tenth_ns < APART_NS ? tenth_ns : APART_NS;
	for (size_t i = 0; i < watch->count; i++) {
		const struct watched *other = watch->items[i];
		bool recent = other->last_look.ns > 0 && mono_diff_ns(now, other->last_look) < apart_ns;
		if (other != watched && (other->look || recent) && url_same_origin(other->doc->url, watched->doc->url))
			return true;
	}
	return false;
}

static void
on_due(void *arg)
{
	struct watched *watched = arg;
	struct watch *watch = watched->watch;
	if (watched->look)
		return;
	if (watch->offline || host_is_busy(watched)) {
		look_at_in(watched, watch->offline ? OFFLINE_AFTER_NS : BUSY_AFTER_NS);
		return;
	}
	const struct doc_look_parts parts = { watch->parts.loop, watch->parts.transport, watched->doc,
		&watched->validators };
	watched->last_look = loop_now(watch->parts.loop);
	watched->look = doc_look_start(&parts, on_look, watched);
}

/* ---- wiring ---- */

static struct watched *
watched_new(struct watch *watch, const struct doc *doc)
{
	struct watched *watched = xcalloc(1, sizeof(*watched));
	watched->watch = watch;
	watched->doc = doc;
	watched->waits = true;
	doc_validators_init(&watched->validators);
	return watched;
}

static void
watched_free(struct watched *watched)
{
	loop_timer_cancel(watched->watch->parts.loop, &watched->timer);
	doc_look_cancel(watched->look);
	doc_validators_done(&watched->validators);
	doc_state_done(&watched->state);
	doc_version_done(&watched->previous);
	doc_findings_done(&watched->found);
	doc_evidence_done(&watched->evidence);
	free(watched);
}

static void
drop(struct watched *watched)
{
	struct watch *watch = watched->watch;
	if (watched->loads == 0) {
		watched_free(watched);
		return;
	}
	loop_timer_cancel(watch->parts.loop, &watched->timer);
	doc_look_cancel(watched->look);
	watched->look = NULL;
	watched->gone = true;
	watch->leaving = xrealloc(watch->leaving, (watch->leaving_count + 1) * sizeof(*watch->leaving));
	watch->leaving[watch->leaving_count++] = watched;
}

/* The same document at the same place; taken out of the old list. */
static struct watched *
take_over(struct watch *watch, const struct doc *doc)
{
	for (size_t i = 0; i < watch->count; i++) {
		struct watched *watched = watch->items[i];
		bool same = watched && strcmp(watched->doc->name, doc->name) == 0 &&
		    strcmp(watched->doc->url, doc->url) == 0 && watched->doc->kind == doc->kind;
		if (!same)
			continue;
		watch->items[i] = NULL;
		return watched;
	}
	return NULL;
}

/* Whatever the new configuration wants of it, phrases and endpoints too: it is looked at again, as a whole. */
static void
adopt(struct watched *watched, const struct doc *doc)
{
	doc_look_cancel(watched->look);
	watched->look = NULL;
	watched->doc = doc;
	doc_findings_done(&watched->found);
	doc_validators_reset(&watched->validators);
	if (!watched->waits)
		look_at_in(watched, FIRST_AFTER_NS);
}

void
watch_configure(struct watch *watch, struct config *config)
{
	struct watched **items = xcalloc(config->doc_count + 1, sizeof(*items));
	for (size_t i = 0; i < config->doc_count; i++) {
		items[i] = take_over(watch, &config->docs[i]);
		if (items[i])
			adopt(items[i], &config->docs[i]);
		else
			items[i] = watched_new(watch, &config->docs[i]);
	}
	for (size_t i = 0; i < watch->count; i++)
		if (watch->items[i])
			drop(watch->items[i]);
	free(watch->items);
	watch->items = items;
	watch->count = config->doc_count;
	struct config *old = watch->config;
	watch->config = config_hold(config);
	config_release(old);
	for (size_t i = 0; i < watch->count; i++)
		load(watch->items[i]);
	for (size_t i = 0; i < config->endpoint_count; i++)
		tell_endpoint(watch, &config->endpoints[i]);
}

void
watch_set_online(struct watch *watch, bool online)
{
	watch->offline = !online;
}

void
watch_status(const struct watch *watch, const struct doc *doc, struct doc_status *ret_status)
{
	*ret_status = watch->items[doc->index]->status;
}

void
watch_free(struct watch *watch)
{
	if (!watch)
		return;
	for (size_t i = 0; i < watch->count; i++)
		watched_free(watch->items[i]);
	for (size_t i = 0; i < watch->leaving_count; i++)
		watched_free(watch->leaving[i]);
	free(watch->items);
	free(watch->leaving);
	config_release(watch->config);
	free(watch);
}
