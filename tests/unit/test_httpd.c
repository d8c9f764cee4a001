/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "export/httpd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <zlib.h>
#include <cmocka.h>

#include "base/json.h"
#include "base/loop.h"
#include "base/xalloc.h"
#include "contract/ledger.h"
#include "export/page.h"
#include "metrics_fixture.h"
#include "record/exposition.h"
#include "record/latest.h"

#define PROMETHEUS_ACCEPT \
	"Accept: application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.3\r\n"

enum { MANY_ENDPOINTS = 300, ANSWER_BYTES_MAX = 16 << 20, MAX_CONNECTIONS = 8 };

/* The server runs on this thread's loop; a client is a thread with a blocking socket that wakes the loop when done. */
struct fixture {
	struct loop *loop;
	struct httpd *httpd;
	struct metrics *metrics;
	struct latest *latest;
	struct ledger ledger; /* of the first endpoint */
	struct fixture_config config;
	struct export_view view;
	struct web_config web;
	const char *listen[2];
	bool healthy;
	unsigned reloads, runs;
	int port;
};

struct client {
	struct fixture *f;
	pthread_t thread;
	int fd;
	const char *request;
	size_t piece; /* how many bytes at a time */
	struct buf answer;
};

static const struct config *
get_config(void *arg)
{
	struct fixture *f = arg;
	return &f->config.config;
}

static const struct ledger *
get_ledger(void *arg, const struct endpoint *endpoint)
{
	struct fixture *f = arg;
	return endpoint == &f->config.endpoints[0] ? &f->ledger : NULL;
}

static int64_t
get_today_days(void *arg)
{
	(void)arg;
	return FIXTURE_NOW.us / (86400 * US_PER_SEC);
}

static const char *
get_trouble(void *arg)
{
	struct fixture *f = arg;
	return f->healthy ? NULL : "the scheduler is stuck";
}

static bool
get_ready(void *arg)
{
	(void)arg;
	return true;
}

/* The second one fails. */
static int
reload(void *arg, struct buf *ret_errors)
{
	struct fixture *f = arg;
	if (f->reloads++ == 0)
		return 0;
	buf_text(ret_errors, "x.conf:7: endpoints[0].modle: unknown key");
	return -EINVAL;
}

static int
switch_fallback(void *arg, struct str policy, bool enabled)
{
	(void)arg, (void)enabled;
	return str_eq(policy, STR("standard")) ? 0 : -ENOENT;
}

static int
revalidate(void *arg, const struct endpoint *endpoint)
{
	(void)arg;
	return strcmp(endpoint->name, "chat") == 0 ? 0 : -ESHUTDOWN;
}

static void
doc_status(void *arg, const struct doc *doc, struct doc_status *ret_status)
{
	static char phrase[] = "a <b> phrase";
	static char *missing[] = { phrase };
	static const struct doc_evidence evidence = { FIXTURE_NOW, missing, 1 };
	(void)arg;
	assert_string_equal(doc->name, "chat-page");
	*ret_status = (struct doc_status){ .counts = { .checks = { [DOC_INCONCLUSIVE] = 3 },
					       .last_check = FIXTURE_NOW,
					       .last_change = FIXTURE_NOW,
					       .evidence_missing = 1 },
		.last_look = FIXTURE_NOW,
		.last_result = DOC_INCONCLUSIVE,
		.trouble = "HTTP status 503",
		.url = STR("https://docs.example.com/new/chat.md"),
		.sightings = 1,
		.last_changes = 1U << DOC_CHANGE_CONTRACT | 1U << DOC_CHANGE_MOVED,
		.evidence = &evidence };
}

static void
revalidation_status(void *arg, const struct endpoint *endpoint, struct revalidation_status *ret_status)
{
	(void)arg;
	*ret_status = (struct revalidation_status){ 0 };
	if (strcmp(endpoint->name, "chat") == 0)
		*ret_status = (struct revalidation_status){ .trigger = TRIGGER_DOC_CHANGE,
			.result = REVALIDATION_FAILED,
			.began = FIXTURE_NOW,
			.ended = FIXTURE_NOW };
}

static int
probe_now(void *arg, const struct endpoint *endpoint, enum probe_kind probe, char *ret_run_id)
{
	struct fixture *f = arg;
	if (f->runs++ > 0)
		return -EBUSY;
	snprintf(ret_run_id, RUN_ID_BYTES, "%s-%s", endpoint->name, probe_name(probe));
	return 0;
}

