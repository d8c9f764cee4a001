/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of probe (probe.def) and the reasons for which a due run is skipped (skip.def). Pure.
 */
#ifndef COMETCANARY_MODEL_PROBE_H
#define COMETCANARY_MODEL_PROBE_H

#include <stdbool.h>

#include "base/str.h"

enum probe_kind {
#define PROBE(name, label, negative, text) PROBE_##name,
#include "model/probe.def"
#undef PROBE
	PROBE_COUNT
};

enum skip_reason {
#define SKIP(name, label, text) SKIP_##name,
#include "model/skip.def"
#undef SKIP
	SKIP_COUNT
};

const char *probe_name(enum probe_kind kind);
/* PROBE_COUNT when there is none. */
enum probe_kind probe_from_name(struct str name);
bool probe_is_negative(enum probe_kind kind);
/* It asks without a key, or with one that is made up: no account pays, and nobody may let it in. */
bool probe_is_keyless(enum probe_kind kind);
const char *probe_text(enum probe_kind kind);
const char *skip_name(enum skip_reason reason);

#endif
