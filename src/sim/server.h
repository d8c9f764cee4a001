/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The listeners of a simulator: opening, accepting with the faults of a connection, closing and opening again while
 * connections are to be refused. Loop thread.
 */
#ifndef COMETCANARY_SIM_SERVER_H
#define COMETCANARY_SIM_SERVER_H

#include "base/buf.h"
#include "sim/sim.h"

/* 0 or -errno. */
int server_listen(struct sim *sim, const char *address, enum sim_listener kind, struct buf *ret_url);
/* After the fault rules changed: closes or opens the listeners as they say. */
void server_review(struct sim *sim);
void server_close(struct sim *sim);

#endif
