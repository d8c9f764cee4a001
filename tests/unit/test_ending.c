/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "transport/ending.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"

static const struct ending_facts connecting = { .os_errno = ECONNREFUSED };
static const struct ending_facts in_tls = { .in_tls = true };
static const struct ending_facts waiting = { .connected = true };
static const struct ending_facts in_body = { .connected = true, .head_whole = true };
static const struct ending_facts no_descriptors = { .os_errno = EMFILE };
static const struct ending_facts no_ports = { .os_errno = EADDRNOTAVAIL };
static const struct ending_facts no_route = { .os_errno = ENETUNREACH };

static const struct {
	CURLcode code;
	const struct ending_facts *facts;
	enum exchange_end end;
} cases[] = {
	{ CURLE_OK, &in_body, END_COMPLETE },
	{ CURLE_OK, &waiting, END_CLOSED }, /* closed inside the head */
	{ CURLE_COULDNT_RESOLVE_HOST, &connecting, END_DNS },
	{ CURLE_COULDNT_RESOLVE_PROXY, &connecting, END_DNS },
	{ CURLE_COULDNT_CONNECT, &connecting, END_CONNECT },
	{ CURLE_COULDNT_CONNECT, &no_route, END_CONNECT },
	{ CURLE_COULDNT_CONNECT, &no_descriptors, END_LOCAL },
	{ CURLE_COULDNT_CONNECT, &no_ports, END_LOCAL },
	{ CURLE_COULDNT_CONNECT, &waiting, END_CLOSED }, /* a reused connection died, and there is no other */
	{ CURLE_PROXY, &connecting, END_CONNECT },
	{ CURLE_RECV_ERROR, &connecting, END_CONNECT }, /* a proxy that hangs up */
	{ CURLE_RECV_ERROR, &in_tls, END_TLS }, /* a reset in the handshake */
	{ CURLE_RECV_ERROR, &waiting, END_CLOSED },
	{ CURLE_RECV_ERROR, &in_body, END_CLOSED },
	{ CURLE_SEND_ERROR, &in_tls, END_TLS },
	{ CURLE_SEND_ERROR, &waiting, END_CLOSED },
	{ CURLE_SEND_FAIL_REWIND, &waiting, END_CLOSED },
	{ CURLE_GOT_NOTHING, &waiting, END_CLOSED },
	{ CURLE_PARTIAL_FILE, &in_body, END_CLOSED },
	{ CURLE_HTTP2, &in_body, END_CLOSED },
	{ CURLE_HTTP2_STREAM, &waiting, END_CLOSED },
	{ CURLE_WEIRD_SERVER_REPLY, &waiting, END_CLOSED },
	{ CURLE_SSL_CONNECT_ERROR, &in_tls, END_TLS },
	{ CURLE_PEER_FAILED_VERIFICATION, &in_tls, END_TLS },
	{ CURLE_SSL_CLIENTCERT, &waiting, END_TLS },
	{ CURLE_SSL_CACERT_BADFILE, &in_tls, END_LOCAL }, /* our file */
	{ CURLE_SSL_CERTPROBLEM, &in_tls, END_LOCAL }, /* our certificate */
	{ CURLE_OPERATION_TIMEDOUT, &connecting, END_TIMEOUT_CONNECT },
	{ CURLE_OPERATION_TIMEDOUT, &in_body, END_TIMEOUT_TOTAL },
	{ CURLE_BAD_CONTENT_ENCODING, &in_body, END_BAD_ENCODING },
	{ CURLE_OUT_OF_MEMORY, &waiting, END_HEAD_TOO_LARGE },
	{ CURLE_OUT_OF_MEMORY, &connecting, END_LOCAL },
	{ CURLE_OUT_OF_MEMORY, &in_body, END_LOCAL },
	{ CURLE_UNSUPPORTED_PROTOCOL, &connecting, END_LOCAL },
	{ CURLE_UNSUPPORTED_PROTOCOL, &waiting, END_CLOSED },
	{ CURLE_URL_MALFORMAT, &connecting, END_LOCAL },
	{ CURLE_ABORTED_BY_CALLBACK, &waiting, END_LOCAL },
	{ CURLE_FAILED_INIT, &connecting, END_LOCAL },
};

static void
test_endings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		enum exchange_end end = ending_of(cases[i].code, cases[i].facts);
		if (end != cases[i].end)
			fail_msg("case %zu: %s ends in %s, not in %s", i, curl_easy_strerror(cases[i].code),
			    exchange_end_name(end), exchange_end_name(cases[i].end));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_endings) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
