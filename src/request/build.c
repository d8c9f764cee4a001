/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "request/build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/escape.h"
#include "base/secret.h"
#include "base/xalloc.h"

enum { TEXT_BYTES_MAX = 64 * 1024 };

/* What the negative probes send in place of the real thing: plainly synthetic, and never an id of anything. */
static const char fake_key[] = "cometcanary-invalid-key";
static const char fake_model[] = "cometcanary-no-such-model";
static const char fake_path[] = "-cometcanary-no-such-path";

void
request_ask(const struct endpoint *endpoint, enum probe_kind probe, struct asked *ret_asked)
{
	*ret_asked = (struct asked){
		.dialect = endpoint->dialect,
		.probe = probe,
		.stream = probe == PROBE_STREAM || probe == PROBE_STREAM_ABORT,
		.model = probe == PROBE_INVALID_MODEL ? str_of(fake_model) : str_of(endpoint->model),
		.max_tokens =
		    endpoint->request.token_field && !endpoint->request.uncapped ? endpoint->request.max_tokens : 0,
		.base64 = endpoint->request.base64,
		.dimensions = endpoint->request.dimensions,
		.image_form = endpoint->request.image_form,
		.caps = endpoint->caps,
		.expect = &endpoint->expect,
		.contract = endpoint->contract,
	};
}

/* The family's path for streams, where it has one of its own. */
static struct str
path_of(const struct endpoint *endpoint, bool stream, struct str *ret_tail)
{
	struct str path = str_of(endpoint->path);
	const char *const *ends = endpoint->dialect->stream_path;
	*ret_tail = STR("");
	if (!stream || !ends[0] || !str_ends(path, str_of(ends[0])))
		return path;
	*ret_tail = str_of(ends[1]);
	return str_span(path.at, path.len - strlen(ends[0]));
}

/* {model} stands for the model's id, percent-encoded. */
static void
write_path(struct buf *url, const struct endpoint *endpoint, const struct asked *asked)
{
	static const struct str mark = { "{model}", 7 };
	struct str tail, path = path_of(endpoint, asked->stream, &tail);
	size_t at = 0;
	while (at < path.len && !str_starts(str_span(path.at + at, path.len - at), mark))
		at++;
	buf_add(url, path.at, at);
	if (at < path.len) {
		escape_url(url, asked->model);
		buf_add(url, path.at + at + mark.len, path.len - at - mark.len);
	}
	if (asked->probe == PROBE_WRONG_PATH)
		buf_text(url, fake_path);
	buf_str(url, tail);
}

static const char *
make_url(struct arena *arena, const struct endpoint *endpoint, const struct asked *asked)
{
	auto_buf struct buf url = BUF_INIT(TEXT_BYTES_MAX);
	buf_text(&url, endpoint->provider->base_url);
	write_path(&url, endpoint, asked);
	return arena_dup(arena, buf_view(&url));
}

/* The dialect's members with the operator's extra ones over them; the probes that break the body break it here. */
static struct str
make_body(struct arena *arena, const struct endpoint *endpoint, const struct asked *asked)
{
	auto_buf struct buf body = BUF_INIT(TEXT_BYTES_MAX);
	auto_buf struct buf merged = BUF_INIT(TEXT_BYTES_MAX);
	const struct dialect *dialect = endpoint->dialect;
	const char *extra = endpoint->request.extra;
	struct jsonw w;
	if (!dialect->write_members)
		return STR_NONE;
	jsonw_init(&w, &body);
	jsonw_open_object(&w, NULL);
	dialect->write_members(&w, endpoint, asked);
	jsonw_close_object(&w);
	const char *dropped = asked->probe == PROBE_MISSING_FIELD ? dialect->required_key : NULL;
	bool rewrite = extra || dropped;
	if (rewrite && !json_merge(buf_view(&body), extra ? str_of(extra) : STR("{}"), dropped, &merged))
		return STR_NONE;
	struct str text = buf_view(rewrite ? &merged : &body);
	if (asked->probe == PROBE_MALFORMED_JSON) /* cut: no JSON to any parser */
		text.len -= text.len / 3;
	return arena_str(arena, text);
}

static void
add_header(struct request *request, struct arena *arena, const char *name, struct str value)
{
	char *line = arena_alloc(arena, strlen(name) + 2 + value.len + 1);
	if (!line || request->header_count == REQUEST_HEADERS_MAX)
		return;
	size_t len = strlen(name);
	memcpy(line, name, len);
	memcpy(line + len, ": ", 2);
	if (value.len > 0)
		memcpy(line + len + 2, value.at, value.len);
	request->headers[request->header_count++] = line;
}

