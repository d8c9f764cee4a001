/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "docs/yaml.h"

#include <stdlib.h>
#include <yaml.h>

#include "base/escape.h"
#include "base/json.h"
#include "base/str.h"
#include "base/xalloc.h"

enum { DEPTH_MAX = JSON_DEPTH_MAX - 2, ANCHORS_MAX = 256, ANCHOR_BYTES = 64, ALIASES_MAX = 4096 };

/* A node that can be repeated: where it stands in the JSON text. */
struct anchor {
	char name[ANCHOR_BYTES];
	size_t start, end; /* end 0 = not yet whole */
};

/* A container that is open. */
struct level {
	bool mapping, wants_value;
	size_t members;
	size_t anchor; /* index + 1; 0 = none */
};

struct converter {
	struct buf *out;
	struct level levels[DEPTH_MAX];
	unsigned depth;
	struct anchor anchors[ANCHORS_MAX];
	size_t anchor_count, alias_count;
	bool whole; /* the value at the top is written */
	bool broken;
};

static struct str
text_of(const yaml_char_t *text)
{
	return str_of((const char *)text);
}

/* ---- scalars ---- */

static bool
is_one_of(struct str text, const char *const *words)
{
	for (; *words; words++)
		if (str_eq(text, str_of(*words)))
			return true;
	return false;
}

/* A number that JSON would read as well. */
static bool
is_number(struct str text)
{
	return text.len > 0 && (text.at[0] == '-' || (text.at[0] >= '0' && text.at[0] <= '9')) &&
	    json_check(text, 1) == JSON_FINE;
}

static void
write_scalar(struct converter *c, const yaml_event_t *event, bool is_key)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
	static const char *const truths[] = { "true", "True", "TRUE", NULL };
	static const char *const lies[] = { "false", "False", "FALSE", NULL };
	struct str text = str_span((const char *)event->data.scalar.value, event->data.scalar.length);
	bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !event->data.scalar.tag && !is_key;
	if (plain && is_one_of(text, nulls))
		buf_text(c->out, "null");
	else if (plain && is_one_of(text, truths))
		buf_text(c->out, "true");
	else if (plain && is_one_of(text, lies))
		buf_text(c->out, "false");
	else if (plain && is_number(text))
		buf_str(c->out, text);
	else
		escape_json(c->out, text);
}

/* ---- nodes ---- */

/* What comes before a node: a comma, or the colon of its key. True when the node is a key. */
static bool
begin_node(struct converter *c)
{
	if (c->depth == 0) {
		c->broken = c->broken || c->whole;
		return false;
	}
	struct level *level = &c->levels[c->depth - 1];
	bool is_key = level->mapping && !level->wants_value;
	if (level->mapping && level->wants_value)
		buf_char(c->out, ':');
	else if (level->members++ > 0)
		buf_char(c->out, ',');
	level->wants_value = is_key;
	return is_key;
}

static void
end_node(struct converter *c)
{
	c->whole = c->whole || c->depth == 0;
}

/* Returns its index + 1; 0 = no anchor. */
static size_t
begin_anchor(struct converter *c, const yaml_char_t *name)
{
	struct str text = text_of(name);
	if (!text.at)
		return 0;
	if (text.len >= ANCHOR_BYTES || c->anchor_count == ANCHORS_MAX) {
		c->broken = true;
		return 0;
	}
	struct anchor *anchor = &c->anchors[c->anchor_count++];
	*anchor = (struct anchor){ .start = c->out->len };
	memcpy(anchor->name, text.at, text.len);
	return c->anchor_count;
}

static void
end_anchor(struct converter *c, size_t anchor)
{
	if (anchor)
		c->anchors[anchor - 1].end = c->out->len;
}

static void
open_container(struct converter *c, bool mapping, const yaml_char_t *anchor)
{
	bool is_key = begin_node(c);
	if (is_key || c->depth == DEPTH_MAX) {
		c->broken = true;
		return;
	}
	size_t at = begin_anchor(c, anchor);
	buf_char(c->out, mapping ? '{' : '[');
	c->levels[c->depth++] = (struct level){ .mapping = mapping, .anchor = at };
}

static void
close_container(struct converter *c)
{
	const struct level *level = &c->levels[--c->depth];
	buf_char(c->out, level->mapping ? '}' : ']');
	end_anchor(c, level->anchor);
	end_node(c);
}

static void
add_scalar(struct converter *c, const yaml_event_t *event)
{
	bool is_key = begin_node(c);
	size_t anchor = begin_anchor(c, event->data.scalar.anchor);
	write_scalar(c, event, is_key);
	end_anchor(c, anchor);
	end_node(c);
}

/* The later anchor of a name hides the earlier. A node inside itself is refused: JSON has no such thing. */
static void
repeat_anchor(struct converter *c, const yaml_char_t *name)
{
	bool is_key = begin_node(c);
	size_t i = c->anchor_count;
	while (i > 0 && !str_eq(text_of(name), str_of(c->anchors[i - 1].name)))
		i--;
	if (i == 0 || c->anchors[i - 1].end == 0 || ++c->alias_count > ALIASES_MAX) {
		c->broken = true;
		return;
	}
	size_t start = c->anchors[i - 1].start, len = c->anchors[i - 1].end - start;
	if (is_key && c->out->at[start] != '"') {
		c->broken = true;
		return;
	}
	char *to = buf_reserve(c->out, len);
	if (!to)
		return;
	memcpy(to, c->out->at + start, len);
	c->out->len += len;
	end_node(c);
}

static void
take_event(struct converter *c, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		add_scalar(c, event);
		break;
	case YAML_ALIAS_EVENT:
		repeat_anchor(c, event->data.alias.anchor);
		break;
	case YAML_MAPPING_START_EVENT:
		open_container(c, true, event->data.mapping_start.anchor);
		break;
	case YAML_SEQUENCE_START_EVENT:
		open_container(c, false, event->data.sequence_start.anchor);
		break;
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		close_container(c);
		break;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		break;
	}
}

bool
yaml_to_json(struct str text, struct buf *out)
{
	yaml_parser_t parser;
	struct converter *c = xcalloc(1, sizeof(*c));
	c->out = out;
	bool ended = false;
	if (!yaml_parser_initialize(&parser)) {
		free(c);
		return false;
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)text.at, text.len);
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	while (!ended && !c->broken && !out->overflow) {
		yaml_event_t event;
		if (!yaml_parser_parse(&parser, &event)) {
			c->broken = true;
			break;
		}
		ended = event.type == YAML_STREAM_END_EVENT || event.type == YAML_DOCUMENT_END_EVENT;
		take_event(c, &event);
		yaml_event_delete(&event);
	}
	bool fine = !c->broken && !out->overflow && c->whole;
	yaml_parser_delete(&parser);
	free(c);
	return fine;
}
