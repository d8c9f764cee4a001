/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "model/exchange.h"

const char *
exchange_end_name(enum exchange_end end)
{
	static const char *const names[END_COUNT] = {
		[END_COMPLETE] = "complete",
		[END_STOPPED] = "stopped",
		[END_LOCAL] = "local",
		[END_DNS] = "dns",
		[END_CONNECT] = "connect",
		[END_TLS] = "tls",
		[END_CLOSED] = "closed",
		[END_TIMEOUT_CONNECT] = "timeout_connect",
		[END_TIMEOUT_FIRST_BYTE] = "timeout_first_byte",
		[END_TIMEOUT_FIRST_TOKEN] = "timeout_first_token",
		[END_TIMEOUT_IDLE] = "timeout_idle",
		[END_TIMEOUT_TOTAL] = "timeout_total",
		[END_HEAD_TOO_LARGE] = "head_too_large",
		[END_BAD_ENCODING] = "bad_encoding",
	};
	return names[end];
}
