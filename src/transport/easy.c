/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "transport/easy.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/attr.h"
#include "base/str.h"
#include "decode/head.h"
#include "transport/transfer.h"

/* libcurl's own time-outs are a second line behind our deadlines. */
enum { SECOND_LINE_MS = 2000, DNS_CACHE_S = 60, MAX_IDLE_S = 118, MAX_LIFETIME_S = 600 };

/* A body of this size leaves with its head, in one write and one packet train: every socket's buffer takes it whole. */
enum { WITH_HEAD_BYTES = 8192 };

/* ---- callbacks ---- */

/* Ends the transfer with `end`; the return value makes libcurl stop. */
static size_t
refuse(struct transfer *transfer, enum exchange_end end)
{
	transfer->decided = true;
	transfer->end = end;
	return CURL_WRITEFUNC_ERROR;
}

static void
head_begins(struct transfer *transfer, const char *line, size_t len)
{
	struct head head;
	int status = head_parse(str_span(line, len), &head) ? head.status : 0;
	transfer->interim = status >= 100 && status <= 199 && status != 101;
	if (transfer->interim)
		return;
	transfer->status = status;
	transfer->exchange.at.first_byte = clock_mono();
}

static bool
head_ends(struct transfer *transfer)
{
	struct exchange *exchange = &transfer->exchange;
	if (transfer->interim) {
		buf_reset(&transfer->head);
		return true;
	}
	struct mono now = clock_mono();
	exchange->head_whole = true;
	exchange->status = transfer->status;
	exchange->head_bytes = transfer->head.len;
	exchange->at.head = transfer->deadline.last_byte = now;
	deadline_update(&transfer->deadline);
	enum sink_wants wants =
	    transfer->sink->head(transfer->arg, exchange->status, transfer->head.at, transfer->head.len);
	return deadline_obey(&transfer->deadline, wants, now);
}

/* One line at a time; the lines of trailers too. */
static size_t
on_header(char *line, size_t size, size_t count, void *arg)
{
	struct transfer *transfer = arg;
	size_t len = size * count;
	transfer->head_received += len;
	if (transfer->head_received > transfer->request->caps.head_bytes)
		return refuse(transfer, END_HEAD_TOO_LARGE);
	if (transfer->exchange.head_whole)
		return len;
	if (transfer->head.len == 0)
		head_begins(transfer, line, len);
	buf_add(&transfer->head, line, len);
	bool blank = (len == 2 && line[0] == '\r') || len == 1;
	if (blank && !head_ends(transfer))
		return refuse(transfer, END_STOPPED);
	return len;
}

static size_t
on_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct transfer *transfer = arg;
	size_t len = size * count;
	struct mono now = clock_mono();
	bool begins = transfer->exchange.body_bytes == 0;
	transfer->exchange.body_bytes += len;
	transfer->deadline.last_byte = now;
	if (begins) /* the idle deadline of a stream counts from here on */
		deadline_update(&transfer->deadline);
	if (!deadline_obey(&transfer->deadline, transfer->sink->body(transfer->arg, bytes, len), now))
		return refuse(transfer, END_STOPPED);
	return len;
}

/* libcurl found a reused connection dead and takes another. It would send, and perhaps bill, a POST twice. */
static bool
is_resend(struct transfer *transfer)
{
	if (transfer->attempts == 0 || transfer->request->method != HTTP_POST)
		return false;
	transfer->spoilt = true;
	refuse(transfer, END_CLOSED);
	return true;
}

/* Head and body in one write, as soon as the connection is ready. */
static bool
leaves_whole(const struct request *request)
{
	return request->method == HTTP_GET || request->body.len <= WITH_HEAD_BYTES;
}

/* The connection is ready and the request about to be sent. */
static int
on_ready(void *arg, char *remote, char *local, int remote_port, int local_port)
{
	struct transfer *transfer = arg;
	(void)local, (void)remote_port, (void)local_port;
	if (is_resend(transfer))
		return CURL_PREREQFUNC_ABORT;
	transfer->attempts++;
	struct mono now = clock_mono();
	struct timeline *at = &transfer->exchange.at;
	if (at->connect.ns)
		at->tls = now;
	else if (at->dns.ns)
		at->connect = now;
	transfer->exchange.ip_family = strchr(remote, ':') ? 6 : 4;
	transfer->deadline.connected = now;
	if (leaves_whole(transfer->request))
		at->sent = now;
	deadline_update(&transfer->deadline);
	return CURL_PREREQFUNC_OK;
}

/* Of a larger body. Without a seek function beside it, libcurl cannot send one again. */
static size_t
on_send(char *room, size_t size, size_t count, void *arg)
{
	struct transfer *transfer = arg;
	struct str body = transfer->request->body;
	size_t len = size * count, left = body.len - transfer->body_sent;
	if (len > left)
		len = left;
	if (len > 0)
		memcpy(room, body.at + transfer->body_sent, len);
	transfer->body_sent += len;
	if (transfer->body_sent == body.len && !transfer->exchange.at.sent.ns) {
		transfer->exchange.at.sent = clock_mono();
		deadline_update(&transfer->deadline);
	}
	return len;
}

