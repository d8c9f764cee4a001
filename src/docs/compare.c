/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "docs/compare.h"

#include <stdlib.h>

#include "base/escape.h"
#include "base/xalloc.h"
#include "docs/builder.h"
#include "docs/gate.h"
#include "docs/value.h"

/* The texts come from versions, which have caps; so have the lists made of them. */
struct comparison {
	const struct doc_version *before, *after;
	struct doc_diff *diff;
	size_t room;
	bool samples; /* `after` still has samples of successes */
};

static void
add(struct comparison *c, struct doc_difference difference)
{
	struct doc_diff *diff = c->diff;
	if (diff->count == c->room) {
		c->room = c->room ? c->room * 2 : 16;
		diff->list = xrealloc(diff->list, c->room * sizeof(*diff->list));
	}
	diff->list[diff->count++] = difference;
	diff->changes |= 1U << difference.change;
}

/* ---- what a fact belongs to ---- */

static bool
is_entry(struct str key)
{
	return str_starts(key, STR("page ")) || str_starts(key, STR("spec "));
}

/* What prose says of a field of the specification is judged (judge.c); that it is said differently is prose. */
static bool
is_claim(struct str key)
{
	return str_starts(key, STR("says "));
}

static bool
is_sample(struct str key)
{
	return str_starts(key, STR("sample "));
}

/* A sample shows some of the fields: more of them is no promise, fewer may be one broken. Null says nothing of a type. */
static bool
sample_retyped(struct str before, struct str after)
{
	unsigned old = type_of_value(before) & ~TYPE_BIT(NULL), now = type_of_value(after) & ~TYPE_BIT(NULL);
	bool both_numbers = !(old & ~(TYPE_BIT(INT) | TYPE_BIT(REAL))) && !(now & ~(TYPE_BIT(INT) | TYPE_BIT(REAL)));
	return old && now && !(old & now) && !both_numbers;
}

static bool
is_unavailable(struct str title)
{
	return str_ends(title, STR("(unavailable)"));
}

static bool
fact_counts(const struct comparison *c, const struct doc_difference *d)
{
	if (is_claim(d->key))
		return false;
	if (is_sample(d->key))
		return c->samples &&
		    (d->kind == DOC_REMOVED || (d->kind == DOC_REPLACED && sample_retyped(d->before, d->after)));
	if (is_entry(d->key) && d->kind == DOC_REPLACED) /* another title for the same page */
		return is_unavailable(d->before) != is_unavailable(d->after);
	return true;
}

static void
add_fact(
    struct comparison *c, enum doc_difference_kind kind, const struct doc_fact *before, const struct doc_fact *after)
{
	struct str key = before ? before->key : after->key;
	struct doc_difference difference = { .kind = kind,
		.change = is_entry(key) ? DOC_CHANGE_INDEX : DOC_CHANGE_CONTRACT,
		.key = key,
		.before = before ? before->value : STR_NONE,
		.after = after ? after->value : STR_NONE };
	if (fact_counts(c, &difference))
		add(c, difference);
}

static void
compare_facts(struct comparison *c)
{
	const struct doc_version *a = c->before, *b = c->after;
	size_t i = 0, j = 0;
	while (i < a->fact_count || j < b->fact_count) {
		int order = i == a->fact_count ? 1
		    : j == b->fact_count       ? -1
					       : str_order(a->facts[i].key, b->facts[j].key);
		if (order < 0)
			add_fact(c, DOC_REMOVED, &a->facts[i], NULL);
		else if (order > 0)
			add_fact(c, DOC_ADDED, NULL, &b->facts[j]);
		else if (!str_eq(a->facts[i].value, b->facts[j].value))
			add_fact(c, DOC_REPLACED, &a->facts[i], &b->facts[j]);
		i += order <= 0;
		j += order >= 0;
	}
}

/* ---- moved pages ---- */

static struct str
without_slash(struct str path)
{
	return str_ends(path, STR("/")) ? str_span(path.at, path.len - 1) : path;
}

static void
compare_urls(struct comparison *c)
{
	struct str before = c->before->url, after = c->after->url;
	if (str_eq(without_slash(url_path(before)), without_slash(url_path(after))))
		return;
	add(c,
	    (struct doc_difference){ .kind = DOC_REPLACED,
		.change = DOC_CHANGE_MOVED,
		.key = STR("address"),
		.before = before,
		.after = after });
}

/* An entry of the index that went, or came, by what it can be recognised by. */
struct entry {
	struct str name;
	size_t at; /* in the list of differences */
	bool added;
};

static int
order_entries(const void *a, const void *b)
{
	const struct entry *one = a, *two = b;
	int order = str_order(one->name, two->name);
	return order ? order : (one->added > two->added) - (one->added < two->added);
}

static struct str
title_of(const struct doc_difference *d)
{
	struct str title = d->kind == DOC_ADDED ? d->after : d->before;
	return is_unavailable(title) ? str_trim(str_span(title.at, title.len - strlen("(unavailable)"))) : title;
}

static struct str
entry_url(struct str key)
{
	return str_span(key.at + 5, key.len - 5);
}