static void
configure(struct fixture *f)
{
	auto_buf struct buf error = BUF_INIT(1024);
	assert_int_equal(httpd_configure(f->httpd, &f->web, &error), 0);
	const char *colon = strrchr(httpd_address(f->httpd, 0), ':');
	f->port = colon ? (int)strtod(colon + 1, NULL) : 0;
}

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	f->loop = loop_uv_new();
	f->metrics = metrics_new();
	f->latest = latest_new();
	fixture_config_init(&f->config);
	metrics_configure(f->metrics, &f->config.config, FIXTURE_NOW);
	latest_configure(f->latest, &f->config.config);
	ledger_init(&f->ledger, &f->config.endpoints[0]);
	f->healthy = true;
	f->view = (struct export_view){
		.metrics = f->metrics,
		.latest = f->latest,
		.version = "0.1.0<b>",
		.started = FIXTURE_NOW,
		.config = get_config,
		.ledger = get_ledger,
		.today_days = get_today_days,
		.trouble = get_trouble,
		.ready = get_ready,
		.reload = reload,
		.probe_now = probe_now,
		.revalidate = revalidate,
		.doc_status = doc_status,
		.revalidation_status = revalidation_status,
		.switch_fallback = switch_fallback,
		.arg = f,
	};
	f->listen[0] = "127.0.0.1:0";
	f->web = (struct web_config){
		.listen = f->listen,
		.listen_count = 1,
		.telemetry_path = "/metrics",
		.max_connections = MAX_CONNECTIONS,
	};
	f->httpd = httpd_new(f->loop, &f->view);
	assert_non_null(f->httpd);
	configure(f);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	httpd_free(f->httpd);
	metrics_free(f->metrics);
	latest_free(f->latest);
	ledger_done(&f->ledger);
	loop_free(f->loop);
	free(f);
	return 0;
}

static int
dial(const struct fixture *f)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons((uint16_t)f->port) };
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	return fd;
}

static void
on_done(void *arg)
{
	loop_stop(arg);
}

static void *
run_client(void *arg)
{
	struct client *c = arg;
	size_t len = strlen(c->request), piece = c->piece;
	for (size_t at = 0; at < len; at += piece)
		if (send(c->fd, c->request + at, at + piece > len ? len - at : piece, MSG_NOSIGNAL) < 0)
			break;
	ssize_t n = 1;
	while (n > 0) {
		char *to = buf_reserve(&c->answer, 65536);
		n = to ? recv(c->fd, to, 65536, 0) : 0;
		if (n > 0)
			c->answer.len += (size_t)n;
	}
	loop_wake(c->f->loop);
	return NULL;
}

static void
client_start_slowly(struct client *c, struct fixture *f, int fd, const char *request, size_t piece)
{
	*c = (struct client){
		.f = f, .fd = fd, .request = request, .piece = piece, .answer = BUF_INIT(ANSWER_BYTES_MAX)
	};
	assert_int_equal(pthread_create(&c->thread, NULL, run_client, c), 0);
}

static void
client_start(struct client *c, struct fixture *f, int fd, const char *request)
{
	client_start_slowly(c, f, fd, request, strlen(request) + 1);
}

/* Turns the loop until the client has read to the end. */
static void
client_finish(struct client *c)
{
	struct loop_waker waker;
	loop_waker_add(c->f->loop, &waker, on_done, c->f->loop);
	loop_run(c->f->loop);
	loop_waker_remove(c->f->loop, &waker);
	pthread_join(c->thread, NULL);
	close(c->fd);
}

/* Sends a request that asks for Connection: close; returns the whole answer, owned. */
static char *
ask(struct fixture *f, const char *request)
{
	struct client c;
	client_start(&c, f, dial(f), request);
	client_finish(&c);
	char *answer = xstrdup(buf_cstr(&c.answer));
	buf_done(&c.answer);
	return answer;
}

