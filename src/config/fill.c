/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/parse.h"
#include "config/loading.h"

static void ATTR_PRINTF(4, 0)
    tell(struct loading *loading, enum diag_kind kind, const struct node *node, const char *format, va_list args)
{
	auto_buf struct buf text = BUF_INIT(16384);
	node_path(node, &text);
	if (text.len > 0)
		buf_text(&text, ": ");
	buf_vprintf(&text, format, args);
	diags_add(loading->diags, kind, node->at, buf_cstr(&text));
}

void
loading_error(struct loading *loading, const struct node *node, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	tell(loading, DIAG_ERROR, node, format, args);
	va_end(args);
}

void
loading_warn(struct loading *loading, const struct node *node, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	tell(loading, DIAG_WARNING, node, format, args);
	va_end(args);
}

void
loading_error_in(struct loading *loading, const struct node *group, const char *key, const char *format, ...)
{
	struct node missing = { .kind = NODE_TEXT, .name = key, .parent = group, .at = group->at };
	va_list args;
	va_start(args, format);
	tell(loading, DIAG_ERROR, &missing, format, args);
	va_end(args);
}

/* Where an unknown key might belong: "key" in this group, or "sub.key" in one of its groups. */
static void
suggest_key(const struct schema_group *group, const char *written, struct buf *out)
{
	unsigned distance = SUGGEST_START;
	const char *best = NULL;
	for (const struct schema_key *key = group->keys; key->name; key++)
		suggest_try(str_of(written), key->name, &distance, &best);
	if (best) {
		buf_printf(out, " (did you mean `%s`?)", best);
		return;
	}
	for (const struct schema_key *key = group->keys; key->name; key++) {
		if (key->kind == VALUE_GROUP && schema_find(key->sub, written)) {
			buf_printf(out, " (did you mean `%s.%s`?)", key->name, written);
			return;
		}
	}
}

/* Every key that is written has a row, and its row is implemented. */
static void
check_keys(struct loading *loading, const struct schema_group *group, const struct node *own)
{
	for (struct node *each = own->first; each; each = each->next) {
		const struct schema_key *key = schema_find(group, each->name);
		each->bad = true;
		if (!key) {
			auto_buf struct buf near = BUF_INIT(1024);
			suggest_key(group, each->name, &near);
			loading_error(loading, each, "unknown key%s", buf_cstr(&near));
		} else if (key->flags & KEY_LATER) {
			loading_error(loading, each, "not implemented in this version; take it out");
		} else if (loading->rehearsal && (key->flags & KEY_OWN)) {
			loading_error(loading, each, "it is never inherited: write it in each endpoint");
		} else {
			each->bad = false;
		}
	}
}

/* The node that the default of a row would have been written as. */
static struct node *
preset(struct loading *loading, const struct schema_key *key)
{
	static const enum value_kind list_kinds[] = { VALUE_TEXTS, VALUE_PROBES, VALUE_DAYS };
	struct node *node = arena_alloc(loading->scratch, sizeof(*node));
	struct str rest = str_of(key->fallback);
	*node = (struct node){ .kind = NODE_TEXT, .name = key->name, .text = key->fallback };
	if (key->kind == VALUE_BOOL) {
		node->kind = NODE_BOOL;
		node->truth = str_eq(rest, STR("true"));
	} else if (parse_i64(rest, &node->number) && (key->kind == VALUE_COUNT || key->kind == VALUE_INT)) {
		node->kind = NODE_INT;
	}
	for (size_t i = 0; i < ARRAY_LEN(list_kinds); i++)
		if (key->kind == list_kinds[i])
			node->kind = NODE_LIST;
	struct node **link = &node->first;
	while (node->kind == NODE_LIST && rest.at) {
		struct node *part = arena_alloc(loading->scratch, sizeof(*part));
		*part = (struct node){ .kind = NODE_TEXT, .parent = node, .index = node->count++ };
		part->text = arena_dup(loading->scratch, str_split(&rest, ','));
		*link = part;
		link = &part->next;
	}
	return node;
}

static int
by_text(const void *a, const void *b)
{
	const struct node *const *left = a, *const *right = b;
	int order = strcmp((*left)->text, (*right)->text);
	return order
	    ? order
	    : ((*left)->parent->index > (*right)->parent->index) - ((*left)->parent->index < (*right)->parent->index);
}

/* No two elements of a list have the same value of a unique key. */
static void
check_unique(struct loading *loading, const struct schema_key *key, const struct node *list)
{
	const struct node **all = arena_alloc(loading->scratch, (list->count + 1) * sizeof(const void *));
	size_t count = 0;
	for (const struct node *each = list->first; each; each = each->next) {
		const struct node *value = node_get(each, key->name);
		if (value && !value->bad && value->kind == NODE_TEXT)
			all[count++] = value;
	}
	qsort(all, count, sizeof(const void *), by_text);
	for (size_t i = 1; i < count; i++)
		if (strcmp(all[i]->text, all[i - 1]->text) == 0)
			loading_error(loading, all[i], "\"%s\" is the %s of another entry already (line %u)",
			    all[i]->text, key->name, all[i - 1]->at.line);
}

