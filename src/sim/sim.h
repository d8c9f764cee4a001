/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A simulated provider of language models: HTTP and TLS listeners on a given loop, believable answers, faults on demand,
 * and a journal of what was asked. For programs (sim.c, the demo) and tests; everything happens on the loop's thread.
 */
#ifndef COMETCANARY_SIM_SIM_H
#define COMETCANARY_SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"

struct loop;
struct sim;

/* All zero = seed 0, profile comet, the key demo = sk-sim-demo, no latency. */
struct sim_options {
	uint64_t seed;
	const char *profile; /* comet (NULL), openai, anthropic, gemini */
	int64_t clock_s; /* seconds since 1970 that every answer names; 0 = the real time */
	const char *const *keys; /* NAME=VALUE, ends with NULL; NULL = the default key */
	bool any_key; /* every key that is not empty is good */
	int64_t head_ns, first_ns, token_ns; /* latency: before the head, the first content, between content */
	bool journal_bodies;
	bool vary; /* answers differ as those of a healthy provider may: vary.h */
};

enum sim_listener { SIM_HTTP, SIM_TLS, SIM_CONTROL }; /* SIM_CONTROL: HTTP that connection faults leave alone */

/* Copies the options. NULL when they are wrong, with the reason for people in *ret_error. loop outlives it. */
struct sim *sim_new(struct loop *loop, const struct sim_options *options, struct buf *ret_error) ATTR_NODISCARD;
/* Closes all connections and listeners. */
void sim_free(struct sim *sim);

/* address: "127.0.0.1:0", "[::1]:8080", ":8080" (all addresses); port 0 takes a free one. 0 or -errno; *ret_url gets
 * http://127.0.0.1:40123. */
int sim_listen(struct sim *sim, const char *address, enum sim_listener kind, struct buf *ret_url) ATTR_NODISCARD;
/* Adds fault rules; see fault.h. False with the reason in *ret_error. */
bool sim_script(struct sim *sim, struct str json, struct buf *ret_error) ATTR_NODISCARD;
/* The certificate of the CA that signs the good certificate, PEM. Borrowed; absent when TLS does not work. */
struct str sim_ca(struct sim *sim);

#endif