static char *
get(struct fixture *f, const char *path, const char *headers)
{
	auto_buf struct buf request = BUF_INIT(4096);
	buf_printf(&request, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n", path, headers);
	return ask(f, buf_cstr(&request));
}

static void
expect_in(const char *answer, const char *part)
{
	if (!strstr(answer, part))
		fail_msg("no \"%s\" in: %.600s", part, answer);
}

static void
expect_status(const char *answer, const char *status)
{
	if (strncmp(answer, "HTTP/1.1 ", 9) != 0 || strncmp(answer + 9, status, strlen(status)) != 0)
		fail_msg("not %s: %.200s", status, answer);
}

/* The body, chunks put together. Owned. */
static char *
body_of(const char *answer)
{
	const char *at = strstr(answer, "\r\n\r\n");
	assert_non_null(at);
	at += 4;
	if (!strstr(answer, "Transfer-Encoding: chunked"))
		return xstrdup(at);
	static const char digits[] = "0123456789ABCDEF";
	auto_buf struct buf body = BUF_INIT(ANSWER_BYTES_MAX);
	for (;;) {
		size_t len = 0;
		for (; *at && *at != '\r'; at++)
			len = len * 16 + (size_t)(strchr(digits, *at) - digits);
		if (len == 0)
			return xstrdup(buf_cstr(&body));
		buf_add(&body, at + 2, len);
		at += 2 + len + 2;
	}
}

static void
test_short_pages(void **state)
{
	struct fixture *f = *state;
	auto_free char *healthy = get(f, "/-/healthy", "");
	expect_status(healthy, "200");
	expect_in(healthy, "\r\nContent-Type: text/plain; charset=utf-8\r\n");
	expect_in(healthy, "\r\n\r\nhealthy\n");
	f->healthy = false;
	auto_free char *sick = get(f, "/-/healthy", "");
	expect_status(sick, "503");
	expect_in(sick, "\r\n\r\nunhealthy: the scheduler is stuck\n");
	auto_free char *ready = get(f, "/-/ready", "");
	expect_status(ready, "200");
	auto_free char *missing = get(f, "/nothing", "");
	expect_status(missing, "404");
	auto_free char *prefix = get(f, "/api/v1/endpoints/", "");
	expect_status(prefix, "404");
}

static void
test_methods(void **state)
{
	struct fixture *f = *state;
	static const char *const rows[][3] = {
		{ "POST /metrics", "405", "\r\nAllow: GET, HEAD\r\n" },
		{ "DELETE /", "405", "\r\nAllow: GET, HEAD\r\n" },
		{ "BREW /-/healthy", "405", "\r\nAllow: GET, HEAD\r\n" },
		{ "GET /-/reload", "405", "\r\nAllow: POST\r\n" },
		{ "BREW /nothing", "404", "\r\n" },
		{ "POST /-/reload", "403", "web.lifecycle is off" },
		{ "POST /-/probe?endpoint=chat", "403", "web.lifecycle is off" },
		{ "POST /-/revalidate?endpoint=chat", "403", "web.lifecycle is off" },
		{ "POST /-/fallback?policy=x&enabled=0", "403", "web.lifecycle is off" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		auto_buf struct buf request = BUF_INIT(4096);
		buf_printf(&request, "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nx=y",
		    rows[i][0]);
		auto_free char *answer = ask(f, buf_cstr(&request));
		expect_status(answer, rows[i][1]);
		expect_in(answer, rows[i][2]);
	}
}

static void
test_head(void **state)
{
	struct fixture *f = *state;
	static const char *const paths[] = { "/metrics", "/-/healthy", "/", "/api/v1/status", "/api/v1/docs",
		"/api/v1/endpoints/chat" };
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		auto_buf struct buf request = BUF_INIT(4096);
		buf_printf(&request, "HEAD %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", paths[i]);
		auto_free char *answer = ask(f, buf_cstr(&request));
		expect_status(answer, "200");
		expect_in(answer, "\r\nContent-Type: ");
		assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
	}
}

static void
test_lifecycle(void **state)
{
	struct fixture *f = *state;
	f->web.lifecycle = true;
	static const char *const rows[][3] = {
		{ "/-/reload", "200", "reloaded\n" },
		{ "/-/reload", "500", "x.conf:7: endpoints[0].modle: unknown key\n" },
		{ "/-/fallback?policy=standard&enabled=0", "200", "switched off" },
		{ "/-/fallback?policy=standard&enabled=1", "200", "switched on" },
		{ "/-/fallback?policy=standard&enabled=yes", "400", "enabled=0 or enabled=1" },
		{ "/-/fallback?policy=standard", "400", "enabled=0 or enabled=1" },
		{ "/-/fallback?enabled=0", "404", "no such fallback policy" },
		{ "/-/fallback?policy=nobody&enabled=0", "404", "no such fallback policy" },
		{ "/-/probe?endpoint=nobody", "404", "no such endpoint" },
		{ "/-/probe", "404", "no such endpoint" },
		{ "/-/probe?endpoint=off", "404", "no such endpoint" },
		{ "/-/probe?endpoint=vectors&probe=stream", "404", "no such probe" },
		{ "/-/probe?endpoint=chat&probe=stream", "202", "\"run_id\":\"chat-stream\"" },
		{ "/-/probe?endpoint=chat", "409", "under way" },
		{ "/-/revalidate", "404", "no such endpoint" },
		{ "/-/revalidate?endpoint=off", "404", "no such endpoint" },
		{ "/-/revalidate?endpoint=chat", "202", "as soon as they can" },
		{ "/-/revalidate?endpoint=vectors", "503", "stopping" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		auto_buf struct buf request = BUF_INIT(4096);
		buf_printf(&request, "POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
		    rows[i][0]);
		auto_free char *answer = ask(f, buf_cstr(&request));
		expect_status(answer, rows[i][1]);
		expect_in(answer, rows[i][2]);
	}
}

/* Watched documents, and what became of an endpoint after a change. */
static void
test_docs(void **state)
{
	struct fixture *f = *state;
	auto_free char *docs = get(f, "/api/v1/docs", "");
	expect_status(docs, "200");
	expect_in(docs, "\"name\":\"chat-page\",\"kind\":\"markdown\"");
	expect_in(docs, "\"last_result\":\"inconclusive\",\"problem\":\"HTTP status 503\"");
	expect_in(docs, "\"last_changes\":[\"contract\",\"moved\"],\"unconfirmed_sightings\":1,\"evidence_missing\":1");
	expect_in(docs, "\"effective_url\":\"https://docs.example.com/new/chat.md\"");
	expect_in(docs, "\"inconclusive_checks\":3,\"missing_phrases\":[\"a <b> phrase\"],\"endpoints\":[]");
	auto_free char *status = get(f, "/api/v1/status", "");
	expect_in(status, "\"docs\":[{\"name\":\"chat-page\"");
	auto_free char *chat = get(f, "/api/v1/endpoints/chat", "");
	expect_in(
	    chat, "\"revalidation\":\"failed\",\"revalidation_trigger\":\"doc_change\",\"revalidation_began\":\"2026-");
	auto_free char *vectors = get(f, "/api/v1/endpoints/vectors", "");
	assert_null(strstr(vectors, "revalidation"));
}

static void
test_endless_body(void **state)
{
	struct fixture *f = *state;
	auto_buf struct buf request = BUF_INIT(1 << 20);
	buf_text(&request, "POST /-/reload HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 500000\r\n\r\n");
	for (int i = 0; i < 500000; i++)
		buf_char(&request, 'x');
	auto_free char *answer = ask(f, buf_cstr(&request));
	assert_null(strstr(answer, " 200 "));
	assert_int_equal(f->reloads, 0);
}

static void
test_formats_on_the_wire(void **state)
{
	struct fixture *f = *state;
	auto_free char *text = get(f, "/metrics", "");
	expect_status(text, "200");
	expect_in(text, "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n");
	expect_in(text, "\r\nVary: Accept, Accept-Encoding\r\n");
	expect_in(text, "\ncometcanary_probes_total{endpoint=\"chat\",probe=\"sync\"} 0\n");
	auto_free char *om = get(f, "/metrics", PROMETHEUS_ACCEPT);
	expect_in(om,
	    "\r\nContent-Type: application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores\r\n");
	auto_free char *body = body_of(om);
	assert_true(str_ends(str_of(body), STR("\n# EOF\n")));
	auto_free char *old = ask(f, "GET /metrics HTTP/1.0\r\n\r\n");
	expect_in(old, "\nprocess_virtual_memory_bytes ");
	assert_null(strstr(old, "chunked"));
}

static void
test_gzip(void **state)
{
	struct fixture *f = *state;
	struct client c;
	client_start(&c, f, dial(f),
	    "GET /metrics HTTP/1.0\r\nAccept-Encoding: gzip\r\n" PROMETHEUS_ACCEPT "\r\n"); /* 1.0: not chunked */
	client_finish(&c);
	const char *head = buf_cstr(&c.answer);
	expect_in(head, "\r\nContent-Encoding: gzip\r\n");
	const char *body = strstr(head, "\r\n\r\n") + 4;
	static char page[1 << 20];
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)body,
		.avail_in = (unsigned)(c.answer.len - (size_t)(body - c.answer.at)),
		.next_out = (unsigned char *)page,
		.avail_out = sizeof(page) - 1 };
	assert_int_equal(inflateInit2(&z, MAX_WBITS + 16), Z_OK);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	page[z.total_out] = '\0';
	assert_int_equal(z.avail_in, 0);
	inflateEnd(&z);
	assert_true(str_ends(str_of(page), STR("\n# EOF\n")));
	expect_in(page, "\ncometcanary_probes_total{endpoint=\"chat\",probe=\"sync\"} 0\n");
	buf_done(&c.answer);
}