/* The first socket of a new connection: the name is resolved. */
static curl_socket_t
on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *transfer = arg;
	(void)purpose;
	if (is_resend(transfer))
		return CURL_SOCKET_BAD;
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	transfer->socket_errno = fd < 0 ? errno : 0;
	if (!transfer->exchange.at.dns.ns)
		transfer->exchange.at.dns = clock_mono();
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* TCP, and the tunnel through a proxy, are up. libcurl's own stamp of that comes only when TLS is, too. */
static CURLcode
on_tls(CURL *easy, void *context, void *arg)
{
	struct transfer *transfer = arg;
	(void)easy, (void)context;
	transfer->exchange.at.connect = clock_mono();
	return CURLE_OK;
}

/* ---- options ---- */

/* Sets options; the first refusal sticks. */
struct setter {
	CURL *easy;
	CURLcode refused;
};

static void
set_number(struct setter *set, CURLoption option, long number)
{
	if (set->refused == CURLE_OK)
		set->refused = curl_easy_setopt(set->easy, option, number);
}

static void
set_text(struct setter *set, CURLoption option, const char *text)
{
	if (set->refused == CURLE_OK)
		set->refused = curl_easy_setopt(set->easy, option, text);
}

#define set_function(set, option, function, arg_option, arg) \
	do { \
		if ((set)->refused == CURLE_OK) \
			(set)->refused = curl_easy_setopt((set)->easy, option, function); \
		if ((set)->refused == CURLE_OK) \
			(set)->refused = curl_easy_setopt((set)->easy, arg_option, arg); \
	} while (0)

static const struct {
	CURLoption option;
	long number;
} fixed_numbers[] = {
	{ CURLOPT_NOSIGNAL, 1 }, { CURLOPT_NOPROGRESS, 1 },
	{ CURLOPT_FOLLOWLOCATION, 0 }, /* a redirect is an outcome, and would carry the key elsewhere */
	{ CURLOPT_NETRC, CURL_NETRC_IGNORED }, { CURLOPT_HTTP09_ALLOWED, 0 }, { CURLOPT_SUPPRESS_CONNECT_HEADERS, 1 },
	{ CURLOPT_PATH_AS_IS, 1 }, { CURLOPT_SSL_VERIFYPEER, 1 }, { CURLOPT_SSL_VERIFYHOST, 2 },
	{ CURLOPT_CERTINFO, 1 }, { CURLOPT_QUICK_EXIT, 1 }, /* or removing a handle waits for its resolver */
	{ CURLOPT_MAXAGE_CONN, MAX_IDLE_S },
	{ CURLOPT_MAXLIFETIME_CONN, MAX_LIFETIME_S }, /* so that certificates are looked at again */
};

static const struct {
	CURLoption option;
	const char *text;
} fixed_texts[] = {
	{ CURLOPT_PROTOCOLS_STR, "http,https" }, { CURLOPT_NOPROXY, "" }, /* or the environment's no_proxy is asked */
	{ CURLOPT_CAPATH, NULL }, /* with a folder, libcurl parses all CAs at each handshake: 30 ms, not 1 */
};

bool
easy_init(struct transfer *transfer)
{
	transfer->easy = curl_easy_init();
	if (!transfer->easy)
		return false;
	struct setter set = { .easy = transfer->easy };
	for (size_t i = 0; i < ARRAY_LEN(fixed_numbers); i++)
		set_number(&set, fixed_numbers[i].option, fixed_numbers[i].number);
	for (size_t i = 0; i < ARRAY_LEN(fixed_texts); i++)
		set_text(&set, fixed_texts[i].option, fixed_texts[i].text);
	set_function(&set, CURLOPT_HEADERFUNCTION, on_header, CURLOPT_HEADERDATA, transfer);
	set_function(&set, CURLOPT_WRITEFUNCTION, on_body, CURLOPT_WRITEDATA, transfer);
	set_function(&set, CURLOPT_READFUNCTION, on_send, CURLOPT_READDATA, transfer);
	set_function(&set, CURLOPT_PREREQFUNCTION, on_ready, CURLOPT_PREREQDATA, transfer);
	set_function(&set, CURLOPT_OPENSOCKETFUNCTION, on_socket, CURLOPT_OPENSOCKETDATA, transfer);
	set_function(&set, CURLOPT_SSL_CTX_FUNCTION, on_tls, CURLOPT_SSL_CTX_DATA, transfer);
	if (set.refused == CURLE_OK)
		set.refused = curl_easy_setopt(set.easy, CURLOPT_PRIVATE, transfer);
	if (set.refused == CURLE_OK)
		return true;
	curl_easy_cleanup(transfer->easy);
	transfer->easy = NULL;
	return false;
}

