/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/control.h"

#include "base/attr.h"
#include "base/jsonw.h"
#include "base/parse.h"
#include "sim/http.h"
#include "sim/server.h"
#include "sim/site.h"
#include "sim/state.h"

enum { ERROR_TEXT_MAX = 8 * 1024 };

static void
fail(struct answer *answer, int status, struct str text)
{
	struct jsonw w;
	answer_clear_body(answer);
	answer->status = status;
	jsonw_init(&w, &answer->body);
	jsonw_open_object(&w, NULL);
	jsonw_str(&w, "error", text);
	jsonw_close_object(&w);
}

static void
get_health(struct sim *sim, const struct http_request *request, struct answer *answer)
{
	(void)sim;
	(void)request;
	answer->type = "text/plain";
	buf_text(&answer->body, "ok\n");
}

static void
get_ca(struct sim *sim, const struct http_request *request, struct answer *answer)
{
	(void)request;
	struct str ca = sim_ca(sim);
	if (!ca.at) {
		fail(answer, 500, STR("TLS does not work here"));
		return;
	}
	answer->type = "application/x-pem-file";
	buf_str(&answer->body, ca);
}

static void
get_faults(struct sim *sim, const struct http_request *request, struct answer *answer)
{
	(void)request;
	fault_write_rules(&sim->faults, &answer->body);
}

static void
post_faults(struct sim *sim, const struct http_request *request, struct answer *answer)
{
	auto_buf struct buf error = BUF_INIT(ERROR_TEXT_MAX);
	uint64_t first;
	struct jsonw w;
	if (!fault_add(&sim->faults, request->body, loop_now(sim->loop), &error, &first)) {
		fail(answer, 400, buf_view(&error));
		return;
	}
	answer->status = 201;
	jsonw_init(&w, &answer->body);
	jsonw_open_object(&w, NULL);
	jsonw_open_array(&w, "ids");
	for (uint64_t id = first; id <= sim->faults.last_id; id++)
		jsonw_int(&w, NULL, (int64_t)id);
	jsonw_close_array(&w);
	jsonw_close_object(&w);
	server_review(sim);
}

static void
delete_faults(struct sim *sim, const struct http_request *request, struct answer *answer)
{
	(void)request;
	fault_clear(&sim->faults);
	server_review(sim);
	answer->status = 204;
	answer->type = NULL;
}

static void
delete_fault(struct sim *sim, const struct http_request *request, struct answer *answer)
{
	static const struct str prefix = { "/_sim/faults/", 13 };
	uint64_t id;
	if (!parse_u64(str_span(request->path.at + prefix.len, request->path.len - prefix.len), &id) ||
	    !fault_remove(&sim->faults, id)) {
		fail(answer, 404, STR("there is no rule of that id"));
		return;
	}
	server_review(sim);
	answer->status = 204;
	answer->type = NULL;
}

static void
get_catalogue(struct sim *sim, const struct http_request *request, struct answer *answer)
{
	(void)sim;
	(void)request;
	fault_write_catalogue(&answer->body);
}

static void
get_journal(struct sim *sim, const struct http_request *request, struct answer *answer)
{
	struct journal_query query = { .limit = UINT64_MAX,
		.kind = http_query(request, "kind"),
		.lines = str_eq(http_query(request, "format"), STR("lines")) };
	struct str text;
	if (((text = http_query(request, "since")).at && !parse_u64(text, &query.since)) ||
	    ((text = http_query(request, "limit")).at && !parse_u64(text, &query.limit))) {
		fail(answer, 400, STR("since and limit must be whole numbers"));
		return;
	}
	if (query.lines)
		answer->type = "application/x-ndjson";
	journal_write(&sim->journal, &query, &answer->body);
}

static void
delete_journal(struct sim *sim, const struct http_request *request, struct answer *answer)
{
	(void)request;
	journal_clear(&sim->journal);
	answer->status = 204;
	answer->type = NULL;
}

static void
write_account(struct jsonw *w, const struct account *account)
{
	jsonw_open_object(w, "keys");
	for (size_t i = 0; i < account->count; i++) {
		jsonw_open_object(w, account->keys[i].name);
		jsonw_int(w, "requests", (int64_t)account->keys[i].requests);
		jsonw_int(w, "tokens_in", (int64_t)account->keys[i].tokens_in);
		jsonw_int(w, "tokens_out", (int64_t)account->keys[i].tokens_out);
		jsonw_close_object(w);
	}
	jsonw_close_object(w);
}

