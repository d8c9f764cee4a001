/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/daemon_view.h"

#include "app/drift.h"
#include "app/engine.h"
#include "base/loop.h"
#include "store/store.h"

static const struct config *
view_config(void *arg)
{
	const struct daemon_viewed *viewed = arg;
	return engine_config(viewed->engine);
}

static const struct ledger *
view_ledger(void *arg, const struct endpoint *endpoint)
{
	const struct daemon_viewed *viewed = arg;
	return drift_ledger(viewed->drift, endpoint);
}

static int64_t
view_today_days(void *arg)
{
	const struct daemon_viewed *viewed = arg;
	return loop_wall(viewed->loop).us / (86400 * US_PER_SEC);
}

static const char *
view_trouble(void *arg)
{
	const struct daemon_viewed *viewed = arg;
	if (engine_is_stuck(viewed->engine))
		return "the scheduler is stuck";
	return store_is_stuck(viewed->store, loop_now(viewed->loop)) ? "the store's thread is stuck" : NULL;
}

static bool
view_ready(void *arg)
{
	const struct daemon_viewed *viewed = arg;
	return *viewed->ready;
}

static int
view_probe_now(void *arg, const struct endpoint *endpoint, enum probe_kind probe, char *ret_run_id)
{
	const struct daemon_viewed *viewed = arg;
	return engine_probe_now(viewed->engine, endpoint, probe, ret_run_id);
}

static int
view_revalidate(void *arg, const struct endpoint *endpoint)
{
	const struct daemon_viewed *viewed = arg;
	return engine_revalidate(viewed->engine, endpoint);
}

static void
view_doc_status(void *arg, const struct doc *doc, struct doc_status *ret_status)
{
	const struct daemon_viewed *viewed = arg;
	engine_doc_status(viewed->engine, doc, ret_status);
}

static void
view_revalidation_status(void *arg, const struct endpoint *endpoint, struct revalidation_status *ret_status)
{
	const struct daemon_viewed *viewed = arg;
	engine_revalidation_status(viewed->engine, endpoint, ret_status);
}

static int
view_switch_fallback(void *arg, struct str policy, bool enabled)
{
	const struct daemon_viewed *viewed = arg;
	return engine_switch_fallback(viewed->engine, policy, enabled);
}

static int
view_reload(void *arg, struct buf *ret_errors)
{
	const struct daemon_viewed *viewed = arg;
	return viewed->reload(viewed->arg, ret_errors);
}

void
daemon_view_fill(struct daemon_viewed *viewed, struct export_view *view)
{
	view->config = view_config;
	view->ledger = view_ledger;
	view->today_days = view_today_days;
	view->trouble = view_trouble;
	view->ready = view_ready;
	view->reload = view_reload;
	view->probe_now = view_probe_now;
	view->revalidate = view_revalidate;
	view->doc_status = view_doc_status;
	view->revalidation_status = view_revalidation_status;
	view->switch_fallback = view_switch_fallback;
	view->arg = viewed;
}
