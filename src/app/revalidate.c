/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/revalidate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/xalloc.h"
#include "config/dump.h"
#include "config/load.h"
#include "record/metrics.h"

/* What waits for longer than this is not looked at: a pause of the provider may take ten minutes. */
#define PATIENCE_NS (900 * NS_PER_SEC)

enum step { STEP_NONE, STEP_WAITS, STEP_RUNS, STEP_DONE };

/* Of one endpoint. */
struct row {
	struct revalidation_status status;
	struct mono give_up;
	enum step steps[PROBE_COUNT];
	enum revalidation_result worst; /* of the steps that are done */
	unsigned failed; /* probes */
};

struct revalidate {
	struct revalidate_parts parts;
	struct config *config; /* in force; held */
	struct row *rows; /* in the order of the configuration */
	size_t pending;
};

struct revalidate *
revalidate_new(const struct revalidate_parts *parts)
{
	struct revalidate *revalidate = xcalloc(1, sizeof(*revalidate));
	revalidate->parts = *parts;
	return revalidate;
}

/* The endpoint may be of an older configuration. */
static struct row *
find_row(const struct revalidate *revalidate, const struct endpoint *endpoint)
{
	const struct config *config = revalidate->config;
	if (!config)
		return NULL;
	bool in_place = endpoint->index < config->endpoint_count &&
	    strcmp(config->endpoints[endpoint->index].name, endpoint->name) == 0;
	const struct endpoint *own =
	    in_place ? &config->endpoints[endpoint->index] : config_find_endpoint(config, endpoint->name);
	return own ? &revalidate->rows[own->index] : NULL;
}

static const struct endpoint *
endpoint_of(const struct revalidate *revalidate, const struct row *row)
{
	return &revalidate->config->endpoints[row - revalidate->rows];
}

static bool
has_step(const struct row *row, enum step step)
{
	for (unsigned i = 0; i < PROBE_COUNT; i++)
		if (row->steps[i] == step)
			return true;
	return false;
}

static void
finish_if_done(struct revalidate *revalidate, struct row *row)
{
	const struct endpoint *endpoint = endpoint_of(revalidate, row);
	if (!row->status.pending || has_step(row, STEP_WAITS) || has_step(row, STEP_RUNS))
		return;
	row->status.pending = false;
	row->status.result = row->worst;
	row->status.ended = loop_wall(revalidate->parts.loop);
	revalidate->pending--;
	metrics_revalidation_ended(revalidate->parts.metrics, endpoint, row->status.trigger, row->worst);
	log_msg(row->worst == REVALIDATION_PASSED ? LOG_INFO : LOG_WARN, "revalidation finished",
	    LOG_F_TEXT("endpoint", endpoint->name),
	    LOG_F_TEXT("trigger", revalidation_trigger_name(row->status.trigger)),
	    LOG_F_TEXT("result", revalidation_result_name(row->worst)), LOG_F_INT("failed", row->failed));
}

static void
end_step(struct row *row, enum probe_kind probe, enum revalidation_result result)
{
	row->steps[probe] = STEP_DONE;
	row->failed += result == REVALIDATION_FAILED;
	if (result > row->worst)
		row->worst = result;
}

static void
start_waiting(struct revalidate *revalidate, struct row *row)
{
	const struct endpoint *endpoint = endpoint_of(revalidate, row);
	bool late = mono_before(row->give_up, loop_now(revalidate->parts.loop));
	for (unsigned i = 0; i < PROBE_COUNT; i++) {
		enum probe_kind probe = (enum probe_kind)i;
		if (row->steps[i] != STEP_WAITS)
			continue;
		int error = late ? -ETIME : revalidate->parts.start(revalidate->parts.arg, endpoint, probe);
		if (error == 0)
			row->steps[i] = STEP_RUNS;
		else if (error != -EAGAIN)
			end_step(row, probe, REVALIDATION_INCONCLUSIVE);
	}
	finish_if_done(revalidate, row);
}

