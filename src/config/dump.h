/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration as text again, for `check --print-effective`: every key with the value that is in force, `defaults`
 * merged into the endpoints, in the syntax that it is loaded from. Secrets are shown as <secret>: with references put
 * back in their place, loading the text gives the same configuration. Pure.
 */
#ifndef COMETCANARY_CONFIG_DUMP_H
#define COMETCANARY_CONFIG_DUMP_H

#include "base/buf.h"
#include "model/conf.h"

/* False when the buffer was full. A secret that was not read is left out. */
bool config_dump(const struct config *config, struct buf *out);
/* Both ask the same of the same provider, and expect the same of the answer: intervals, budgets and the like do not
 * matter, nor do keys. The endpoints may be of two configurations. */
bool config_same_endpoint(const struct endpoint *a, const struct endpoint *b);

#endif
