/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "model/revalidation.h"

const char *
revalidation_trigger_name(enum revalidation_trigger trigger)
{
	static const char *const names[TRIGGER_COUNT] = {
		[TRIGGER_DOC_CHANGE] = "doc_change",
		[TRIGGER_RELOAD] = "reload",
		[TRIGGER_MANUAL] = "manual",
	};
	return names[trigger];
}

const char *
revalidation_result_name(enum revalidation_result result)
{
	static const char *const names[REVALIDATION_COUNT] = {
		[REVALIDATION_PASSED] = "passed",
		[REVALIDATION_INCONCLUSIVE] = "inconclusive",
		[REVALIDATION_FAILED] = "failed",
	};
	return names[result];
}

enum revalidation_result
revalidation_judge(enum outcome outcome)
{
	switch (outcome_class(outcome)) {
	case CLASS_OK:
		return REVALIDATION_PASSED;
	case CLASS_LOCAL:
	case CLASS_NETWORK:
	case CLASS_TIMEOUT:
	case CLASS_LIMIT:
	case CLASS_SERVER:
		break;
	case CLASS_AUTH:
	case CLASS_REQUEST:
	case CLASS_PROTOCOL:
	case CLASS_STREAM:
	case CLASS_CONTENT:
	case CLASS_CONTRACT:
		return outcome == OUTCOME_OUTPUT_LIMIT ? REVALIDATION_INCONCLUSIVE : REVALIDATION_FAILED;
	}
	return REVALIDATION_INCONCLUSIVE;
}
