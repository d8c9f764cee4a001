/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a request to the output of its answer: the checks in the order in which the provider makes them, the answer, and
 * the faults around it. The whole life of a simulated request is in respond(). Loop thread.
 */
#ifndef COMETCANARY_SIM_RESPOND_H
#define COMETCANARY_SIM_RESPOND_H

#include <stdint.h>

struct http_request;
struct output;
struct sim;

/* *ret_sequence: its journal entry; 0 = none, a request to the simulator itself. */
void respond(struct sim *sim, const struct http_request *request, struct output *output, uint64_t *ret_sequence);
/* To what was no HTTP, or too large: an answer that closes the connection. */
void respond_bad(struct sim *sim, int status, struct output *output);

#endif
