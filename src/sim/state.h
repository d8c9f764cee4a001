/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one simulator consists of; for the files of sim/ that run it (sim, server, connection, respond, control).
 */
#ifndef COMETCANARY_SIM_STATE_H
#define COMETCANARY_SIM_STATE_H

#include "base/loop.h"
#include "sim/account.h"
#include "sim/answer.h"
#include "sim/fault.h"
#include "sim/journal.h"
#include "sim/sim.h"

struct connection;
struct listener;
struct profile;
struct site;
struct tls_store;

enum { STATUS_CLASSES = 10 };

struct sim_stats {
	uint64_t connections, tls_handshakes, tls_failures, requests, faulted, bytes_sent, streams, docs;
	uint64_t by_class[STATUS_CLASSES]; /* [2] = 2xx; [0] = no status was said */
	uint64_t open_connections;
};

struct sim {
	struct loop *loop;
	uint64_t seed;
	const struct profile *profile;
	int64_t clock_s;
	int64_t head_ns, first_ns, token_ns;
	bool journal_bodies, vary;
	struct account account;
	struct fault_set faults;
	struct journal journal;
	struct site *site; /* the documentation */
	struct sim_stats stats;
	struct tls_store *tls; /* NULL until it is first needed */
	struct listener *listeners;
	struct connection *connections;
	struct loop_timer refuse_timer;
	uint64_t sequence; /* of the last request */
	struct answer answer; /* scratch of the request at hand */
};

/* The time that all answers name. */
struct wall sim_wall(const struct sim *sim);

#endif