static void
fill_list(struct loading *loading, const struct schema_key *key, struct node *node, void *base)
{
	const struct node *inherited = key->sub == &schema_endpoint ? loading->defaults : NULL;
	if (node->kind != NODE_LIST) {
		loading_error(loading, node, "this is %s, expected ( { … }, { … } )", node_kind_text(node->kind));
		node->bad = true;
		return;
	}
	if ((int64_t)node->count < key->min || (int64_t)node->count > key->max) {
		loading_error(
		    loading, node, "%zu entries, expected %" PRId64 " to %" PRId64, node->count, key->min, key->max);
		node->bad = true;
		return;
	}
	char *elements = arena_alloc(loading->memory, (node->count + 1) * key->sub->element_bytes);
	*(void **)(void *)((char *)base + key->offset) = elements;
	*(size_t *)(void *)((char *)base + key->count_offset) = node->count;
	for (struct node *each = node->first; each; each = each->next) {
		if (each->kind == NODE_GROUP) {
			fill_group(
			    loading, key->sub, each, inherited, elements + each->index * key->sub->element_bytes);
			continue;
		}
		loading_error(loading, each, "this is %s, expected a group: { … }", node_kind_text(each->kind));
		each->bad = true;
	}
	for (const struct schema_key *member = key->sub->keys; member->name; member++)
		if (member->flags & KEY_UNIQUE)
			check_unique(loading, member, node);
}

/* `defaults` is read into an endpoint that nobody uses, so that its mistakes are told once and in their place. */
static void
rehearse_defaults(struct loading *loading, const struct node *defaults)
{
	struct endpoint *endpoint = arena_alloc(loading->scratch, sizeof(*endpoint));
	loading->rehearsal = true;
	fill_group(loading, &schema_endpoint, defaults, NULL, endpoint);
	loading->rehearsal = false;
	loading->defaults = defaults;
}

static void
fill_sub(
    struct loading *loading, const struct schema_key *key, struct node *own, const struct node *inherited, void *base)
{
	if (own && own->kind != NODE_GROUP) {
		loading_error(loading, own, "this is %s, expected a group: { … }", node_kind_text(own->kind));
		own->bad = true;
		own = NULL;
	}
	if (own && key->sub == &schema_endpoint) {
		rehearse_defaults(loading, own);
		return;
	}
	if (!own && !inherited && (key->flags & KEY_IF_THERE))
		return;
	fill_group(loading, key->sub, own, inherited, base);
}

static void
fill_value(struct loading *loading, const struct schema_key *key, struct node *node, void *base)
{
	if (node && value_read(loading, key, node, base))
		return;
	if (node)
		node->bad = true;
	if (key->kind == VALUE_DATE)
		*(int64_t *)(void *)((char *)base + key->offset) = DATE_NOT_SET;
	/* Something sound in its place, so that the other rules can go on. */
	if (key->fallback && !value_read(loading, key, preset(loading, key), base))
		abort();
}

/* A member of the group, unless it is known to be unusable. */
static struct node *
sound_member(const struct node *group, const char *name)
{
	struct node *node = node_get(group, name);
	return node && !node->bad ? node : NULL;
}

/* Written somewhere, if only in a way that cannot be used. */
static bool
is_written(const struct node *own, const struct node *inherited, const struct schema_key *key)
{
	return node_get(own, key->name) || (!(key->flags & KEY_OWN) && node_get(inherited, key->name));
}

void
fill_group(struct loading *loading, const struct schema_group *group, const struct node *own,
    const struct node *inherited, void *base)
{
	if (own)
		check_keys(loading, group, own);
	for (const struct schema_key *key = group->keys; key->name; key++) {
		struct node *mine = sound_member(own, key->name);
		struct node *theirs = key->flags & KEY_OWN ? NULL : sound_member(inherited, key->name);
		struct node *node = mine ? mine : theirs;
		bool required = (key->flags & KEY_REQUIRED) && !loading->rehearsal;
		if (key->flags & KEY_LATER) {
			if (key->fallback && key->offset > 0) /* its field is there already */
				fill_value(loading, key, NULL, base);
		} else if (required && !node && !is_written(own, inherited, key)) {
			loading_error_in(loading, own, key->name, "required: %s", key->text);
		} else if (key->kind == VALUE_GROUP) {
			fill_sub(loading, key, mine, theirs, base);
		} else if (key->kind != VALUE_LIST) {
			fill_value(loading, key, node, base);
		} else if (node) {
			fill_list(loading, key, node, base);
		}
	}
}
