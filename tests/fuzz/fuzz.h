/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the fuzz targets share. A target is fuzz_NAME.c with one function for one input; built with --enable-fuzz it is
 * a libFuzzer program, otherwise main.c replays its corpus, the folder fuzz_NAME.in, as a test.
 */
#ifndef COMETCANARY_TESTS_FUZZ_H
#define COMETCANARY_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"

/* Returns 0. A property that does not hold aborts. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_REQUIRE(what) \
	do { \
		if (!(what)) { \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #what); \
			abort(); \
		} \
	} while (0)

/* The input as text; never absent. */
static inline struct str
fuzz_input(const uint8_t *data, size_t size)
{
	return str_span(size ? (const char *)data : "", size);
}

#endif
