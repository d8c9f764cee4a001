/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "schedule/slot.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/xalloc.h"

void
slot_table_init(struct slot_table *table, size_t expected)
{
	size_t size = 8;
	while (size < 2 * expected)
		size *= 2;
	*table = (struct slot_table){ .cells = xcalloc(size, sizeof(*table->cells)), .mask = size - 1 };
}

static size_t
first_cell(const struct slot_table *table, const char *endpoint, enum probe_kind probe)
{
	return (size_t)hash_str((uint64_t)probe, str_of(endpoint)) & table->mask;
}

void
slot_table_add(struct slot_table *table, struct slot *slot)
{
	size_t i = first_cell(table, slot->endpoint->name, slot->probe);
	while (table->cells[i])
		i = (i + 1) & table->mask;
	table->cells[i] = slot;
	table->count++;
}

struct slot *
slot_table_find(const struct slot_table *table, const char *endpoint, enum probe_kind probe)
{
	size_t i = first_cell(table, endpoint, probe);
	for (; table->cells[i]; i = (i + 1) & table->mask)
		if (table->cells[i]->probe == probe && strcmp(table->cells[i]->endpoint->name, endpoint) == 0)
			return table->cells[i];
	return NULL;
}

struct slot *
slot_table_next(const struct slot_table *table, size_t *at)
{
	while (*at <= table->mask) {
		struct slot *slot = table->cells[(*at)++];
		if (slot)
			return slot;
	}
	return NULL;
}

void
slot_table_done(struct slot_table *table)
{
	free(table->cells);
	*table = (struct slot_table){ .cells = NULL };
}

void
slot_retire(struct slot **list, struct slot *slot)
{
	slot->retired_name = xstrdup(slot->endpoint->name);
	slot->endpoint = NULL;
	slot->next_retired = *list;
	*list = slot;
}

struct slot *
slot_unretire(struct slot **list, const char *endpoint, enum probe_kind probe)
{
	for (struct slot **at = list; *at; at = &(*at)->next_retired) {
		struct slot *slot = *at;
		if (slot->probe != probe || strcmp(slot->retired_name, endpoint) != 0)
			continue;
		*at = slot->next_retired;
		free(slot->retired_name);
		slot->retired_name = NULL;
		return slot;
	}
	return NULL;
}

void
slot_free(struct slot *slot)
{
	free(slot->retired_name);
	free(slot);
}
