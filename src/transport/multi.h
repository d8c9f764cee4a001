/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of the real transport, for its unit test alone.
 */
#ifndef COMETCANARY_TRANSPORT_MULTI_H
#define COMETCANARY_TRANSPORT_MULTI_H

#include <stddef.h>

struct transport;

/* As if libcurl had said that its state is broken: all that is in flight ends in END_LOCAL, later requests work. */
void multi_break(struct transport *transport);
size_t multi_in_flight(const struct transport *transport);

#endif
