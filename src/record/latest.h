/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last run of each endpoint and probe, for people: status page and status command. Survives a reload for what is
 * unchanged (same endpoint name and probe). Loop thread.
 */
#ifndef COMETCANARY_RECORD_LATEST_H
#define COMETCANARY_RECORD_LATEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/record.h"
#include "model/request.h"

enum { LATEST_FINDINGS_MAX = 8 };

struct latest;

struct latest_run {
	uint64_t runs,
	    failures; /* finished ones of this process; 0 runs = below is only what latest_remember() was told */
	unsigned consecutive_failures;
	enum outcome outcome; /* OUTCOME_INVALID = not known */
	struct wall since; /* the first run of the unbroken row that ended in this outcome */
	struct wall last_run, last_success;
	int64_t latency_ns, first_token_ns; /* PHASE_ABSENT = none */
	int http_status; /* 0 = none */
	enum usage_verdict usage;
	char run_id[RUN_ID_BYTES];
	size_t finding_count; /* all of them */
	size_t kept_findings;
	struct finding *findings; /* the first LATEST_FINDINGS_MAX; owned; NULL = none */
};

struct latest *latest_new(void) ATTR_NODISCARD;
void latest_free(struct latest *latest);
/* Puts a configuration into force; it is not needed afterwards. */
void latest_configure(struct latest *latest, const struct config *config);
void latest_record(struct latest *latest, const struct record *record);
/* A run of the process before this one; no run yet is known of that probe. outcome OUTCOME_INVALID: not known. */
struct latest_memory {
	struct wall run, success; /* us 0 = never */
	enum outcome outcome;
};
void latest_remember(
    struct latest *latest, const struct endpoint *endpoint, enum probe_kind probe, const struct latest_memory *memory);
/* Borrowed until the next call of latest_configure() or latest_record(); NULL when it is not configured. */
const struct latest_run *
latest_find(const struct latest *latest, const struct endpoint *endpoint, enum probe_kind probe);

#endif
