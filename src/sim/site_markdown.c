/* SPDX-License-Identifier: Apache-2.0 */
/* A page as Markdown, in the anatomy that Mintlify gives it. */
#include "config.h"

#include <stdio.h>

#include "base/attr.h"
#include "sim/draw.h"
#include "sim/site_draft.h"

enum { HASH_LETTERS = 12, IMAGE_WIDTH = 1200, IMAGE_SPREAD = 800 };

static void
open_fence(const struct site_draft *draft, const char *language, struct buf *out)
{
	const char *theme = site_looks(draft, SITE_theme_attributes) ? "theme={\"github-dark\"}" : "theme={null}";
	buf_printf(out, "```%s %s\n", language, theme);
}

static void
write_json_fence(struct site_draft *draft, const char *language, enum site_part part, struct buf *out)
{
	auto_buf struct buf text = BUF_INIT(SITE_PAGE_BYTES);
	site_write_example(draft, part, &text);
	open_fence(draft, language, out);
	site_print_json(buf_view(&text), site_looks(draft, SITE_key_order), out);
	buf_text(out, "```");
}

static void
write_example(struct site_draft *draft, struct buf *out)
{
	buf_text(out, "## Example\n\n<CodeGroup>\n");
	open_fence(draft, "bash cURL", out);
	site_write_curl(draft, out);
	buf_text(out, "\n```\n</CodeGroup>\n\n");
	write_json_fence(draft, "json Response", PART_RESPONSE, out);
}

static void
write_image(struct site_draft *draft, struct buf *out)
{
	uint64_t seed = site_looks(draft, SITE_image_hashes) ? draft->seed + 1 : 0;
	char build[HASH_LETTERS + 1], name[HASH_LETTERS + 1];
	unsigned width = IMAGE_WIDTH + draw_below(draw_mix(seed, 1), IMAGE_SPREAD);
	draw_name(draw_mix(seed, 2), build, HASH_LETTERS);
	draw_name(draw_mix(seed, 3), name, HASH_LETTERS);
	buf_printf(out,
	    "<Frame>\n  <img src=\"https://mintcdn.example.org/site/%s/images/%s.png?fit=max&auto=format&n=%s&q=85&s=%s\" "
	    "alt=\"The console\" width=\"%u\" height=\"%u\" data-path=\"images/%s.png\" />\n</Frame>",
	    build, draft->page->name, build, name, width, width / 2, draft->page->name);
}

static void
write_statuses(struct site_draft *draft, struct buf *out)
{
	buf_text(out, "| Status | Meaning | Try again |\n| --- | --- | --- |");
	for (size_t i = 0; i < draft->status_count; i++)
		buf_printf(out, "\n| %d | %s | %s |", draft->statuses[i].code, draft->statuses[i].meaning,
		    draft->statuses[i].retry);
}

static void
write_envelope(struct site_draft *draft, struct buf *out)
{
	write_json_fence(draft, "json", PART_ERROR, out);
}

static const struct {
	const char *name;
	void (*write)(struct site_draft *draft, struct buf *out);
} blocks[] = {
	{ "$EXAMPLE", write_example },
	{ "$IMAGE", write_image },
	{ "$STATUSES", write_statuses },
	{ "$ENVELOPE", write_envelope },
};

static void
write_block(struct site_draft *draft, const char *block, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
		if (str_eq(str_of(block), str_of(blocks[i].name))) {
			blocks[i].write(draft, out);
			buf_text(out, "\n\n");
			return;
		}
	}
	buf_printf(out, "%s\n\n", block);
}

static void
write_openapi(struct site_draft *draft, struct buf *out)
{
	auto_buf struct buf text = BUF_INIT(SITE_PAGE_BYTES);
	const struct site_yaml style = { site_looks(draft, SITE_key_order), site_looks(draft, SITE_yaml_style) };
	site_write_spec(draft, &text);
	buf_printf(out, "\n## OpenAPI\n\n````yaml docs/%s %s %s\n", draft->page->spec, draft->method, draft->api_path);
	site_print_yaml(buf_view(&text), style, out);
	buf_text(out, "````\n");
}

void
site_write_markdown(struct site_draft *draft, struct buf *out)
{
	auto_buf struct buf text = BUF_INIT(SITE_PAGE_BYTES);
	if (!site_looks(draft, SITE_no_index_note))
		buf_text(&text,
		    "> ## Documentation Index\n> All pages of this site are listed at: /docs/llms.txt\n"
		    "> Use this file to find a page before you look further.\n\n");
	buf_printf(&text, "# %s\n\n> %s\n\n", draft->page->title, draft->page->description);
	for (size_t i = 0; i < draft->prose_count; i++)
		write_block(draft, draft->prose[i], &text);
	if (draft->page->spec)
		write_openapi(draft, &text);
	site_apply_look(draft->look, buf_view(&text), out);
}