static void
get_stats(struct sim *sim, const struct http_request *request, struct answer *answer)
{
	(void)request;
	const struct sim_stats *stats = &sim->stats;
	struct jsonw w;
	jsonw_init(&w, &answer->body);
	jsonw_open_object(&w, NULL);
	jsonw_int(&w, "requests", (int64_t)stats->requests);
	jsonw_int(&w, "docs", (int64_t)stats->docs);
	jsonw_int(&w, "streams", (int64_t)stats->streams);
	jsonw_int(&w, "faulted", (int64_t)stats->faulted);
	jsonw_int(&w, "bytes_sent", (int64_t)stats->bytes_sent);
	jsonw_int(&w, "connections", (int64_t)stats->connections);
	jsonw_int(&w, "open_connections", (int64_t)stats->open_connections);
	jsonw_int(&w, "tls_handshakes", (int64_t)stats->tls_handshakes);
	jsonw_int(&w, "tls_failures", (int64_t)stats->tls_failures);
	jsonw_open_object(&w, "by_status");
	for (unsigned i = 0; i < STATUS_CLASSES; i++) {
		char name[] = { (char)('0' + i), 'x', 'x', '\0' };
		if (stats->by_class[i] > 0)
			jsonw_int(&w, name, (int64_t)stats->by_class[i]);
	}
	jsonw_close_object(&w);
	jsonw_open_object(&w, "faults");
	for (unsigned i = 0; i < FAULT_COUNT; i++)
		if (sim->faults.hits[i] > 0)
			jsonw_int(&w, fault_name((enum fault)i), (int64_t)sim->faults.hits[i]);
	jsonw_close_object(&w);
	write_account(&w, &sim->account);
	jsonw_close_object(&w);
}

/* ---- the documentation ---- */

static void
say_done(struct answer *answer)
{
	answer->status = 204;
	answer->type = NULL;
}

static void
get_docs(struct sim *sim, const struct http_request *request, struct answer *answer)
{
	(void)request;
	site_write_catalogue(sim->site, &answer->body);
}

static void
post_docs(struct sim *sim, const struct http_request *request, struct answer *answer)
{
	auto_buf struct buf error = BUF_INIT(ERROR_TEXT_MAX);
	if (site_change(sim->site, request->body, sim_wall(sim), &error))
		say_done(answer);
	else
		fail(answer, 400, buf_view(&error));
}

static void
delete_docs(struct sim *sim, const struct http_request *request, struct answer *answer)
{
	if (site_restore(sim->site, http_query(request, "page"), sim_wall(sim)))
		say_done(answer);
	else
		fail(answer, 404, STR("there is no page of that name"));
}

static struct str
docs_path(const struct http_request *request)
{
	static const struct str prefix = { "/_sim/docs/", 11 };
	return str_span(request->path.at + prefix.len, request->path.len - prefix.len);
}

static void
put_text(struct sim *sim, const struct http_request *request, struct answer *answer)
{
	auto_buf struct buf why = BUF_INIT(ERROR_TEXT_MAX);
	if (site_put(sim->site, docs_path(request), request, sim_wall(sim))) {
		say_done(answer);
		return;
	}
	buf_printf(
	    &why, "there can be %d texts of %d bytes, each at a path below /docs/", SITE_TEXTS_MAX, SITE_TEXT_BYTES);
	fail(answer, 413, buf_view(&why));
}

static void
delete_text(struct sim *sim, const struct http_request *request, struct answer *answer)
{
	if (site_take_back(sim->site, docs_path(request), sim_wall(sim)))
		say_done(answer);
	else
		fail(answer, 404, STR("no text was put at that path"));
}

static const struct route {
	const char *method, *path; /* a path that ends with / takes what begins so */
	void (*answer)(struct sim *sim, const struct http_request *request, struct answer *answer);
} routes[] = {
	{ "GET", "/_sim/health", get_health },
	{ "GET", "/_sim/ca.pem", get_ca },
	{ "GET", "/_sim/faults", get_faults },
	{ "POST", "/_sim/faults", post_faults },
	{ "DELETE", "/_sim/faults", delete_faults },
	{ "GET", "/_sim/faults/catalogue", get_catalogue },
	{ "DELETE", "/_sim/faults/", delete_fault },
	{ "GET", "/_sim/journal", get_journal },
	{ "DELETE", "/_sim/journal", delete_journal },
	{ "GET", "/_sim/stats", get_stats },
	{ "GET", "/_sim/docs", get_docs },
	{ "POST", "/_sim/docs", post_docs },
	{ "DELETE", "/_sim/docs", delete_docs },
	{ "PUT", "/_sim/docs/", put_text },
	{ "DELETE", "/_sim/docs/", delete_text },
};

void
control_answer(struct sim *sim, const struct http_request *request, struct answer *answer)
{
	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		struct str path = str_of(routes[i].path);
		bool fits = str_ends(path, STR("/")) ? str_starts(request->path, path) : str_eq(request->path, path);
		if (fits && str_eq(request->method, str_of(routes[i].method))) {
			routes[i].answer(sim, request, answer);
			return;
		}
	}
	answer->status = 404;
	answer->type = "text/plain";
	buf_text(&answer->body, "known here:\n");
	for (size_t i = 0; i < ARRAY_LEN(routes); i++)
		buf_printf(&answer->body, "%s %s\n", routes[i].method, routes[i].path);
}
