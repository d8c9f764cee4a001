/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>

#include "base/jsonw.h"
#include "export/page.h"
#include "model/request.h"

/* True when the request may change something; else it is answered. */
static bool
is_allowed(const struct page_request *request, struct page_reply *reply)
{
	if (!request->web->lifecycle)
		page_reply_text(reply, 403, "forbidden: web.lifecycle is off");
	return request->web->lifecycle;
}

void
page_reload(const struct page_request *request, struct page_reply *reply)
{
	if (!is_allowed(request, reply))
		return;
	auto_buf struct buf errors = BUF_INIT(64 * 1024);
	if (request->view->reload(request->view->arg, &errors) == 0)
		page_reply_text(reply, 200, "reloaded");
	else
		page_reply_text(reply, 500, errors.len ? buf_cstr(&errors) : "the reload failed: see the log");
}

static const struct endpoint *
find_endpoint(const struct page_request *request, struct str name)
{
	const struct config *config = request->view->config(request->view->arg);
	for (size_t i = 0; config && i < config->endpoint_count; i++)
		if (str_eq(str_of(config->endpoints[i].name), name))
			return &config->endpoints[i];
	return NULL;
}

static bool
has_probe(const struct endpoint *endpoint, enum probe_kind kind)
{
	for (size_t i = 0; i < endpoint->probe_count; i++)
		if (endpoint->probes[i] == kind)
			return true;
	return false;
}

static void
reply_started(struct page_reply *reply, const struct endpoint *endpoint, enum probe_kind kind, const char *run_id)
{
	struct jsonw w;
	jsonw_init(&w, &reply->body);
	jsonw_open_object(&w, NULL);
	jsonw_int(&w, "version", 1);
	jsonw_text(&w, "run_id", run_id);
	jsonw_text(&w, "endpoint", endpoint->name);
	jsonw_text(&w, "probe", probe_name(kind));
	jsonw_close_object(&w);
	buf_char(&reply->body, '\n');
	reply->status = 202;
	reply->content_type = "application/json";
}

/* ?endpoint=E, and &probe=KIND for another one than the endpoint's first. */
void
page_probe(const struct page_request *request, struct page_reply *reply)
{
	if (!is_allowed(request, reply))
		return;
	const struct endpoint *endpoint = find_endpoint(request, request->query(request, "endpoint"));
	struct str wanted = request->query(request, "probe");
	if (!endpoint || !endpoint->enabled || endpoint->probe_count == 0) {
		page_reply_text(
		    reply, 404, "no such endpoint: say ?endpoint=NAME of one that is configured and enabled");
		return;
	}
	enum probe_kind kind = wanted.at ? probe_from_name(wanted) : endpoint->probes[0];
	if (kind == PROBE_COUNT || !has_probe(endpoint, kind)) {
		page_reply_text(reply, 404, "the endpoint has no such probe");
		return;
	}
	char run_id[RUN_ID_BYTES] = "";
	int error = request->view->probe_now(request->view->arg, endpoint, kind, run_id);
	if (error == 0)
		reply_started(reply, endpoint, kind, run_id);
	else if (error == -EBUSY)
		page_reply_text(reply, 409, "that probe is under way");
	else
		page_reply_text(reply, 503, "the run could not be started: see the log");
}

/* ?endpoint=E */
void
page_revalidate(const struct page_request *request, struct page_reply *reply)
{
	if (!is_allowed(request, reply))
		return;
	const struct endpoint *endpoint = find_endpoint(request, request->query(request, "endpoint"));
	if (!endpoint || !endpoint->enabled || endpoint->probe_count == 0)
		page_reply_text(
		    reply, 404, "no such endpoint: say ?endpoint=NAME of one that is configured and enabled");
	else if (request->view->revalidate(request->view->arg, endpoint) != 0)
		page_reply_text(reply, 503, "the daemon is stopping");
	else
		page_reply_text(reply, 202,
		    "all of its probes run as soon as they can; the result is in the log, the metrics, "
		    "and /api/v1/endpoints/NAME");
}

/* ?policy=P&enabled=0|1 */
void
page_fallback(const struct page_request *request, struct page_reply *reply)
{
	if (!is_allowed(request, reply))
		return;
	struct str enabled = request->query(request, "enabled"), policy = request->query(request, "policy");
	bool on = str_eq(enabled, STR("1"));
	if (!on && !str_eq(enabled, STR("0")))
		page_reply_text(reply, 400, "say ?policy=NAME&enabled=0 or enabled=1");
	else if (request->view->switch_fallback(request->view->arg, policy, on) != 0)
		page_reply_text(reply, 404, "no such fallback policy: say ?policy=NAME of one that is configured");
	else
		page_reply_text(reply, 200, on ? "switched on" : "switched off");
}
