/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "docs/compare.h"

void
doc_judge(const struct doc_version *before, const struct doc_version *now, const struct endpoint *endpoint,
    struct findings *findings)
{
	(void)before;
	(void)now;
	contract_grade(endpoint->contract, findings);
}
