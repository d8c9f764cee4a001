/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "export/httpd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <microhttpd.h>

#include "base/loop.h"
#include "base/xalloc.h"
#include "export/gzip.h"
#include "export/listen.h"
#include "export/negotiate.h"
#include "export/page.h"

enum {
	IDLE_SECONDS_MAX = 10, /* of a connection on which nothing moves */
	STREAM_SECONDS_MAX = 60, /* of one long page, however slowly its reader sips */
	STREAMS_MAX = 8, /* long pages at a time; more get 503 */
	CONNECTION_BYTES = 32 * 1024, /* request head and output of one connection */
	UPLOAD_BYTES_MAX = 64 * 1024, /* no page wants a body; a small one is read and forgotten */
	REPLY_BYTES_MAX = 1024 * 1024,
	SLICE_BYTES = 32 * 1024, /* of a long page, between two turns of the loop */
	SLICE_CAP_BYTES = 1024 * 1024, /* a slice ends with a whole item, which may be long */
	ACCEPTS_PER_TURN = 16,
	PAUSE_MS = 100, /* without file descriptors */
	MHD_CONNECTIONS_MAX = 65535, /* the limit that counts is ours */
};

struct listener {
	struct httpd *httpd;
	char *address; /* as configured */
	char *described; /* with its real port */
	int fd;
	struct loop_watch *watch; /* NULL while paused */
};

/* One client. In the list by last use, the longest unused first. */
struct client {
	struct httpd *httpd;
	struct client *before, *after;
	int fd;
	bool busy; /* a request is being read or answered */
	bool evicted;
	size_t upload_bytes;
};

struct httpd {
	struct loop *loop;
	const struct export_view *view;
	const struct web_config *web; /* NULL before the first httpd_configure() */
	struct MHD_Daemon *mhd;
	struct loop_watch *watch;
	struct loop_timer timeout, resume;
	struct loop_defer turn;
	struct listener **listeners;
	size_t listener_count;
	struct client clients; /* the list's ring */
	size_t client_count;
	size_t stream_count;
};

/* A long page on its way. */
struct body {
	struct httpd *httpd;
	struct page_stream stream;
	struct gzip *gzip; /* NULL = plain */
	struct buf plain, packed;
	size_t sent; /* of what is to be sent now */
	bool ended;
	struct mono deadline;
};

/* ---- clients and the door ---- */

static void
client_unlink(struct client *client)
{
	client->before->after = client->after;
	client->after->before = client->before;
}

static void
client_link_last(struct client *client)
{
	struct client *ring = &client->httpd->clients;
	client->before = ring->before;
	client->after = ring;
	ring->before->after = client;
	ring->before = client;
}

static void on_listen(void *arg, int fd, unsigned events);

static void
pause_doors(struct httpd *httpd)
{
	for (size_t i = 0; i < httpd->listener_count; i++) {
		loop_watch_free(httpd->listeners[i]->watch);
		httpd->listeners[i]->watch = NULL;
	}
}

static void
resume_doors(void *arg)
{
	struct httpd *httpd = arg;
	for (size_t i = 0; i < httpd->listener_count; i++) {
		struct listener *listener = httpd->listeners[i];
		if (!listener->watch)
			listener->watch = loop_watch_new(httpd->loop, listener->fd, LOOP_READ, on_listen, listener);
		if (!listener->watch) {
			struct mono later = mono_add_ns(loop_now(httpd->loop), PAUSE_MS * NS_PER_MS);
			loop_timer_set(httpd->loop, &httpd->resume, later, resume_doors, httpd);
		}
	}
}

/* Full: the client that was idle longest makes room for the one at the door. */
static void
evict_idle(struct httpd *httpd)
{
	for (struct client *client = httpd->clients.after; client != &httpd->clients; client = client->after) {
		if (client->evicted)
			return; /* on its way out */
		if (!client->busy) {
			client->evicted = true;
			shutdown(client->fd, SHUT_RDWR);
			return;
		}
	}
}

static void
run_mhd(void *arg)
{
	struct httpd *httpd = arg;
	unsigned MHD_LONG_LONG wait_ms;
	MHD_run(httpd->mhd);
	if (MHD_get_timeout(httpd->mhd, &wait_ms) != MHD_YES) {
		loop_timer_cancel(httpd->loop, &httpd->timeout);
		return;
	}
	if (wait_ms == 0) { /* more to do: after the others had their turn */
		loop_defer(httpd->loop, &httpd->turn, run_mhd, httpd);
		return;
	}
	struct mono due = mono_add_ns(loop_now(httpd->loop), (int64_t)wait_ms * NS_PER_MS);
	loop_timer_set(httpd->loop, &httpd->timeout, due, run_mhd, httpd);
}

