/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A place on this machine that answers any HTTP request with 204: the self check asks it over the same transport as the
 * providers. When even that fails, the fault is in our own process or machine. One connection at a time, only from
 * 127.0.0.1. Loop thread.
 */
#ifndef COMETCANARY_APP_LOOPBACK_H
#define COMETCANARY_APP_LOOPBACK_H

#include "base/attr.h"

struct loop;
struct loopback;

/* Listens at a port that the kernel chooses. Returns owned; NULL and errno on failure. */
struct loopback *loopback_new(struct loop *loop) ATTR_NODISCARD;
/* "http://127.0.0.1:PORT/". Borrowed. */
const char *loopback_url(const struct loopback *loopback);
void loopback_free(struct loopback *loopback);

#endif
