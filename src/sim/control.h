/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulator's own interface under /_sim/: faults, journal, counters, the CA. Requests to it are neither faulted nor
 * written down. Loop thread.
 */
#ifndef COMETCANARY_SIM_CONTROL_H
#define COMETCANARY_SIM_CONTROL_H

struct answer;
struct http_request;
struct sim;

/* answer is empty. */
void control_answer(struct sim *sim, const struct http_request *request, struct answer *answer);

#endif
