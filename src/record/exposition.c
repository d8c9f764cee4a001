/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "record/exposition.h"

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/xalloc.h"
#include "record/families.h"

enum { HEADER_BYTES_MAX = 4096 };

struct exposition {
	struct metrics_snapshot *snapshot; /* owned */
	enum exposition_format format;
	enum metric order[METRIC_COUNT];
	size_t family; /* next in order */
	bool family_begun; /* its header is written: it has at least one series */
	size_t slot, probe; /* next in the family's scope */
	bool ended;
};

/* What the family is called: without _total where the format says so. */
static struct str
family_name(enum exposition_format format, enum metric metric)
{
	struct str name = str_of(metric_rows[metric].name);
	if (format == EXPOSITION_OPENMETRICS && metric_rows[metric].type == METRIC_TYPE_COUNTER)
		name.len -= strlen("_total");
	return name;
}

static int
compare_names(struct str a, struct str b)
{
	size_t shorter = a.len < b.len ? a.len : b.len;
	int order = memcmp(a.at, b.at, shorter);
	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static void
sort_families(struct exposition *x)
{
	for (unsigned i = 0; i < METRIC_COUNT; i++) {
		unsigned at = i;
		struct str name = family_name(x->format, (enum metric)i);
		for (; at > 0 && compare_names(family_name(x->format, x->order[at - 1]), name) > 0; at--)
			x->order[at] = x->order[at - 1];
		x->order[at] = (enum metric)i;
	}
}

struct exposition *
exposition_new(const struct metrics *metrics, enum exposition_format format)
{
	struct exposition *x = xcalloc(1, sizeof(*x));
	x->snapshot = metrics_snapshot_new(metrics);
	x->format = format;
	sort_families(x);
	return x;
}

void
exposition_free(struct exposition *x)
{
	if (!x)
		return;
	metrics_snapshot_free(x->snapshot);
	free(x);
}

const char *
exposition_content_type(enum exposition_format format)
{
	static const char *const types[] = {
		[EXPOSITION_TEXT] = "text/plain; version=0.0.4; charset=utf-8",
		[EXPOSITION_OPENMETRICS] =
		    "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores",
	};
	return types[format];
}

static void
write_type(struct buf *out, struct str name, const struct metric_row *row)
{
	buf_printf(out, "# TYPE %.*s %s\n", STR_ARG(name), metric_type_name(row->type));
}

static void
write_header(const struct exposition *x, struct buf *out, enum metric metric)
{
	const struct metric_row *row = &metric_rows[metric];
	struct str name = family_name(x->format, metric);
	bool openmetrics = x->format == EXPOSITION_OPENMETRICS;
	if (openmetrics)
		write_type(out, name, row);
	if (openmetrics && *row->unit)
		buf_printf(out, "# UNIT %.*s %s\n", STR_ARG(name), row->unit);
	buf_printf(out, "# HELP %.*s ", STR_ARG(name));
	(openmetrics ? escape_help_openmetrics : escape_help_text)(out, str_of(row->help));
	buf_char(out, '\n');
	if (!openmetrics)
		write_type(out, name, row);
}

/* The next thing in the family's scope; false when there is none left. */
static bool
next_item(struct exposition *x, enum family_scope scope, struct family_item *ret_item)
{
	const struct metrics_snapshot *all = x->snapshot;
	*ret_item = (struct family_item){ .all = all };
	switch (scope) {
	case SCOPE_DAEMON:
		return x->slot++ == 0;
	case SCOPE_PROVIDER:
		return (ret_item->provider = named_at(&all->named[NAMED_PROVIDER], x->slot++));
	case SCOPE_POLICY:
		return (ret_item->policy = named_at(&all->named[NAMED_POLICY], x->slot++));
	case SCOPE_BUDGET:
		return (ret_item->budget = named_at(&all->named[NAMED_BUDGET], x->slot++));
	case SCOPE_DOC:
		return (ret_item->doc = named_at(&all->named[NAMED_DOC], x->slot++));
	case SCOPE_ENDPOINT:
		if (x->slot == all->endpoint_count)
			return false;
		ret_item->endpoint = all->endpoints[x->slot++];
		return true;
	case SCOPE_PROBE:
		while (x->slot < all->endpoint_count && x->probe == all->endpoints[x->slot]->probe_count) {
			x->slot++;
			x->probe = 0;
		}
		if (x->slot == all->endpoint_count)
			return false;
		ret_item->endpoint = all->endpoints[x->slot];
		ret_item->probe = &ret_item->endpoint->probes[x->probe++];
		return true;
	}
	return false;
}

/* A family's header comes with its first series, if there is one. */
static void
insert_header(const struct exposition *x, struct buf *out, size_t at, enum metric metric)
{
	auto_buf struct buf header = BUF_INIT(HEADER_BYTES_MAX);
	write_header(x, &header, metric);
	if (!buf_reserve(out, header.len))
		return;
	memmove(out->at + at + header.len, out->at + at, out->len - at);
	memcpy(out->at + at, header.at, header.len);
	out->len += header.len;
}

static void
write_item(struct exposition *x, struct buf *out, enum metric metric, const struct family_item *item)
{
	struct sample_writer w = {
		.out = out,
		.name = str_of(metric_rows[metric].name),
		.exemplars = x->format == EXPOSITION_OPENMETRICS,
	};
	size_t before = out->len;
	families[metric].write(&w, item);
	if (x->family_begun || out->len == before)
		return;
	insert_header(x, out, before, metric);
	x->family_begun = true;
}

bool
exposition_render(struct exposition *x, struct buf *out, size_t slice_bytes)
{
	size_t enough = out->len + slice_bytes;
	while (x->family < METRIC_COUNT && out->len < enough && !out->overflow) {
		enum metric metric = x->order[x->family];
		struct family_item item;
		if (families[metric].write && next_item(x, families[metric].scope, &item)) {
			write_item(x, out, metric, &item);
			continue;
		}
		x->family++;
		x->family_begun = false;
		x->slot = x->probe = 0;
	}
	if (x->family < METRIC_COUNT)
		return true;
	if (x->format == EXPOSITION_OPENMETRICS && !x->ended)
		buf_text(out, "# EOF\n");
	x->ended = true;
	return false;
}
