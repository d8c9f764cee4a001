/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading usage as a family reports it (struct usage_shape). Only collects; the verdict is classify/usage.c's. Pure.
 */
#ifndef COMETCANARY_DIALECT_USAGE_H
#define COMETCANARY_DIALECT_USAGE_H

#include "model/dialect.h"

/* value: the usage object, or whatever stands in its place. Each field's last value that is not null counts (or the
 * larger one, where the family says so); usage over the events of a stream is merged, never summed. */
void usage_read(struct reply *reply, const struct usage_shape *shape, struct json value);

#endif
