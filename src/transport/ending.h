/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From libcurl's result to an exchange: how it ended, and over what connection. (When each stage was reached, the
 * callbacks in easy.c have stamped.) No side effects but on the exchange. Loop thread.
 */
#ifndef COMETCANARY_TRANSPORT_ENDING_H
#define COMETCANARY_TRANSPORT_ENDING_H

#include <curl/curl.h>

#include "model/exchange.h"

struct transfer;

/* What decides between two readings of one result. */
struct ending_facts {
	bool connected; /* DNS, TCP, proxy and TLS were done */
	bool in_tls; /* TCP (and the proxy's tunnel) were up, TLS was not */
	bool head_whole;
	int os_errno;
};

enum exchange_end ending_of(CURLcode code, const struct ending_facts *facts);

/* Fills transfer->exchange, whose handle has stopped: by itself with `code`, or by us when transfer->decided. */
void ending_fill(struct transfer *transfer, CURLcode code);

#endif
