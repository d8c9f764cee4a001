/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A revalidation: all probes of an endpoint, at once, because something that it relies on may have changed. What began
 * it, and what it came to. Pure.
 */
#ifndef COMETCANARY_MODEL_REVALIDATION_H
#define COMETCANARY_MODEL_REVALIDATION_H

#include <stdbool.h>

#include "base/clock.h"
#include "model/outcome.h"

enum revalidation_trigger { TRIGGER_DOC_CHANGE, TRIGGER_RELOAD, TRIGGER_MANUAL, TRIGGER_COUNT };

/* In the order of their weight: one failed probe is enough, and one that could not look leaves no "passed". */
enum revalidation_result { REVALIDATION_PASSED, REVALIDATION_INCONCLUSIVE, REVALIDATION_FAILED, REVALIDATION_COUNT };

/* For pages. */
struct revalidation_status {
	bool pending;
	enum revalidation_trigger trigger;
	enum revalidation_result result; /* of the last one that has ended */
	struct wall began, ended; /* us 0 = never */
};

const char *revalidation_trigger_name(enum revalidation_trigger trigger);
const char *revalidation_result_name(enum revalidation_result result);
/* What one probe's outcome says of the contract: a fault of the network, a timeout, a limit or a 5xx says nothing. */
enum revalidation_result revalidation_judge(enum outcome outcome);

#endif