static void
test_status(void **state)
{
	struct fixture *f = *state;
	struct fixture_run run;
	fixture_run_init(&run, &f->config.endpoints[0], PROBE_STREAM, OUTCOME_STREAM_TRUNCATED);
	run.exchange.at.first_content.ns += 1;
	findings_add(&run.reply.findings, RULE_SSE_NON_JSON_DATA, SOURCE_DIALECT, STR("$.x"));
	latest_record(f->latest, &run.record);
	run.record.finished.us += 1000000;
	latest_record(f->latest, &run.record);
	auto_free char *answer = get(f, "/api/v1/status", "");
	expect_status(answer, "200");
	expect_in(answer, "\r\nContent-Type: application/json\r\n");
	auto_free char *body = body_of(answer);
	auto_json struct json root = JSON_NOTHING;
	assert_int_equal(json_parse(str_of(body), 16, &root), JSON_FINE);
	assert_int_equal(json_int(json_get(root, "version")), 1);
	struct json endpoints = json_get(root, "endpoints");
	assert_int_equal(json_count(endpoints), 3);
	struct json chat = json_at(endpoints, 0);
	assert_true(str_eq(json_str(json_get(chat, "name")), STR("chat")));
	assert_false(json_truth(json_get(json_at(endpoints, 2), "enabled")));
	struct json never = json_at(json_get(chat, "probes"), 0), stream = json_at(json_get(chat, "probes"), 1);
	assert_int_equal(json_get(never, "outcome").kind, JSON_ABSENT);
	assert_true(str_eq(json_str(json_get(stream, "outcome")), STR("stream_truncated")));
	assert_true(str_eq(json_str(json_get(stream, "since")), STR("2026-11-22T10:00:00.123Z")));
	assert_true(str_eq(json_str(json_get(stream, "last_run")), STR("2026-11-22T10:00:01.123Z")));
	assert_int_equal(json_get(stream, "last_success").kind, JSON_ABSENT);
	assert_int_equal(json_int(json_get(stream, "consecutive_failures")), 2);
	assert_int_equal(json_int(json_get(stream, "latency_ms")), 750);
	assert_int_equal(json_int(json_get(stream, "ttft_ms")), 420);
	assert_true(
	    str_eq(json_str(json_get(json_at(json_get(stream, "findings"), 0), "rule")), STR("sse-non-json-data")));
	auto_free char *one = get(f, "/api/v1/endpoints/chat", "");
	expect_in(one, "{\"version\":1,\"endpoint\":{\"name\":\"chat\",");
	auto_free char *none = get(f, "/api/v1/endpoints/nobody", "");
	expect_status(none, "404");
}

