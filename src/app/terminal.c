/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const terminal_formats[] = { "text", "json", NULL };

bool
terminal_wants_json(const char *format)
{
	return format && strcmp(format, "json") == 0;
}

const char *
terminal_colour(FILE *out, enum colour colour)
{
	static const char *const sequences[] = {
		[COLOUR_NONE] = "\033[0m",
		[COLOUR_GOOD] = "\033[32m",
		[COLOUR_BAD] = "\033[1;31m",
		[COLOUR_WARN] = "\033[33m",
		[COLOUR_DIM] = "\033[2m",
		[COLOUR_BOLD] = "\033[1m",
	};
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	bool wanted = !(no_color && no_color[0]) && !(term && strcmp(term, "dumb") == 0);
	return wanted && isatty(fileno(out)) ? sequences[colour] : "";
}

void
terminal_clear(FILE *out)
{
	if (isatty(fileno(out)))
		fputs("\033[H\033[2J", out);
}
