/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "docs/version.h"

#include "base/json.h"
#include "docs/builder.h"
#include "docs/gate.h"
#include "docs/index.h"
#include "docs/markdown.h"
#include "docs/openapi.h"
#include "docs/plain.h"

static const char *
json_reason(enum json_fault fault)
{
	switch (fault) {
	case JSON_FINE:
		return NULL;
	case JSON_BLANK:
		return "an empty page";
	case JSON_CUT:
		return "JSON that ends early";
	case JSON_DEEP:
		return "JSON nested too deeply";
	case JSON_BAD_UTF8:
		return "not UTF-8";
	case JSON_TRAILING:
		return "something after the JSON";
	case JSON_BROKEN:
		break;
	}
	return "no JSON";
}

static const char *
read_openapi(struct builder *builder, struct str body)
{
	auto_json struct json root = JSON_NOTHING;
	enum json_fault fault = json_parse(body, JSON_DEPTH_MAX, &root);
	if (fault != JSON_FINE)
		return json_reason(fault);
	if (!openapi_is(root))
		return "no OpenAPI document";
	auto_buf struct buf title = BUF_INIT(1024);
	plain_add(&title, json_str(json_get(json_get(root, "info"), "title")));
	builder->title = builder_copy(builder, buf_view(&title));
	openapi_read(builder, root);
	return NULL;
}

/* Each line for itself; blank ones are no content. */
static const char *
read_text(struct builder *builder, struct str body)
{
	auto_buf struct buf line = BUF_INIT(DOC_BODY_MAX * 2);
	while (body.at && !builder->full) {
		buf_reset(&line);
		plain_add(&line, str_split(&body, '\n'));
		if (line.len == 0)
			continue;
		const char *why = builder->line_count == 0 ? gate_title(buf_view(&line)) : NULL;
		if (why)
			return why;
		builder_line(builder, buf_view(&line));
	}
	return NULL;
}

const char *
doc_read(const struct doc_answer *answer, struct doc_version *ret_version)
{
	static const char *(*const readers[])(struct builder *, struct str) = {
		[DOC_MARKDOWN] = markdown_read,
		[DOC_OPENAPI] = read_openapi,
		[DOC_INDEX] = index_read,
		[DOC_TEXT] = read_text,
	};
	*ret_version = (struct doc_version){ 0 };
	const char *why = gate_answer(answer);
	if (why)
		return why;
	struct builder builder;
	builder_init(&builder);
	builder.url = builder_copy(&builder, answer->effective_url.len ? answer->effective_url : answer->url);
	why = readers[answer->kind](&builder, answer->body);
	if (!why && !builder_finish(&builder, ret_version))
		why = "more in it than can be compared";
	builder_done(&builder);
	return why;
}

/* One spelling for page and phrase. */
static void
fold_case(struct buf *out, struct str text)
{
	plain_add(out, text);
	for (size_t i = 0; i < out->len; i++)
		if (out->at[i] >= 'A' && out->at[i] <= 'Z')
			out->at[i] = (char)(out->at[i] - 'A' + 'a');
}

bool
doc_mentions(struct str body, const char *phrase)
{
	auto_buf struct buf page = BUF_INIT(body.len * 2 + 1);
	auto_buf struct buf wanted = BUF_INIT(strlen(phrase) * 2 + 1);
	fold_case(&page, body);
	fold_case(&wanted, str_of(phrase));
	return wanted.len == 0 || (page.len > 0 && memmem(page.at, page.len, wanted.at, wanted.len));
}