static void
test_contracts(void **state)
{
	struct fixture *f = *state;
	struct fixture_run run;
	struct acknowledgement acks[] = { { .rule = RULE_MODEL_MISMATCH, .until_days = get_today_days(f) } };
	f->config.contract.acknowledgements = acks;
	f->config.contract.acknowledgement_count = ARRAY_LEN(acks);
	fixture_run_init(&run, &f->config.endpoints[0], PROBE_SYNC, OUTCOME_CONTRACT_VIOLATION);
	run.reply.success_body = true;
	findings_add(&run.reply.findings, RULE_ID_MISSING, SOURCE_DIALECT, STR("$.id"));
	findings_add(&run.reply.findings, RULE_MODEL_MISMATCH, SOURCE_CONTRACT, STR("$.model"));
	findings_add(&run.reply.findings, RULE_FIELD_ADDED, SOURCE_BASELINE, STR("$.\"<x>\""));
	ledger_record(&f->ledger, &run.record);
	run.reply.findings.count = 2;
	ledger_record(&f->ledger, &run.record);
	auto_free char *answer = get(f, "/api/v1/contracts", "");
	expect_status(answer, "200");
	auto_free char *body = body_of(answer);
	auto_json struct json root = JSON_NOTHING;
	assert_int_equal(json_parse(str_of(body), 16, &root), JSON_FINE);
	assert_int_equal(json_int(json_get(root, "version")), 1);
	struct json chat = json_at(json_get(root, "contracts"), 0);
	assert_true(str_eq(json_str(json_get(chat, "endpoint")), STR("chat")));
	assert_true(str_eq(json_str(json_get(chat, "contract")), STR("chat-ledger")));
	assert_int_equal(json_int(json_get(json_get(chat, "drift"), "breaking")), 1);
	assert_int_equal(json_int(json_get(json_get(chat, "drift"), "warning")), 0); /* acknowledged */
	struct json path = json_at(json_get(chat, "areas"), AREA_PATH);
	assert_true(str_eq(json_str(json_get(path, "evidence")), STR("documented")));
	assert_true(str_eq(json_str(json_get(path, "accessed")), STR("2026-11-22")));
	assert_true(str_eq(json_str(json_get(path, "verified_by")), STR("sync")));
	struct json response = json_at(json_get(chat, "areas"), AREA_RESPONSE);
	assert_int_equal(json_count(json_get(response, "findings")), 2); /* the third was seen once */
	assert_int_equal(json_get(response, "verified").kind, JSON_ABSENT);

	auto_free char *one = get(f, "/api/v1/endpoints/chat", "");
	auto_free char *one_body = body_of(one);
	auto_json struct json endpoint = JSON_NOTHING;
	assert_int_equal(json_parse(str_of(one_body), 16, &endpoint), JSON_FINE);
	struct json findings = json_get(endpoint, "findings");
	assert_int_equal(json_count(findings), 3);
	assert_true(json_truth(json_get(json_at(findings, 0), "active")));
	assert_false(json_truth(json_get(json_at(findings, 0), "acknowledged")));
	assert_true(json_truth(json_get(json_at(findings, 1), "acknowledged")));
	assert_false(json_truth(json_get(json_at(findings, 2), "active")));
	assert_int_equal(json_get(json_at(findings, 2), "since").kind, JSON_ABSENT);
	assert_true(str_eq(json_str(json_get(json_at(findings, 0), "since")), STR("2026-11-22T10:00:00.123Z")));
}

