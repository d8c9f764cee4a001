/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an endpoint's request.extra says. It goes over the members of the body: what it may override is judged by what it
 * says (the cap on the answer, the number of answers), what it may not has a key of its own. Private to config/.
 */
#ifndef COMETCANARY_CONFIG_EXTRA_H
#define COMETCANARY_CONFIG_EXTRA_H

#include "config/loading.h"

/* For an endpoint with a dialect, once its token_field is known. node: where extra is written. */
void extra_follow(struct loading *loading, struct endpoint *endpoint, const struct node *node);

#endif