/* The family's own headers, where the operator has not set them. */
static void
add_family_headers(struct request *request, const char *const *headers)
{
	size_t given = request->header_count;
	for (; headers && *headers; headers++) {
		struct str name = str_span(*headers, strcspn(*headers, ":") + 1);
		bool set = false;
		for (size_t i = 0; i < given; i++)
			set = set ||
			    str_eq_nocase(str_span(request->headers[i], strcspn(request->headers[i], ":") + 1), name);
		if (!set && request->header_count < REQUEST_HEADERS_MAX)
			request->headers[request->header_count++] = *headers;
	}
}

/* On the heap, because an arena does not wipe. */
static char *
make_secret_header(const struct endpoint *endpoint, enum probe_kind probe)
{
	const struct provider *provider = endpoint->provider;
	if (!provider->auth.header || probe == PROBE_MISSING_AUTH)
		return NULL;
	struct str key = STR(""); /* what sends nothing has read no secret */
	if (probe == PROBE_INVALID_AUTH)
		key = str_of(fake_key);
	else if (endpoint_secret(endpoint))
		key = secret_bytes(endpoint_secret(endpoint));
	const char *parts[] = { provider->auth.header, ": ", provider->auth.scheme,
		provider->auth.scheme[0] ? " " : "" };
	size_t len = 0;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		len += strlen(parts[i]);
	char *line = xmalloc(len + key.len + 1), *to = line;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		to = stpcpy(to, parts[i]);
	memcpy(to, key.at, key.len);
	to[key.len] = '\0';
	return line;
}

static int64_t
at_most(int64_t ns, int64_t limit_ns)
{
	return ns < limit_ns ? ns : limit_ns;
}

static struct deadlines
deadlines_of(const struct endpoint *endpoint, enum probe_kind probe)
{
	struct deadlines all = endpoint->deadlines;
	if (probe != PROBE_TIMEOUT)
		return all;
	int64_t low_ns = endpoint->negative_timeout_ns;
	return (struct deadlines){
		.connect_ns = at_most(all.connect_ns, low_ns),
		.first_byte_ns = at_most(all.first_byte_ns, low_ns),
		.first_token_ns = at_most(all.first_token_ns, low_ns),
		.idle_ns = at_most(all.idle_ns, low_ns),
		.total_ns = at_most(all.total_ns, low_ns),
	};
}

int
request_build(const struct endpoint *endpoint, const struct asked *asked, struct str request_id, struct arena *arena,
    struct request *ret_request)
{
	const struct provider *provider = endpoint->provider;
	*ret_request = (struct request){
		.method = endpoint->dialect->method,
		.url = make_url(arena, endpoint, asked),
		.body = make_body(arena, endpoint, asked),
		.stream = asked->stream,
		.fresh = endpoint->connection == CONNECTION_FRESH,
		.provider = provider,
		.deadlines = deadlines_of(endpoint, asked->probe),
		.caps = endpoint->caps,
	};
	struct request *request = ret_request;
	if (request->method == HTTP_POST)
		add_header(request, arena, "Content-Type", STR("application/json"));
	add_header(request, arena, "Accept", asked->stream ? STR("text/event-stream") : STR("application/json"));
	add_header(request, arena, "User-Agent", STR(PACKAGE_NAME "/" PACKAGE_VERSION));
	if (provider->request_id_header && provider->request_id_header[0])
		add_header(request, arena, provider->request_id_header, request_id);
	for (size_t i = 0; i < provider->header_count; i++)
		add_header(request, arena, provider->headers[i].name, str_of(provider->headers[i].value));
	add_family_headers(request, endpoint->dialect->headers);
	bool body_missing = request->method == HTTP_POST && !request->body.at;
	if (arena->exhausted || body_missing)
		return -ENOMEM;
	request->secret_header = make_secret_header(endpoint, asked->probe);
	return 0;
}

void
request_done(struct request *request)
{
	if (request->secret_header)
		explicit_bzero(request->secret_header, strlen(request->secret_header));
	free(request->secret_header);
	request->secret_header = NULL;
}

void
request_print(struct buf *out, const struct request *request)
{
	const char *host = strstr(request->url, "://");
	host = host ? host + 3 : request->url;
	size_t host_len = strcspn(host, "/?");
	const char *path = host[host_len] ? host + host_len : "/";
	buf_printf(out, "%s %s HTTP/1.1\r\nHost: %.*s\r\n", request->method == HTTP_POST ? "POST" : "GET", path,
	    (int)host_len, host);
	buf_printf(out, "Accept-Encoding: %s\r\n", request->stream ? "identity" : "deflate, gzip, br, zstd");
	for (size_t i = 0; i < request->header_count; i++)
		buf_printf(out, "%s\r\n", request->headers[i]);
	if (request->secret_header) {
		size_t name_len = strcspn(request->secret_header, ":");
		buf_printf(out, "%.*s: <secret>\r\n", (int)name_len, request->secret_header);
	}
	if (request->method == HTTP_POST)
		buf_printf(out, "Content-Length: %zu\r\n", request->body.len);
	buf_text(out, "\r\n");
	buf_str(out, request->body);
}
