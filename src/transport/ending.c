/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "transport/ending.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/str.h"
#include "transport/certificate.h"
#include "transport/transfer.h"

/* In `before`: broken while connecting, so the stage decides between END_TLS and END_CONNECT. */
#define END_BY_STAGE END_COUNT

/* What is not listed is a fault on our side: options, memory, the library. */
static const struct {
	CURLcode code;
	enum exchange_end before, after; /* the connection was ready for the request */
} endings[] = {
	{ CURLE_OK, END_COMPLETE, END_COMPLETE },
	{ CURLE_COULDNT_RESOLVE_HOST, END_DNS, END_DNS },
	{ CURLE_COULDNT_RESOLVE_PROXY, END_DNS, END_DNS },
	{ CURLE_COULDNT_CONNECT, END_CONNECT, END_CLOSED }, /* after: a reused one died, and there is no other */
	{ CURLE_PROXY, END_CONNECT, END_CONNECT },
	{ CURLE_OPERATION_TIMEDOUT, END_TIMEOUT_CONNECT, END_TIMEOUT_TOTAL },
	{ CURLE_SSL_CONNECT_ERROR, END_TLS, END_CLOSED },
	{ CURLE_PEER_FAILED_VERIFICATION, END_TLS, END_TLS },
	{ CURLE_SSL_CIPHER, END_TLS, END_TLS },
	{ CURLE_USE_SSL_FAILED, END_TLS, END_TLS },
	{ CURLE_SSL_ISSUER_ERROR, END_TLS, END_TLS },
	{ CURLE_SSL_PINNEDPUBKEYNOTMATCH, END_TLS, END_TLS },
	{ CURLE_SSL_INVALIDCERTSTATUS, END_TLS, END_TLS },
	{ CURLE_SSL_CLIENTCERT, END_TLS, END_TLS },
	{ CURLE_SSL_SHUTDOWN_FAILED, END_TLS, END_CLOSED },
	{ CURLE_RECV_ERROR, END_BY_STAGE, END_CLOSED },
	{ CURLE_SEND_ERROR, END_BY_STAGE, END_CLOSED },
	{ CURLE_GOT_NOTHING, END_BY_STAGE, END_CLOSED },
	{ CURLE_PARTIAL_FILE, END_BY_STAGE, END_CLOSED },
	{ CURLE_SEND_FAIL_REWIND, END_CLOSED, END_CLOSED },
	{ CURLE_HTTP2, END_BY_STAGE, END_CLOSED },
	{ CURLE_HTTP2_STREAM, END_BY_STAGE, END_CLOSED },
	{ CURLE_WEIRD_SERVER_REPLY, END_BY_STAGE, END_CLOSED },
	{ CURLE_UNSUPPORTED_PROTOCOL, END_LOCAL, END_CLOSED }, /* after: an answer that is no HTTP */
	{ CURLE_BAD_CONTENT_ENCODING, END_BAD_ENCODING, END_BAD_ENCODING },
};

/* Ran out of something of ours; the other side is not to blame. */
static bool
is_local(int os_errno)
{
	static const int ours[] = { EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRNOTAVAIL, EADDRINUSE };
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		if (os_errno == ours[i])
			return true;
	return false;
}

enum exchange_end
ending_of(CURLcode code, const struct ending_facts *facts)
{
	/* How this libcurl says that a header line is longer than its own limit. */
	if (code == CURLE_OUT_OF_MEMORY && facts->connected && !facts->head_whole)
		return END_HEAD_TOO_LARGE;
	/* A close inside the head is success to libcurl. */
	if (code == CURLE_OK && !facts->head_whole)
		return END_CLOSED;
	enum exchange_end end = END_LOCAL;
	for (size_t i = 0; i < ARRAY_LEN(endings); i++)
		if (endings[i].code == code)
			end = facts->connected ? endings[i].after : endings[i].before;
	if (end == END_BY_STAGE)
		end = facts->in_tls ? END_TLS : END_CONNECT;
	if (end == END_CONNECT && is_local(facts->os_errno))
		return END_LOCAL;
	/* Who refuses sends ECONNREFUSED: this one was connected, and reset before we looked. */
	return code == CURLE_COULDNT_CONNECT && facts->os_errno == ECONNRESET ? END_CLOSED : end;
}

/* A resolver that has no descriptors left only says that it found nothing. */
static bool
descriptors_ran_out(void)
{
	enum { SPARE = 4 };
	int fds[SPARE], count = 0;
	while (count < SPARE && (fds[count] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
		count++;
	for (int i = 0; i < count; i++)
		close(fds[i]);
	return count < SPARE;
}

static long
number(CURL *easy, CURLINFO info)
{
	long value = 0;
	curl_easy_getinfo(easy, info, &value);
	return value;
}

static enum http_version
version_of(long version)
{
	if (version == CURL_HTTP_VERSION_2_0)
		return HTTP_VERSION_2;
	return version == CURL_HTTP_VERSION_1_0 || version == CURL_HTTP_VERSION_1_1 ? HTTP_VERSION_1_1
										    : HTTP_VERSION_ANY;
}

static enum exchange_end
end_of(struct transfer *transfer, CURLcode code, int os_errno)
{
	if (transfer->decided)
		return transfer->end;
	CURL *easy = transfer->easy;
	bool tunnelled = transfer->request->provider->proxy[0] && transfer->tls;
	struct ending_facts facts = {
		.connected = transfer->deadline.connected.ns != 0,
		.in_tls =
		    transfer->exchange.at.connect.ns && (!tunnelled || number(easy, CURLINFO_HTTP_CONNECTCODE) == 200),
		.head_whole = transfer->exchange.head_whole,
		.os_errno = os_errno,
	};
	enum exchange_end end = ending_of(code, &facts);
	return end == END_DNS && descriptors_ran_out() ? END_LOCAL : end;
}

/* How many connections it took. A reused one that died and was replaced behind our back counts too. */
static void
fill_connects(struct transfer *transfer)
{
	struct exchange *exchange = &transfer->exchange;
	exchange->connects = (unsigned)number(transfer->easy, CURLINFO_NUM_CONNECTS);
	exchange->reused = exchange->connects == 0 && transfer->attempts > 0;
	if (transfer->attempts > 1 && exchange->connects < transfer->attempts)
		exchange->connects = transfer->attempts;
}

void
ending_fill(struct transfer *transfer, CURLcode code)
{
	struct exchange *exchange = &transfer->exchange;
	CURL *easy = transfer->easy;
	exchange->at.end = clock_mono();
	if (!easy) {
		exchange->end = END_LOCAL;
		return;
	}
	int os_errno = transfer->socket_errno ? transfer->socket_errno : (int)number(easy, CURLINFO_OS_ERRNO);
	exchange->end = end_of(transfer, code, os_errno);
	if (exchange->end == END_CONNECT || exchange->end == END_CLOSED || exchange->end == END_LOCAL)
		exchange->os_errno = os_errno;
	fill_connects(transfer);
	if (exchange->head_whole)
		exchange->http_version = version_of(number(easy, CURLINFO_HTTP_VERSION));
	if (transfer->tls && exchange->connects)
		exchange->certificate_not_after = certificate_not_after(easy);
}
