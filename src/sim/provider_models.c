/* SPDX-License-Identifier: Apache-2.0 */
/* The two lists of models: GET /v1/models with a key, GET /api/models without. */
#include "config.h"

#include "base/jsonw.h"
#include "sim/provider.h"
#include "sim/vary.h"

static void
models_answer(struct ask *ask, struct answer *answer)
{
	struct jsonw w;
	jsonw_init(&w, &answer->body);
	jsonw_open_object(&w, NULL);
	jsonw_text(&w, "object", "list");
	jsonw_open_array(&w, "data");
	for (size_t i = 0; i < catalog_count(); i++) {
		jsonw_open_object(&w, NULL);
		jsonw_text(&w, "id", catalog_at(i)->id);
		jsonw_text(&w, "object", "model");
		jsonw_int(&w, "created", catalog_at(i)->created);
		jsonw_text(&w, "owned_by", catalog_at(i)->owner);
		vary_extend(ask, &w, "model");
		jsonw_close_object(&w);
	}
	jsonw_close_array(&w);
	vary_extend(ask, &w, "top");
	jsonw_close_object(&w);
}

static void
write_public_row(struct jsonw *w, const struct sim_model *model)
{
	static const char *const kinds[] = {
		[MODEL_TEXT] = "text", [MODEL_EMBEDDING] = "embedding", [MODEL_IMAGE] = "image"
	};
	jsonw_open_object(w, NULL);
	jsonw_text(w, "id", model->id);
	jsonw_text(w, "code", model->id);
	jsonw_text(w, "provider", model->owner);
	jsonw_text(w, "owned_by", model->owner);
	jsonw_text(w, "model_type", kinds[model->kind]);
	jsonw_open_array(w, "features");
	jsonw_close_array(w);
	jsonw_open_object(w, "pricing");
	jsonw_text(w, "currency", "USD");
	jsonw_real(w, "input", model->usd_in);
	jsonw_real(w, "output", model->usd_out);
	jsonw_null(w, "per_request");
	jsonw_null(w, "per_second");
	jsonw_close_object(w);
	jsonw_null(w, "official_pricing");
	jsonw_close_object(w);
}

static void
public_answer(struct ask *ask, struct answer *answer)
{
	(void)ask;
	struct jsonw w;
	jsonw_init(&w, &answer->body);
	jsonw_open_object(&w, NULL);
	jsonw_bool(&w, "success", true);
	jsonw_int(&w, "page", 1);
	jsonw_int(&w, "page_size", 0);
	jsonw_int(&w, "total", (int64_t)catalog_count());
	jsonw_open_array(&w, "data");
	for (size_t i = 0; i < catalog_count(); i++)
		write_public_row(&w, catalog_at(i));
	jsonw_close_array(&w);
	jsonw_close_object(&w);
}

const struct provider provider_models = {
	.name = "openai-models",
	.method = "GET",
	.path = "/v1/models",
	.paths = { .id = "data[].id", .list = "data" },
	.answer = models_answer,
};
const struct provider provider_models_public = {
	.name = "public-models",
	.method = "GET",
	.path = "/api/models",
	.is_public = true,
	.paths = { .id = "data[].id", .list = "data" },
	.answer = public_answer,
};