static void
on_mhd(void *arg, int fd, unsigned events)
{
	(void)fd;
	(void)events;
	run_mhd(arg);
}

static bool
is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* False when nobody is left at the door, or nobody can be let in. */
static bool
accept_one(struct httpd *httpd, int door)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof(sa);
	if (httpd->client_count >= httpd->web->max_connections) {
		evict_idle(httpd);
		pause_doors(httpd); /* until a client leaves */
		return false;
	}
	int fd = accept4(door, (struct sockaddr *)&sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0 && is_shortage(errno)) {
		pause_doors(httpd);
		struct mono later = mono_add_ns(loop_now(httpd->loop), PAUSE_MS * NS_PER_MS);
		loop_timer_set(httpd->loop, &httpd->resume, later, resume_doors, httpd);
	}
	if (fd < 0)
		return errno == ECONNABORTED || errno == EINTR;
	MHD_add_connection(httpd->mhd, fd, (const struct sockaddr *)&sa, len); /* closes fd when it fails */
	loop_defer(httpd->loop, &httpd->turn, run_mhd, httpd);
	return true;
}

static void
on_listen(void *arg, int fd, unsigned events)
{
	struct listener *listener = arg;
	struct httpd *httpd = listener->httpd;
	(void)events;
	for (int i = 0; i < ACCEPTS_PER_TURN && accept_one(httpd, fd); i++) {
	}
}

static void
on_connection(void *arg, struct MHD_Connection *connection, void **context, enum MHD_ConnectionNotificationCode code)
{
	struct httpd *httpd = arg;
	struct client *client = *context;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		client = xcalloc(1, sizeof(*client));
		client->httpd = httpd;
		client->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
		client_link_last(client);
		httpd->client_count++;
		*context = client;
		return;
	}
	client_unlink(client);
	free(client);
	*context = NULL;
	httpd->client_count--;
	resume_doors(httpd);
}

static struct client *
client_of(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void
on_completed(void *arg, struct MHD_Connection *connection, void **request_context, enum MHD_RequestTerminationCode how)
{
	struct client *client = client_of(connection);
	(void)arg;
	(void)request_context;
	(void)how;
	client->busy = false;
	client->upload_bytes = 0;
	client_unlink(client);
	client_link_last(client);
}

/* ---- long pages ---- */

static void
body_free(void *arg)
{
	struct body *body = arg;
	body->stream.free(body->stream.state);
	gzip_free(body->gzip);
	buf_done(&body->plain);
	buf_done(&body->packed);
	body->httpd->stream_count--;
	free(body);
}

static struct buf *
body_output(struct body *body)
{
	return body->gzip ? &body->packed : &body->plain;
}

/* False when the page cannot be finished honestly. */
static bool
body_fill(struct body *body)
{
	buf_reset(&body->plain);
	buf_reset(&body->packed);
	body->sent = 0;
	enum page_more more = body->stream.next(body->stream.state, &body->plain, SLICE_BYTES);
	body->ended = more != PAGE_MORE;
	if (more == PAGE_BROKEN || body->plain.overflow)
		return false;
	return !body->gzip || gzip_add(body->gzip, buf_view(&body->plain), body->ended, &body->packed);
}

static ssize_t
body_read(void *arg, uint64_t position, char *to, size_t room)
{
	struct body *body = arg;
	struct buf *out = body_output(body);
	(void)position;
	if (mono_before(body->deadline, loop_now(body->httpd->loop)))
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (body->sent == out->len && body->ended)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (body->sent == out->len && !body_fill(body))
		return MHD_CONTENT_READER_END_WITH_ERROR;
	size_t len = out->len - body->sent;
	if (len > room)
		len = room;
	if (len == 0)
		return MHD_CONTENT_READER_END_OF_STREAM;
	memcpy(to, out->at + body->sent, len);
	body->sent += len;
	return (ssize_t)len;
}

static struct MHD_Response *
stream_response(struct httpd *httpd, const struct page_reply *reply, bool gzip)
{
	struct body *body = xcalloc(1, sizeof(*body));
	body->httpd = httpd;
	body->stream = reply->stream;
	body->gzip = gzip ? gzip_new() : NULL;
	body->plain = BUF_INIT(SLICE_CAP_BYTES);
	body->packed = BUF_INIT(SLICE_CAP_BYTES);
	body->deadline = mono_add_ns(loop_now(httpd->loop), STREAM_SECONDS_MAX * NS_PER_SEC);
	httpd->stream_count++;
	struct MHD_Response *response =
	    MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, SLICE_BYTES, body_read, body, body_free);
	if (!response)
		body_free(body);
	return response;
}