void
revalidate_begin(struct revalidate *revalidate, const struct endpoint *endpoint, enum revalidation_trigger trigger)
{
	struct row *row = find_row(revalidate, endpoint);
	if (!row || !endpoint->enabled || endpoint->probe_count == 0)
		return;
	revalidate->pending += !row->status.pending;
	row->status.pending = true;
	row->status.trigger = trigger;
	row->status.began = loop_wall(revalidate->parts.loop);
	row->give_up = mono_add_ns(loop_now(revalidate->parts.loop), PATIENCE_NS);
	row->worst = REVALIDATION_PASSED;
	row->failed = 0;
	for (unsigned i = 0; i < PROBE_COUNT; i++)
		row->steps[i] = STEP_NONE;
	for (size_t i = 0; i < endpoint->probe_count; i++)
		row->steps[endpoint->probes[i]] = STEP_WAITS;
	metrics_revalidation_began(revalidate->parts.metrics, endpoint);
	log_msg(LOG_INFO, "revalidation begins", LOG_F_TEXT("endpoint", endpoint->name),
	    LOG_F_TEXT("trigger", revalidation_trigger_name(trigger)));
	start_waiting(revalidate, row);
}

void
revalidate_record(struct revalidate *revalidate, const struct record *record)
{
	struct row *row = find_row(revalidate, record->endpoint);
	if (!row || row->steps[record->probe] != STEP_RUNS)
		return;
	end_step(row, record->probe, revalidation_judge(record->verdict.outcome));
	finish_if_done(revalidate, row);
}

void
revalidate_not_sent(struct revalidate *revalidate, const struct endpoint *endpoint, enum probe_kind probe)
{
	struct row *row = find_row(revalidate, endpoint);
	if (!row || row->steps[probe] != STEP_RUNS)
		return;
	end_step(row, probe, REVALIDATION_INCONCLUSIVE);
	finish_if_done(revalidate, row);
}

void
revalidate_tick(struct revalidate *revalidate)
{
	for (size_t i = 0; revalidate->pending > 0 && i < revalidate->config->endpoint_count; i++)
		if (revalidate->rows[i].status.pending)
			start_waiting(revalidate, &revalidate->rows[i]);
}

static void
carry_over(struct revalidate *revalidate, struct config *old, const struct row *old_rows)
{
	for (size_t i = 0; i < revalidate->config->endpoint_count; i++) {
		const struct endpoint *endpoint = &revalidate->config->endpoints[i];
		const struct endpoint *before = config_find_endpoint(old, endpoint->name);
		if (!before || !before->enabled)
			continue;
		struct row *row = &revalidate->rows[i];
		*row = old_rows[before->index];
		if (!endpoint->enabled) {
			*row = (struct row){ 0 };
			continue;
		}
		revalidate->pending += row->status.pending;
		if (!config_same_endpoint(before, endpoint))
			revalidate_begin(revalidate, endpoint, TRIGGER_RELOAD);
		else
			finish_if_done(revalidate, row);
	}
}

void
revalidate_configure(struct revalidate *revalidate, struct config *config)
{
	struct config *old = revalidate->config;
	struct row *old_rows = revalidate->rows;
	revalidate->config = config_hold(config);
	revalidate->rows = xcalloc(config->endpoint_count + 1, sizeof(*revalidate->rows));
	revalidate->pending = 0;
	if (old)
		carry_over(revalidate, old, old_rows);
	free(old_rows);
	config_release(old);
}

void
revalidate_status(
    const struct revalidate *revalidate, const struct endpoint *endpoint, struct revalidation_status *ret_status)
{
	const struct row *row = find_row(revalidate, endpoint);
	*ret_status = row ? row->status : (struct revalidation_status){ 0 };
}

void
revalidate_free(struct revalidate *revalidate)
{
	if (!revalidate)
		return;
	free(revalidate->rows);
	config_release(revalidate->config);
	free(revalidate);
}