static void
test_root(void **state)
{
	struct fixture *f = *state;
	fixture_record(f->metrics, &f->config.endpoints[0], PROBE_SYNC, OUTCOME_OK);
	auto_free char *answer = get(f, "/", "");
	expect_status(answer, "200");
	expect_in(answer, "\r\nContent-Type: text/html; charset=utf-8\r\n");
	expect_in(answer, "\r\nContent-Security-Policy: default-src 'none'");
	expect_in(answer, "0.1.0&lt;b&gt;");
	expect_in(answer, "<a href=\"/metrics\">");
	expect_in(answer, "<td>vectors</td>");
	assert_null(strstr(answer, "<script"));
}

/* ---- clients that misbehave ---- */

static void
make_many(struct fixture *f, struct endpoint *endpoints, char (*names)[16])
{
	for (size_t i = 0; i < MANY_ENDPOINTS; i++) {
		snprintf(names[i], sizeof(names[i]), "chat-%04zu", i);
		endpoints[i] = f->config.endpoints[0];
		endpoints[i].name = names[i];
		endpoints[i].index = i;
	}
	f->config.config.endpoints = endpoints;
	f->config.config.endpoint_count = MANY_ENDPOINTS;
	metrics_configure(f->metrics, &f->config.config, FIXTURE_NOW);
	latest_configure(f->latest, &f->config.config);
}