/* libcurl only reads the list and its texts, which live as long as the transfer does. */
static void
add_header(struct transfer *transfer, size_t *count, const char *line)
{
	struct curl_slist *node = &transfer->headers[*count];
	node->data = (char *)(uintptr_t)line;
	node->next = NULL;
	if (*count > 0)
		transfer->headers[*count - 1].next = node;
	++*count;
}

static void
set_headers(struct setter *set, struct transfer *transfer)
{
	const struct request *request = transfer->request;
	size_t count = 0;
	for (size_t i = 0; i < request->header_count; i++)
		add_header(transfer, &count, request->headers[i]);
	if (request->secret_header)
		add_header(transfer, &count, request->secret_header);
	add_header(transfer, &count, "Expect:"); /* never ask first: the body's time is measured */
	if (set->refused == CURLE_OK)
		set->refused = curl_easy_setopt(set->easy, CURLOPT_HTTPHEADER, transfer->headers);
}

static long
version_option(enum http_version version, bool tls)
{
	switch (version) {
	case HTTP_VERSION_1_1:
		return CURL_HTTP_VERSION_1_1;
	case HTTP_VERSION_2:
		return tls ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
	case HTTP_VERSION_ANY:
		break;
	}
	return CURL_HTTP_VERSION_2TLS;
}

static long
family_option(enum ip_family family)
{
	switch (family) {
	case IP_FAMILY_V4:
		return CURL_IPRESOLVE_V4;
	case IP_FAMILY_V6:
		return CURL_IPRESOLVE_V6;
	case IP_FAMILY_ANY:
		break;
	}
	return CURL_IPRESOLVE_WHATEVER;
}

static const char *
or_null(const char *text)
{
	return text && text[0] ? text : NULL;
}

static void
set_provider(struct setter *set, const struct provider *provider, bool tls, long ca_timeout_s)
{
	set_text(set, CURLOPT_PROXY, provider->proxy ? provider->proxy : ""); /* "": the environment is not asked */
	set_number(set, CURLOPT_IPRESOLVE, family_option(provider->ip_family));
	set_number(set, CURLOPT_HTTP_VERSION, version_option(provider->http_version, tls));
	if (!tls)
		return;
	const char *ca_file = or_null(provider->tls.ca_file);
	set_text(set, CURLOPT_CAINFO, ca_file ? ca_file : curl_version_info(CURLVERSION_NOW)->cainfo);
	set_number(set, CURLOPT_CA_CACHE_TIMEOUT, ca_timeout_s);
	set_text(set, CURLOPT_SSLCERT, or_null(provider->tls.cert_file));
	set_text(set, CURLOPT_SSLKEY, or_null(provider->tls.key_file));
	set_number(set, CURLOPT_SSLVERSION,
	    provider->tls.min_version == TLS_VERSION_1_3 ? CURL_SSLVERSION_TLSv1_3 : CURL_SSLVERSION_TLSv1_2);
}

static void
set_method(struct setter *set, const struct request *request)
{
	if (request->method == HTTP_GET) {
		set_number(set, CURLOPT_HTTPGET, 1);
		return;
	}
	set_number(set, CURLOPT_POST, 1);
	if (set->refused == CURLE_OK)
		set->refused = curl_easy_setopt(set->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
	set_text(set, CURLOPT_POSTFIELDS, leaves_whole(request) && request->body.len > 0 ? request->body.at : NULL);
}

static long
second_line_ms(int64_t deadline_ns)
{
	return deadline_ns > 0 ? (long)(deadline_ns / NS_PER_MS) + SECOND_LINE_MS : 0;
}

bool
easy_prepare(struct transfer *transfer, long ca_timeout_s)
{
	const struct request *request = transfer->request;
	struct setter set = { .easy = transfer->easy };
	set_text(&set, CURLOPT_URL, request->url);
	set_method(&set, request);
	set_headers(&set, transfer);
	set_provider(&set, request->provider, transfer->tls, ca_timeout_s);
	/* What a stream's server compresses, it also holds back. libcurl decodes it all the same if it comes. */
	set_text(&set, CURLOPT_ACCEPT_ENCODING, request->stream ? "identity" : "");
	set_number(&set, CURLOPT_FRESH_CONNECT, request->fresh);
	set_number(&set, CURLOPT_FORBID_REUSE, request->fresh);
	set_number(&set, CURLOPT_SSL_SESSIONID_CACHE, !request->fresh);
	set_number(&set, CURLOPT_DNS_CACHE_TIMEOUT, request->fresh ? 0 : DNS_CACHE_S);
	set_number(&set, CURLOPT_TIMEOUT_MS, second_line_ms(request->deadlines.total_ns));
	set_number(&set, CURLOPT_CONNECTTIMEOUT_MS, second_line_ms(request->deadlines.connect_ns));
	return set.refused == CURLE_OK;
}
