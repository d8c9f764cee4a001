/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "docs/builder.h"

#include <stdlib.h>

#include "base/xalloc.h"

enum { MEMORY_MAX = 64 * 1024 * 1024 };

void
builder_init(struct builder *builder)
{
	*builder = (struct builder){ .memory = xcalloc(1, sizeof(*builder->memory)), .title = STR(""), .url = STR("") };
	arena_init(&builder->memory->arena, MEMORY_MAX);
}

static void
memory_free(struct doc_memory *memory)
{
	if (memory)
		arena_done(&memory->arena);
	free(memory);
}

void
builder_done(struct builder *builder)
{
	memory_free(builder->memory);
	*builder = (struct builder){ 0 };
}

void
doc_version_done(struct doc_version *version)
{
	memory_free(version->memory);
	*version = (struct doc_version){ 0 };
}

struct str
builder_copy(struct builder *builder, struct str text)
{
	enum { PUNCTUATION = 3 }; /* when it is saved */
	if (text.len + PUNCTUATION > DOC_TEXT_MAX - builder->text_bytes)
		builder->full = true;
	char *copy = builder->full ? NULL : arena_dup(&builder->memory->arena, text);
	if (!copy) {
		builder->full = true;
		return STR("");
	}
	builder->text_bytes += text.len + PUNCTUATION;
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)copy[i] < 0x20 || copy[i] == 0x7F)
			copy[i] = ' ';
	return str_span(copy, text.len);
}

/* Room for one more of `size` bytes in a list; NULL when the memory is full. */
static void *
grow(struct builder *builder, void *list, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return list;
	size_t wanted = *room ? *room * 2 : 64;
	void *bigger = arena_alloc(&builder->memory->arena, wanted * size);
	if (!bigger) {
		builder->full = true;
		return NULL;
	}
	if (count > 0)
		memcpy(bigger, list, count * size);
	*room = wanted;
	return bigger;
}

void
builder_fact(struct builder *builder, struct str key, struct str value)
{
	struct doc_fact fact = { builder_copy(builder, key), builder_copy(builder, value) };
	struct doc_fact *facts =
	    grow(builder, builder->facts, builder->fact_count, &builder->fact_room, sizeof(*builder->facts));
	if (!facts)
		return;
	builder->facts = facts;
	builder->facts[builder->fact_count++] = fact;
}

void
builder_line(struct builder *builder, struct str line)
{
	struct str copy = builder_copy(builder, line);
	struct str *lines =
	    grow(builder, builder->lines, builder->line_count, &builder->line_room, sizeof(*builder->lines));
	if (!lines)
		return;
	builder->lines = lines;
	builder->lines[builder->line_count++] = copy;
}

int
str_order(struct str a, struct str b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len ? memcmp(a.at, b.at, len) : 0;
	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int
order_texts(const void *a, const void *b)
{
	return str_order(*(const struct str *)a, *(const struct str *)b);
}

void
str_sort(struct str *texts, size_t count)
{
	if (count > 1)
		qsort(texts, count, sizeof(*texts), order_texts);
}

static int
order_facts(const void *a, const void *b)
{
	const struct doc_fact *one = a, *two = b;
	int order = str_order(one->key, two->key);
	return order ? order : str_order(one->value, two->value);
}

/* The values of facts[0..count), one key's, sorted: each once. */
static struct str
join_values(struct builder *builder, const struct doc_fact *facts, size_t count)
{
	auto_buf struct buf joined = BUF_INIT(DOC_TEXT_MAX);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && str_eq(facts[i].value, facts[i - 1].value))
			continue;
		if (i > 0)
			buf_text(&joined, " / ");
		buf_str(&joined, facts[i].value);
	}
	if (str_eq(buf_view(&joined), facts[0].value))
		return facts[0].value;
	builder->full = builder->full || joined.overflow;
	return builder_copy(builder, buf_view(&joined));
}

static void
merge_facts(struct builder *builder)
{
	size_t kept = 0;
	if (builder->fact_count > 0)
		qsort(builder->facts, builder->fact_count, sizeof(*builder->facts), order_facts);
	for (size_t i = 0, next; i < builder->fact_count; i = next) {
		next = i + 1;
		while (next < builder->fact_count && str_eq(builder->facts[i].key, builder->facts[next].key))
			next++;
		struct doc_fact fact = { builder->facts[i].key, join_values(builder, builder->facts + i, next - i) };
		builder->facts[kept++] = fact;
	}
	builder->fact_count = kept;
}

bool
builder_finish(struct builder *builder, struct doc_version *ret_version)
{
	merge_facts(builder);
	*ret_version = (struct doc_version){ 0 };
	if (builder->full) {
		builder_done(builder);
		return false;
	}
	*ret_version = (struct doc_version){ .url = builder->url,
		.title = builder->title,
		.facts = builder->facts,
		.fact_count = builder->fact_count,
		.lines = builder->lines,
		.line_count = builder->line_count,
		.memory = builder->memory };
	*builder = (struct builder){ 0 };
	return true;
}

size_t
doc_fact_from(const struct doc_version *version, struct str key)
{
	size_t low = 0, high = version->fact_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (str_order(version->facts[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct doc_fact *
doc_fact_find(const struct doc_version *version, struct str key)
{
	size_t i = doc_fact_from(version, key);
	return i < version->fact_count && str_eq(version->facts[i].key, key) ? &version->facts[i] : NULL;
}

bool
doc_version_same(const struct doc_version *a, const struct doc_version *b)
{
	if (!str_eq(a->url, b->url) || a->fact_count != b->fact_count || a->line_count != b->line_count)
		return false;
	for (size_t i = 0; i < a->fact_count; i++)
		if (!str_eq(a->facts[i].key, b->facts[i].key) || !str_eq(a->facts[i].value, b->facts[i].value))
			return false;
	for (size_t i = 0; i < a->line_count; i++)
		if (!str_eq(a->lines[i], b->lines[i]))
			return false;
	return true;
}