/* ---- requests ---- */

static struct MHD_Response *
buffer_response(struct page_reply *reply)
{
	struct MHD_Response *response = reply->body.len
	    ? MHD_create_response_from_buffer(reply->body.len, reply->body.at, MHD_RESPMEM_MUST_FREE)
	    : MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	if (response && reply->body.len)
		reply->body.at = NULL; /* now the response's */
	return response;
}

static void
add_headers(struct MHD_Response *response, const struct page_reply *reply, bool gzip)
{
	static const char policy[] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->content_type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_SECURITY_POLICY, policy);
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	if (reply->stream.next)
		MHD_add_response_header(
		    response, MHD_HTTP_HEADER_VARY, reply->varies ? "Accept, Accept-Encoding" : "Accept-Encoding");
	if (gzip)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
	if (reply->allow)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, reply->allow);
	if (reply->status == MHD_HTTP_SERVICE_UNAVAILABLE)
		MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "1");
}

static enum MHD_Result
send_reply(struct httpd *httpd, const struct page_request *request, struct page_reply *reply)
{
	if (reply->stream.next && httpd->stream_count >= STREAMS_MAX) {
		reply->stream.free(reply->stream.state);
		reply->stream = (struct page_stream){ 0 };
		page_reply_text(reply, MHD_HTTP_SERVICE_UNAVAILABLE, "too many pages at a time");
	}
	bool gzip = reply->stream.next && negotiate_gzip(request->accept_encoding);
	struct MHD_Response *response =
	    reply->stream.next ? stream_response(httpd, reply, gzip) : buffer_response(reply);
	enum MHD_Result result = MHD_NO;
	if (response) {
		add_headers(response, reply, gzip);
		/* libmicrohttpd 0.9.75 ends even the answer to a HEAD with an empty chunk, if it has chunks. */
		if (reply->stream.next && request->method == PAGE_HEAD)
			MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
		result = MHD_queue_response(request->connection, reply->status, response);
		MHD_destroy_response(response);
	}
	free(reply->body.at);
	return result;
}

static struct str
query_value(const struct page_request *request, const char *key)
{
	return str_of(MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, key));
}

static struct str
header_value(struct MHD_Connection *connection, const char *name)
{
	return str_of(MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name));
}

static enum page_method
parse_method(const char *method)
{
	static const struct {
		const char *name;
		enum page_method method;
	} rows[] = {
		{ MHD_HTTP_METHOD_GET, PAGE_GET },
		{ MHD_HTTP_METHOD_HEAD, PAGE_HEAD },
		{ MHD_HTTP_METHOD_POST, PAGE_POST },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(method, rows[i].name) == 0)
			return rows[i].method;
	return PAGE_OTHER;
}

static enum MHD_Result
answer(struct httpd *httpd, struct MHD_Connection *connection, const char *url, const char *method)
{
	const struct page_request request = {
		.view = httpd->view,
		.web = httpd->web,
		.now = loop_wall(httpd->loop),
		.method = parse_method(method),
		.accept = header_value(connection, MHD_HTTP_HEADER_ACCEPT),
		.accept_encoding = header_value(connection, MHD_HTTP_HEADER_ACCEPT_ENCODING),
		.query = query_value,
		.connection = connection,
	};
	struct page_reply reply = { .body = BUF_INIT(REPLY_BYTES_MAX) };
	page_answer(&request, str_of(url), &reply);
	return send_reply(httpd, &request, &reply);
}

/* First call: the head is there. Then once for each piece of a body, then once more. */
static enum MHD_Result
on_request(void *arg, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
    const char *upload, size_t *upload_bytes, void **request_context)
{
	struct httpd *httpd = arg;
	struct client *client = client_of(connection);
	(void)version;
	(void)upload;
	if (!*request_context) {
		*request_context = client;
		client->busy = true;
		return MHD_YES;
	}
	if (*upload_bytes > 0) {
		client->upload_bytes += *upload_bytes;
		*upload_bytes = 0;
		return client->upload_bytes <= UPLOAD_BYTES_MAX ? MHD_YES : MHD_NO;
	}
	return answer(httpd, connection, url, method);
}

/* ---- the server ---- */

