/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/escape.h"
#include "docs/builder.h"
#include "docs/compare.h"
#include "docs/value.h"

enum { ATTRIBUTES_BYTES_MAX = 16 * 1024 };

/* Parts of a line, separated once there is something to separate. */
struct parts {
	struct buf *out;
	bool any;
};

static void
print_part(struct parts *parts, const char *said, struct str what)
{
	if (parts->any)
		buf_text(parts->out, ", ");
	parts->any = true;
	buf_text(parts->out, said);
	escape_terminal(parts->out, what);
}

static struct str
first_attribute(struct str value)
{
	struct str attribute = STR("");
	value_next(&value, &attribute);
	return attribute;
}

static void
print_types(struct parts *parts, struct str before, struct str after)
{
	struct str old = first_attribute(before), now = first_attribute(after);
	if (str_eq(old, now) || str_starts(old, STR("one of ")) || str_starts(now, STR("one of ")))
		return;
	print_part(parts, "", old);
	buf_text(parts->out, " -> ");
	escape_terminal(parts->out, now);
}

static int
order_members(struct str a, struct str b)
{
	return !a.at ? 1 : !b.at ? -1 : str_order(a, b);
}

static struct str
next_member(struct str *members)
{
	struct str member = STR_NONE;
	value_enum_next(members, &member);
	return member;
}

/* Both lists are sorted. */
static void
print_members(struct parts *parts, struct str old, struct str now)
{
	struct str a = next_member(&old), b = next_member(&now);
	while (a.at || b.at) {
		int order = order_members(a, b);
		if (order < 0)
			print_part(parts, "no longer ", a);
		else if (order > 0)
			print_part(parts, "new ", b);
		a = order <= 0 ? next_member(&old) : a;
		b = order >= 0 ? next_member(&now) : b;
	}
}

static void
print_enum(struct parts *parts, struct str before, struct str after)
{
	struct str old = value_enum(before), now = value_enum(after);
	if (old.len > 0 && now.len > 0)
		print_members(parts, old, now);
	else if (old.len > 0)
		print_part(parts, "no longer one of ", old);
	else if (now.len > 0)
		print_part(parts, "now one of ", now);
}

/* Attributes of one value that the other has not, but for types and enums. */
static void
print_attributes(struct parts *parts, const char *said, struct str of, struct str other)
{
	struct str rest = of, attribute;
	value_next(&rest, &attribute); /* the types */
	while (value_next(&rest, &attribute))
		if (!str_starts(attribute, STR("one of ")) && !value_has(other, attribute))
			print_part(parts, said, attribute);
}

static void
print_replaced(struct buf *out, const struct doc_difference *d)
{
	struct parts parts = { .out = out };
	if (d->change == DOC_CHANGE_CONTRACT && d->before.len + d->after.len <= ATTRIBUTES_BYTES_MAX) {
		print_types(&parts, d->before, d->after);
		print_enum(&parts, d->before, d->after);
		print_attributes(&parts, "no longer ", d->before, d->after);
		print_attributes(&parts, "now ", d->after, d->before);
	}
	if (parts.any)
		return;
	escape_terminal(out, d->before);
	buf_text(out, " -> ");
	escape_terminal(out, d->after);
}

static void
print_difference(struct buf *out, const struct doc_difference *d)
{
	static const char signs[] = { '+', '-', '~' };
	buf_printf(out, "%c %-8s  ", signs[d->kind], doc_change_name(d->change));
	struct str value = d->kind == DOC_ADDED ? d->after : d->before;
	if (d->key.at) {
		escape_terminal(out, d->key);
		buf_text(out, d->kind == DOC_REPLACED || value.len > 0 ? ": " : "");
	}
	if (d->kind == DOC_REPLACED)
		print_replaced(out, d);
	else
		escape_terminal(out, value);
	buf_char(out, '\n');
}

void
doc_diff_print(const struct doc_diff *diff, struct buf *out)
{
	static const enum doc_change order[] = { DOC_CHANGE_CONTRACT, DOC_CHANGE_MOVED, DOC_CHANGE_INDEX,
		DOC_CHANGE_PROSE };
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		for (size_t j = 0; j < diff->count; j++)
			if (diff->list[j].change == order[i])
				print_difference(out, &diff->list[j]);
}
