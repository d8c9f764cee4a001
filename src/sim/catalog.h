/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The models that the simulated provider offers, and which dated snapshot stands behind an alias. Constant data.
 */
#ifndef COMETCANARY_SIM_CATALOG_H
#define COMETCANARY_SIM_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum model_kind { MODEL_TEXT, MODEL_EMBEDDING, MODEL_IMAGE };

struct sim_model {
	const char *id;
	const char *snapshot; /* what answers name */
	enum model_kind kind;
	const char *owner; /* owned_by */
	int64_t created;
	unsigned dimensions; /* of an embedding */
	bool fixed_dimensions; /* refuses `dimensions` */
	unsigned reasoning_tokens; /* thought before any visible text, unless reasoning is switched off */
	bool image_urls; /* gives an image as a URL unless base64 is asked for, and counts no tokens */
	double usd_in, usd_out; /* per million tokens; made up */
};

size_t catalog_count(void);
const struct sim_model *catalog_at(size_t index);
/* By id or snapshot; NULL when there is none. */
const struct sim_model *catalog_find(struct str model);

#endif