/* The file's name of a specification; nothing of a page. */
static struct str
file_of(const struct doc_difference *d)
{
	struct str path = url_path(entry_url(d->key));
	size_t slash = path.len;
	while (slash > 0 && path.at[slash - 1] != '/')
		slash--;
	return str_starts(d->key, STR("spec ")) ? str_span(path.at + slash, path.len - slash) : STR("");
}

/* What went under a name that only one came under has moved. The one that came is marked by its absent key. */
static void
pair_entries(struct doc_diff *diff, struct str (*name_of)(const struct doc_difference *))
{
	struct entry *entries = xcalloc(diff->count + 1, sizeof(*entries));
	size_t count = 0;
	for (size_t i = 0; i < diff->count; i++) {
		const struct doc_difference *d = &diff->list[i];
		if (d->change == DOC_CHANGE_INDEX && d->kind != DOC_REPLACED && d->key.at && name_of(d).len > 0)
			entries[count++] = (struct entry){ name_of(d), i, d->kind == DOC_ADDED };
	}
	if (count > 0)
		qsort(entries, count, sizeof(*entries), order_entries);
	for (size_t i = 0, next; i < count; i = next) {
		next = i + 1;
		while (next < count && str_eq(entries[i].name, entries[next].name))
			next++;
		if (next - i != 2 || entries[i].added || !entries[i + 1].added)
			continue;
		struct doc_difference *went = &diff->list[entries[i].at], *came = &diff->list[entries[i + 1].at];
		if (went->key.at[0] != came->key.at[0]) /* a page is no specification */
			continue;
		*went = (struct doc_difference){ .kind = DOC_REPLACED,
			.change = DOC_CHANGE_MOVED,
			.key = entries[i].name,
			.before = entry_url(went->key),
			.after = entry_url(came->key) };
		came->key = STR_NONE;
	}
	free(entries);
}

static void
find_moved_entries(struct doc_diff *diff)
{
	size_t kept = 0;
	pair_entries(diff, title_of);
	pair_entries(diff, file_of);
	diff->changes = 0;
	for (size_t i = 0; i < diff->count; i++) {
		struct doc_difference d = diff->list[i];
		if (d.change == DOC_CHANGE_INDEX && !d.key.at)
			continue;
		diff->list[kept++] = d;
		diff->changes |= 1U << d.change;
	}
	diff->count = kept;
}

/* ---- prose ---- */

struct line {
	struct str text;
	size_t at;
	bool after, paired;
};

static int
order_lines(const void *a, const void *b)
{
	const struct line *one = a, *two = b;
	int order = str_order(one->text, two->text);
	if (order == 0)
		order = (one->after > two->after) - (one->after < two->after);
	return order ? order : (one->at > two->at) - (one->at < two->at);
}

static int
order_places(const void *a, const void *b)
{
	const struct line *one = a, *two = b;
	int order = (one->after > two->after) - (one->after < two->after);
	return order ? order : (one->at > two->at) - (one->at < two->at);
}

/* A line that is said as often as before counts for nothing, wherever it is said: the lines are sorted, and those of
 * before and after with the same text cancel each other. */
static void
cancel_lines(struct line *lines, size_t count)
{
	for (size_t i = 0, next; i < count; i = next) {
		size_t old = 0;
		for (next = i; next < count && str_eq(lines[i].text, lines[next].text); next++)
			old += !lines[next].after;
		size_t now = next - i - old, both = old < now ? old : now;
		for (size_t j = 0; j < both; j++)
			lines[i + j].paired = lines[i + old + j].paired = true;
	}
}

static void
compare_lines(struct comparison *c)
{
	const struct doc_version *a = c->before, *b = c->after;
	size_t count = a->line_count + b->line_count;
	struct line *lines = xcalloc(count + 1, sizeof(*lines));
	for (size_t i = 0; i < a->line_count; i++)
		lines[i] = (struct line){ a->lines[i], i, false, false };
	for (size_t i = 0; i < b->line_count; i++)
		lines[a->line_count + i] = (struct line){ b->lines[i], i, true, false };
	if (count > 0) {
		qsort(lines, count, sizeof(*lines), order_lines);
		cancel_lines(lines, count);
		qsort(lines, count, sizeof(*lines), order_places);
	}
	for (size_t i = 0; i < count; i++) {
		struct doc_difference d = { .kind = lines[i].after ? DOC_ADDED : DOC_REMOVED,
			.change = DOC_CHANGE_PROSE,
			.before = lines[i].after ? STR_NONE : lines[i].text,
			.after = lines[i].after ? lines[i].text : STR_NONE };
		if (!lines[i].paired)
			add(c, d);
	}
	free(lines);
}

void
doc_compare(const struct doc_version *before, const struct doc_version *after, struct doc_diff *ret_diff)
{
	*ret_diff = (struct doc_diff){ 0 };
	struct comparison c = { .before = before, .after = after, .diff = ret_diff };
	size_t first = doc_fact_from(after, STR("sample "));
	c.samples = first < after->fact_count && is_sample(after->facts[first].key);
	compare_facts(&c);
	find_moved_entries(ret_diff);
	compare_urls(&c);
	compare_lines(&c);
}

void
doc_diff_done(struct doc_diff *diff)
{
	free(diff->list);
	*diff = (struct doc_diff){ 0 };
}
