/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "model/reply.h"

const char *
usage_verdict_name(enum usage_verdict verdict)
{
	static const char *const names[] = { "not_applicable", "present", "missing", "invalid" };
	return names[verdict];
}

const char *
usage_fault_name(enum usage_fault fault)
{
	static const char *const names[] = { "none", "arithmetic", "type", "negative", "over_cap", "zero" };
	return names[fault];
}