/* A client that asks and does not read holds up nobody; runs end meanwhile; its page is still one moment. */
static void
test_slow_reader(void **state)
{
	struct fixture *f = *state;
	static struct endpoint endpoints[MANY_ENDPOINTS];
	static char names[MANY_ENDPOINTS][16];
	make_many(f, endpoints, names);
	fixture_record(f->metrics, &endpoints[MANY_ENDPOINTS - 1], PROBE_SYNC, OUTCOME_TLS_ERROR);
	fixture_record(f->metrics, &endpoints[MANY_ENDPOINTS - 1], PROBE_SYNC, OUTCOME_OK);
	int slow = dial(f);
	const char request[] = "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" PROMETHEUS_ACCEPT "\r\n";
	assert_int_equal(send(slow, request, strlen(request), MSG_NOSIGNAL), strlen(request));
	auto_free char *other = get(f, "/-/healthy", "");
	expect_status(other, "200");
	for (int i = 0; i < 5; i++)
		fixture_record(f->metrics, &endpoints[MANY_ENDPOINTS - 1], PROBE_SYNC, OUTCOME_NOT_JSON);
	auto_free char *after = get(f, "/metrics", "");
	auto_free char *after_page = body_of(after);
	struct client c;
	client_start(&c, f, slow, "");
	client_finish(&c);
	auto_free char *page = body_of(buf_cstr(&c.answer));
	buf_done(&c.answer);
	assert_true(str_ends(str_of(page), STR("\n# EOF\n")));
	const char *probes = "cometcanary_probes_total{endpoint=\"chat-0299\",probe=\"sync\"";
	const char *failures = "cometcanary_probe_failures_total{endpoint=\"chat-0299\",probe=\"sync\"";
	const char *ok = "cometcanary_probe_outcomes_total{endpoint=\"chat-0299\",probe=\"sync\",outcome=\"ok\"";
	assert_int_equal((int)fixture_sum(page, probes), 2);
	assert_int_equal((int)(fixture_sum(page, failures) + fixture_sum(page, ok)), 2);
	assert_int_equal((int)fixture_sum(after_page, probes), 7);
	assert_int_equal((int)(fixture_sum(after_page, failures) + fixture_sum(after_page, ok)), 7);
}

