/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/catalog.h"

#include "base/attr.h"

static const struct sim_model models[] = {
	{ .id = "gpt-5.4-mini",
	    .snapshot = "gpt-5.4-mini-2026-03-17",
	    .owner = "openai",
	    .created = 1773705600,
	    .usd_in = 0.2,
	    .usd_out = 1.6 },
	{ .id = "gpt-4.1-nano",
	    .snapshot = "gpt-4.1-nano-2025-04-14",
	    .owner = "openai",
	    .created = 1744588800,
	    .usd_in = 0.08,
	    .usd_out = 0.32 },
	{ .id = "gpt-4o-mini",
	    .snapshot = "gpt-4o-mini-2024-07-18",
	    .owner = "openai",
	    .created = 1721260800,
	    .usd_in = 0.12,
	    .usd_out = 0.48 },
	{ .id = "gpt-5",
	    .snapshot = "gpt-5-2025-08-07",
	    .owner = "openai",
	    .created = 1754524800,
	    .reasoning_tokens = 192,
	    .usd_in = 1,
	    .usd_out = 8 },
	{ .id = "claude-haiku-4-5-20251001",
	    .snapshot = "claude-haiku-4-5-20251001",
	    .owner = "anthropic",
	    .created = 1759276800,
	    .usd_in = 0.8,
	    .usd_out = 4 },
	{ .id = "gemini-2.5-flash",
	    .snapshot = "gemini-2.5-flash",
	    .owner = "google",
	    .created = 1750118400,
	    .usd_in = 0.24,
	    .usd_out = 2 },
	{ .id = "gemini-3-pro-preview",
	    .snapshot = "gemini-3-pro-preview",
	    .owner = "google",
	    .created = 1763424000,
	    .reasoning_tokens = 160,
	    .usd_in = 1.6,
	    .usd_out = 9.6 },
	{ .id = "text-embedding-3-small",
	    .snapshot = "text-embedding-3-small",
	    .kind = MODEL_EMBEDDING,
	    .owner = "openai",
	    .created = 1705948997,
	    .dimensions = 1536,
	    .usd_in = 0.016 },
	{ .id = "text-embedding-3-large",
	    .snapshot = "text-embedding-3-large",
	    .kind = MODEL_EMBEDDING,
	    .owner = "openai",
	    .created = 1705953180,
	    .dimensions = 3072,
	    .usd_in = 0.104 },
	{ .id = "text-embedding-ada-002",
	    .snapshot = "text-embedding-ada-002-v2",
	    .kind = MODEL_EMBEDDING,
	    .owner = "openai",
	    .created = 1671217299,
	    .dimensions = 1536,
	    .fixed_dimensions = true,
	    .usd_in = 0.08 },
	{ .id = "dall-e-3",
	    .snapshot = "dall-e-3",
	    .kind = MODEL_IMAGE,
	    .owner = "openai",
	    .created = 1698785189,
	    .image_urls = true },
	{ .id = "gpt-image-2",
	    .snapshot = "gpt-image-2",
	    .kind = MODEL_IMAGE,
	    .owner = "openai",
	    .created = 1776841943,
	    .usd_in = 4,
	    .usd_out = 32 },
};

size_t
catalog_count(void)
{
	return ARRAY_LEN(models);
}

const struct sim_model *
catalog_at(size_t index)
{
	return &models[index];
}

const struct sim_model *
catalog_find(struct str model)
{
	for (size_t i = 0; i < ARRAY_LEN(models); i++)
		if (str_eq(model, str_of(models[i].id)) || str_eq(model, str_of(models[i].snapshot)))
			return &models[i];
	return NULL;
}
