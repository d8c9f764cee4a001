/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What commands print for people: colour on a terminal only, and not with $NO_COLOR; and the choice of --format.
 */
#ifndef COMETCANARY_APP_TERMINAL_H
#define COMETCANARY_APP_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

enum colour { COLOUR_NONE, COLOUR_GOOD, COLOUR_BAD, COLOUR_WARN, COLOUR_DIM, COLOUR_BOLD };

/* The choices of --format of most commands. */
extern const char *const terminal_formats[];
bool terminal_wants_json(const char *format);

/* The sequence that begins a colour, or "" where there is none; COLOUR_NONE ends it. */
const char *terminal_colour(FILE *out, enum colour colour);
/* Back to the top left, the old screen gone; nothing when `out` is no terminal. */
void terminal_clear(FILE *out);

#endif
