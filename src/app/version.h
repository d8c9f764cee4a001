/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What --version prints: ours, and the libraries that are really loaded.
 */
#ifndef COMETCANARY_APP_VERSION_H
#define COMETCANARY_APP_VERSION_H

#include <stdio.h>

void version_print(FILE *out);

#endif