static void
test_a_head_in_single_bytes(void **state)
{
	struct fixture *f = *state;
	struct client c;
	client_start_slowly(&c, f, dial(f), "GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 1);
	client_finish(&c);
	expect_status(buf_cstr(&c.answer), "200");
	buf_done(&c.answer);
}

static void
test_a_head_too_long(void **state)
{
	struct fixture *f = *state;
	auto_buf struct buf request = BUF_INIT(1 << 20);
	buf_text(&request, "GET /-/healthy HTTP/1.1\r\nHost: x\r\nX: ");
	for (int i = 0; i < 200000; i++)
		buf_char(&request, 'x');
	buf_text(&request, "\r\nConnection: close\r\n\r\n");
	auto_free char *answer = ask(f, buf_cstr(&request));
	assert_null(strstr(answer, " 200 "));
}

/* More idle clients than the house holds: the one that asks is served all the same, at once. */
static void
test_many_idle_connections(void **state)
{
	struct fixture *f = *state;
	int idle[MAX_CONNECTIONS * 3];
	for (size_t i = 0; i < ARRAY_LEN(idle); i++)
		idle[i] = dial(f);
	struct mono begin = clock_mono();
	auto_free char *answer = get(f, "/-/healthy", "");
	expect_status(answer, "200");
	assert_in_range(mono_diff_ns(clock_mono(), begin), 0, 5 * NS_PER_SEC); /* before they time out */
	for (size_t i = 0; i < ARRAY_LEN(idle); i++)
		close(idle[i]);
}

static void
test_too_many_long_pages(void **state)
{
	struct fixture *f = *state;
	static struct endpoint endpoints[MANY_ENDPOINTS];
	static char names[MANY_ENDPOINTS][16];
	f->web.max_connections = 64;
	make_many(f, endpoints, names);
	int slow[8];
	const char request[] = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
	for (size_t i = 0; i < ARRAY_LEN(slow); i++) {
		slow[i] = dial(f);
		assert_int_equal(send(slow[i], request, strlen(request), MSG_NOSIGNAL), strlen(request));
	}
	auto_free char *first = get(f, "/-/healthy", ""); /* the server takes them all in */
	expect_status(first, "200");
	auto_free char *answer = get(f, "/metrics", "");
	expect_status(answer, "503");
	expect_in(answer, "\r\nRetry-After: 1\r\n");
	for (size_t i = 0; i < ARRAY_LEN(slow); i++)
		close(slow[i]);
}

/* No descriptors for a while: the loop neither spins nor gives up. */
static void
test_no_file_descriptors(void **state)
{
	struct fixture *f = *state;
	struct rlimit before, tight;
	int fd = dial(f);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	tight = before;
	tight.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	struct client c;
	struct loop_timer timer = { 0 };
	struct mono begin = clock_mono();
	struct rusage used, used_before;
	getrusage(RUSAGE_SELF, &used_before);
	loop_timer_set(f->loop, &timer, mono_add_ns(begin, 250 * NS_PER_MS), on_done, f->loop);
	loop_run(f->loop);
	getrusage(RUSAGE_SELF, &used);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	int64_t cpu_us = (used.ru_utime.tv_sec - used_before.ru_utime.tv_sec) * US_PER_SEC + used.ru_utime.tv_usec -
	    used_before.ru_utime.tv_usec;
	assert_in_range(cpu_us, 0, 100000);
	client_start(&c, f, fd, "GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	client_finish(&c);
	expect_status(buf_cstr(&c.answer), "200");
	buf_done(&c.answer);
}

/* ---- addresses ---- */

static void
test_addresses_change(void **state)
{
	struct fixture *f = *state;
	int port = f->port;
	char unix_address[80], path[64];
	snprintf(path, sizeof(path), "test_httpd.%d.sock", (int)getpid());
	snprintf(unix_address, sizeof(unix_address), "unix:%s", path);
	int kept = dial(f);
	f->listen[1] = unix_address;
	f->web.listen_count = 2;
	configure(f);
	assert_int_equal(f->port, port); /* the first one stayed */
	assert_int_equal(httpd_address_count(f->httpd), 2);
	assert_string_equal(httpd_address(f->httpd, 1), unix_address);
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	struct client c;
	client_start(&c, f, fd, "GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	client_finish(&c);
	expect_status(buf_cstr(&c.answer), "200");
	buf_done(&c.answer);

	const char *broken[] = { "127.0.0.1:0", "256.0.0.1:x" };
	struct web_config bad = f->web;
	bad.listen = broken;
	auto_buf struct buf error = BUF_INIT(1024);
	assert_true(httpd_configure(f->httpd, &bad, &error) < 0);
	expect_in(buf_cstr(&error), "256.0.0.1:x");
	assert_int_equal(httpd_address_count(f->httpd), 2);

	f->web.listen_count = 1;
	configure(f);
	assert_int_equal(access(path, F_OK), -1); /* the socket file is gone with its listener */
	client_start(&c, f, kept, "GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	client_finish(&c);
	expect_status(buf_cstr(&c.answer), "200");
	buf_done(&c.answer);
}

static void
test_dual_stack_and_port_taken(void **state)
{
	struct fixture *f = *state;
	const char *both[] = { ":0" };
	f->web.listen = both;
	configure(f);
	auto_free char *answer = get(f, "/-/ready", "");
	expect_status(answer, "200");
	char taken[32];
	snprintf(taken, sizeof(taken), "127.0.0.1:%d", f->port);
	const char *list[] = { taken };
	struct web_config bad = f->web;
	bad.listen = list;
	auto_buf struct buf error = BUF_INIT(1024);
	assert_int_equal(httpd_configure(f->httpd, &bad, &error), -EADDRINUSE);
	expect_in(buf_cstr(&error), "Address already in use");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_short_pages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_methods, setup, teardown),
		cmocka_unit_test_setup_teardown(test_head, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lifecycle, setup, teardown),
		cmocka_unit_test_setup_teardown(test_docs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_endless_body, setup, teardown),
		cmocka_unit_test_setup_teardown(test_formats_on_the_wire, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gzip, setup, teardown),
		cmocka_unit_test_setup_teardown(test_status, setup, teardown),
		cmocka_unit_test_setup_teardown(test_contracts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_root, setup, teardown),
		cmocka_unit_test_setup_teardown(test_slow_reader, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_head_in_single_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_head_too_long, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_idle_connections, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_many_long_pages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_file_descriptors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_addresses_change, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dual_stack_and_port_taken, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
