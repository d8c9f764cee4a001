/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "model/probe.h"

static const struct {
	const char *name;
	bool negative;
	const char *text;
} probes[] = {
#define PROBE(name, label, negative, text) { label, negative, text },
#include "model/probe.def"
#undef PROBE
};

static const char *const skips[] = {
#define SKIP(name, label, text) label,
#include "model/skip.def"
#undef SKIP
};

const char *
probe_name(enum probe_kind kind)
{
	return probes[kind].name;
}

enum probe_kind
probe_from_name(struct str name)
{
	unsigned i = 0;
	while (i < PROBE_COUNT && !str_eq(name, str_of(probes[i].name)))
		i++;
	return (enum probe_kind)i;
}

bool
probe_is_negative(enum probe_kind kind)
{
	return probes[kind].negative;
}

bool
probe_is_keyless(enum probe_kind kind)
{
	return kind == PROBE_MISSING_AUTH || kind == PROBE_INVALID_AUTH;
}

const char *
probe_text(enum probe_kind kind)
{
	return probes[kind].text;
}

const char *
skip_name(enum skip_reason reason)
{
	return skips[reason];
}
