/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our version and those of the libraries that are really loaded: for --version and cometcanary_build_info.
 */
#ifndef COMETCANARY_APP_VERSION_H
#define COMETCANARY_APP_VERSION_H

#include <stdio.h>

struct metrics_identity;

void version_print(FILE *out);
/* All but the time of the start. */
void version_identify(struct metrics_identity *ret_identity);

#endif
