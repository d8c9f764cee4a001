/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One accepted connection: TLS when it is wanted, requests read one after the other, plans played on their time line,
 * and every way in which a connection can end. Loop thread; owned by itself until it ends or the simulator does.
 */
#ifndef COMETCANARY_SIM_CONNECTION_H
#define COMETCANARY_SIM_CONNECTION_H

#include <stdbool.h>

#include "sim/tls.h"

struct sim;

/* How it begins, faults included. */
struct connection_start {
	bool tls, silent, reset, garbage;
	enum tls_certificate certificate;
};

/* Takes fd. */
void connection_open(struct sim *sim, int fd, const struct connection_start *start);
void connection_close_all(struct sim *sim);

#endif
