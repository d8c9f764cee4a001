/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "config/conf.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/pattern.h"
#include "base/secret.h"
#include "base/xalloc.h"
#include "config/load.h"

struct config *
conf_new(void)
{
	struct arena *memory = xmalloc(sizeof(*memory));
	arena_init(memory, SIZE_MAX / 2);
	struct config *config = arena_alloc(memory, sizeof(*config));
	config->memory = memory;
	config->users = 1;
	config->store.path = "";
	return config;
}

struct config *
config_hold(struct config *config)
{
	config->users++;
	return config;
}

void
config_release(struct config *config)
{
	if (!config || --config->users > 0)
		return;
	for (size_t i = 0; i < config->provider_count; i++)
		secret_free(config->providers[i].auth.secret);
	for (size_t i = 0; i < config->tenant_count; i++)
		secret_free(config->tenants[i].secret);
	for (size_t i = 0; i < config->endpoint_count; i++)
		pattern_free(config->endpoints[i].expect.output);
	struct arena *memory = config->memory;
	arena_done(memory);
	free(memory);
}

static int
by_name(const void *a, const void *b)
{
	const struct endpoint *const *left = a, *const *right = b;
	return strcmp((*left)->name, (*right)->name);
}

void
conf_index(struct config *config)
{
	size_t count = config->endpoint_count;
	config->endpoints_by_name = arena_alloc(config->memory, (count + 1) * sizeof(const void *));
	for (size_t i = 0; i < count; i++)
		config->endpoints_by_name[i] = &config->endpoints[i];
	qsort(config->endpoints_by_name, count, sizeof(const void *), by_name);
}

const struct endpoint *
config_find_endpoint(const struct config *config, const char *name)
{
	const struct endpoint key = { .name = name }, *wanted = &key;
	const struct endpoint **found =
	    bsearch(&wanted, config->endpoints_by_name, config->endpoint_count, sizeof(const void *), by_name);
	return found ? *found : NULL;
}

const struct doc *
config_find_doc(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->doc_count; i++)
		if (strcmp(config->docs[i].name, name) == 0)
			return &config->docs[i];
	return NULL;
}