static struct MHD_Daemon *
start_mhd(struct httpd *httpd)
{
	const struct MHD_OptionItem options[] = {
		{ MHD_OPTION_CONNECTION_LIMIT, MHD_CONNECTIONS_MAX, NULL },
		{ MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS_MAX, NULL },
		{ MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES, NULL },
		{ MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, NULL },
		{ MHD_OPTION_END, 0, NULL },
	};
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL, on_request, httpd,
	    MHD_OPTION_ARRAY, options, MHD_OPTION_NOTIFY_CONNECTION, on_connection, httpd, MHD_OPTION_NOTIFY_COMPLETED,
	    on_completed, httpd, MHD_OPTION_END);
}

struct httpd *
httpd_new(struct loop *loop, const struct export_view *view)
{
	struct httpd *httpd = xcalloc(1, sizeof(*httpd));
	httpd->loop = loop;
	httpd->view = view;
	httpd->clients.before = httpd->clients.after = &httpd->clients;
	httpd->mhd = start_mhd(httpd);
	if (httpd->mhd) {
		int fd = MHD_get_daemon_info(httpd->mhd, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
		httpd->watch = loop_watch_new(loop, fd, LOOP_READ, on_mhd, httpd);
	}
	if (httpd->watch)
		return httpd;
	int error = errno;
	httpd_free(httpd);
	errno = error;
	return NULL;
}

static void
listener_free(struct listener *listener)
{
	if (!listener)
		return;
	loop_watch_free(listener->watch);
	listen_close(listener->fd, listener->address);
	free(listener->address);
	free(listener->described);
	free(listener);
}

void
httpd_free(struct httpd *httpd)
{
	if (!httpd)
		return;
	for (size_t i = 0; i < httpd->listener_count; i++)
		listener_free(httpd->listeners[i]);
	free(httpd->listeners);
	httpd->listeners = NULL;
	httpd->listener_count = 0;
	loop_watch_free(httpd->watch);
	if (httpd->mhd)
		MHD_stop_daemon(httpd->mhd);
	loop_timer_cancel(httpd->loop, &httpd->timeout);
	loop_timer_cancel(httpd->loop, &httpd->resume);
	loop_defer_cancel(httpd->loop, &httpd->turn);
	free(httpd);
}

static int
listener_open(struct httpd *httpd, const char *address, struct buf *ret_error, struct listener **ret_listener)
{
	int fd = listen_open(address, ret_error);
	if (fd < 0)
		return fd;
	auto_buf struct buf text = BUF_INIT(1024);
	listen_describe(fd, address, &text);
	struct listener *listener = xcalloc(1, sizeof(*listener));
	listener->httpd = httpd;
	listener->fd = fd;
	listener->address = xstrdup(address);
	listener->described = xstrdup(buf_cstr(&text));
	*ret_listener = listener;
	return 0;
}

static struct listener *
find_listener(const struct httpd *httpd, const char *address)
{
	for (size_t i = 0; i < httpd->listener_count; i++)
		if (strcmp(httpd->listeners[i]->address, address) == 0)
			return httpd->listeners[i];
	return NULL;
}

static bool
is_in(struct listener *const *list, size_t count, const struct listener *wanted)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == wanted)
			return true;
	return false;
}

/* Frees those of a that are not in b. */
static void
free_others(struct listener *const *a, size_t a_count, struct listener *const *b, size_t b_count)
{
	for (size_t i = 0; i < a_count; i++)
		if (!is_in(b, b_count, a[i]))
			listener_free(a[i]);
}

int
httpd_configure(struct httpd *httpd, const struct web_config *web, struct buf *ret_error)
{
	struct listener **list = xcalloc(web->listen_count + 1, sizeof(struct listener *));
	int error = 0;
	size_t count = 0;
	for (; count < web->listen_count && error == 0; count++) {
		struct listener *old = find_listener(httpd, web->listen[count]);
		if (old && !is_in(list, count, old))
			list[count] = old;
		else
			error = listener_open(httpd, web->listen[count], ret_error, &list[count]);
	}
	if (error) {
		free_others(list, count - 1, httpd->listeners, httpd->listener_count);
		free(list);
		return error;
	}
	free_others(httpd->listeners, httpd->listener_count, list, count);
	free(httpd->listeners);
	httpd->listeners = list;
	httpd->listener_count = count;
	httpd->web = web;
	resume_doors(httpd);
	return 0;
}

size_t
httpd_address_count(const struct httpd *httpd)
{
	return httpd->listener_count;
}

const char *
httpd_address(const struct httpd *httpd, size_t index)
{
	return httpd->listeners[index]->described;
}

const char *
httpd_library_version(void)
{
	return MHD_get_version();
}
