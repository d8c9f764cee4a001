/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One libcurl handle: its options, and what its callbacks do with what arrives. The callbacks run inside libcurl, so
 * they never start, end or remove a transfer; they only decide.
 */
#ifndef COMETCANARY_TRANSPORT_EASY_H
#define COMETCANARY_TRANSPORT_EASY_H

#include <stdbool.h>

struct transfer;

/* Makes transfer->easy with everything that is the same for all requests. False when libcurl refuses. */
bool easy_init(struct transfer *transfer);
/* Sets all that depends on the request. ca_timeout_s: how old a parsed CA file may be. False when an option is refused. */
bool easy_prepare(struct transfer *transfer, long ca_timeout_s);

#endif
