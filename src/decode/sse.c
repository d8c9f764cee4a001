/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "decode/sse.h"

void
sse_init(struct sse *sse, size_t line_cap_bytes, size_t event_cap_bytes, sse_event_fn *fn, void *arg)
{
	*sse = (struct sse){
		.fn = fn,
		.arg = arg,
		.line = BUF_INIT(line_cap_bytes),
		.data = BUF_INIT(event_cap_bytes),
		.name = BUF_INIT(event_cap_bytes),
		.line_cap_bytes = line_cap_bytes,
	};
}

void
sse_done(struct sse *sse)
{
	buf_done(&sse->line);
	buf_done(&sse->data);
	buf_done(&sse->name);
}

static void
dispatch(struct sse *sse, bool unfinished)
{
	if (sse->has_data) {
		struct sse_event event = {
			.name = sse->has_name ? buf_view(&sse->name) : STR_NONE,
			.data = buf_view(&sse->data),
		};
		sse->fn(sse->arg, &event, unfinished);
	}
	buf_reset(&sse->data);
	buf_reset(&sse->name);
	sse->has_data = sse->has_name = false;
}

static void
add_data(struct sse *sse, struct str value)
{
	if (sse->has_data)
		buf_char(&sse->data, '\n');
	sse->has_data = true;
	if (!buf_str(&sse->data, value) || sse->data.overflow)
		sse->over_cap = true;
}

/* The standard lets a field have any name and says to ignore the unknown; what is no name at all is broken framing. */
static bool
is_field_name(struct str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];
		bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (!alnum && c != '-' && c != '_')
			return false;
	}
	return true;
}

static void
read_field(struct sse *sse, struct str line)
{
	struct str value = line;
	struct str name = str_split(&value, ':');
	if (!value.at)
		value = STR("");
	if (value.len > 0 && value.at[0] == ' ')
		value = str_span(value.at + 1, value.len - 1);
	if (str_eq(name, STR("data"))) {
		add_data(sse, value);
	} else if (str_eq(name, STR("event"))) {
		buf_reset(&sse->name);
		sse->has_name = true;
		sse->over_cap = sse->over_cap || !buf_str(&sse->name, value);
	} else if (!str_eq(name, STR("id")) && !str_eq(name, STR("retry"))) {
		sse->broken_framing = sse->broken_framing || !is_field_name(name);
		return;
	}
	sse->recognised = true;
}

static void
read_line(struct sse *sse, struct str line)
{
	if (line.len == 0) {
		dispatch(sse, false);
		return;
	}
	if (!str_is_utf8(line))
		sse->broken_framing = true;
	if (line.at[0] == ':')
		sse->comments++;
	else
		read_field(sse, line);
}

/* A whole line: what was kept of it, and its last piece, which is read in place when it is all there is. */
static void
finish_line(struct sse *sse, struct str piece)
{
	struct str line = piece;
	if (sse->line.len + piece.len > sse->line_cap_bytes) {
		sse->over_cap = true;
		return;
	}
	if (sse->line.len > 0) {
		buf_str(&sse->line, piece);
		line = buf_view(&sse->line);
	}
	read_line(sse, line);
	buf_reset(&sse->line);
}

/* Where the first CR or LF is, or len. */
static size_t
line_end(const char *bytes, size_t len)
{
	const char *lf = memchr(bytes, '\n', len);
	size_t upto = lf ? (size_t)(lf - bytes) : len;
	const char *cr = memchr(bytes, '\r', upto);
	return cr ? (size_t)(cr - bytes) : upto;
}

/* The BOM may come in pieces: it is kept like a line until it can be told. */
static size_t
pass_bom(struct sse *sse, const char *bytes, size_t len)
{
	static const char bom[] = "\xEF\xBB\xBF";
	size_t used = 0;
	while (!sse->bom_passed && used < len) {
		size_t have = sse->line.len;
		if (bytes[used] != bom[have]) {
			sse->bom_passed = true;
		} else {
			buf_char(&sse->line, bytes[used++]);
			if (have == 2) {
				sse->bom_passed = true;
				buf_reset(&sse->line);
			}
		}
	}
	return used;
}

bool
sse_feed(struct sse *sse, const char *bytes, size_t len)
{
	size_t at = pass_bom(sse, bytes, len);
	while (at < len && !sse->over_cap) {
		if (sse->after_cr && bytes[at] == '\n') {
			sse->after_cr = false;
			at++;
			continue;
		}
		sse->after_cr = false;
		size_t piece = line_end(bytes + at, len - at);
		if (at + piece == len) {
			if (!buf_add(&sse->line, bytes + at, piece))
				sse->over_cap = true;
			break;
		}
		finish_line(sse, str_span(bytes + at, piece));
		at += piece;
		sse->after_cr = bytes[at] == '\r';
		at++;
	}
	return !sse->over_cap;
}

/* An unfinished last line counts if it could be whole: a data line with something in it, whose JSON will tell. */
bool
sse_end(struct sse *sse)
{
	if (sse->over_cap)
		return false;
	struct str rest = buf_view(&sse->line);
	bool fragment = false;
	if (str_starts(rest, STR("data:")) && str_trim(rest).len > 5)
		read_field(sse, rest);
	else
		fragment = rest.len > 0 && rest.at[0] != ':';
	fragment = fragment || (sse->has_name && !sse->has_data);
	dispatch(sse, true);
	return fragment;
}
