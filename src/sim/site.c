/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/site.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "decode/head.h"
#include "sim/answer.h"
#include "sim/draw.h"
#include "sim/http.h"
#include "sim/site_state.h"

enum { HOST_MAX = 256, DATE_MAX = 64 };

static const char root[] = "/docs/";
static const char index_path[] = "llms.txt";
static const char *const types[FORM_COUNT] = { [FORM_MARKDOWN] = "text/markdown; charset=utf-8",
	[FORM_HTML] = "text/html; charset=utf-8",
	[FORM_SPEC] = "application/json" };
static const char not_found[] =
    "<!DOCTYPE html><html><head><title>Page not found</title></head><body><h1>Page not found</h1></body></html>\n";

bool
site_owns(struct str path)
{
	return str_starts(path, str_of(root)) || str_eq(path, STR("/docs"));
}

/* ---- one page ---- */

static bool
site_entry_has(const struct site_entry *entry, enum site_change change)
{
	for (unsigned i = 0; i < entry->steps.count; i++)
		if (entry->steps.list[i].change == change)
			return true;
	return false;
}

const char *
site_entry_name(const struct site_entry *entry)
{
	return entry->page ? entry->page->name : "index";
}

/* Some of the looks, others each time; samples are always among them, so that no two answers are the same. */
static uint64_t
churn(uint64_t seed)
{
	uint64_t bits = draw_mix(seed, 7), look = UINT64_C(1) << SITE_sample_values | UINT64_C(1) << SITE_image_hashes;
	for (enum site_change change = 0; change < SITE_CHANGE_COUNT; change++)
		if (site_change_kind(change) == SITE_LOOK && bits >> change & 1)
			look |= UINT64_C(1) << change;
	return look;
}

static uint64_t
times_served(const struct site_entry *entry)
{
	return entry->served[FORM_MARKDOWN] + entry->served[FORM_HTML] + entry->served[FORM_SPEC];
}

struct site_draft *
site_entry_draft(const struct site *site, const struct site_entry *entry, bool untouched)
{
	struct site_draft *draft = site_draft_new(entry->page);
	auto_buf struct buf unused = BUF_INIT(SITE_PAGE_BYTES); /* they applied when they were added */
	for (unsigned i = 0; i < entry->steps.count; i++) {
		const struct site_step *step = &entry->steps.list[i];
		if (!untouched || site_change_kind(step->change) >= SITE_PLACE)
			(void)site_draft_apply(draft, step, &unused);
	}
	draft->seed = site->seed;
	if (site_looks(draft, SITE_cosmetic_churn)) {
		draft->seed = draw_mix(site->seed, times_served(entry));
		draft->look |= churn(draft->seed);
	}
	return draft;
}

static void
write_form(struct site_draft *draft, enum site_form form, struct buf *out)
{
	auto_buf struct buf text = BUF_INIT(SITE_PAGE_BYTES);
	switch (form) {
	case FORM_MARKDOWN:
		site_write_markdown(draft, out);
		break;
	case FORM_HTML:
		site_write_markdown(draft, &text);
		site_write_html(str_of(draft->page->title), buf_view(&text), out);
		break;
	case FORM_SPEC:
		site_write_json(draft, &text);
		site_apply_look(draft->look & UINT64_C(1) << SITE_crlf, buf_view(&text), out);
		break;
	case FORM_COUNT:
		break;
	}
}

/* ---- the index ---- */

/* Where the client says that it is; nothing that could break out of a line or an address. */
static void
write_origin(const struct http_request *request, struct buf *out)
{
	struct str host = http_header(request, "host");
	bool fine = host.len > 0 && host.len < HOST_MAX;
	for (size_t i = 0; i < host.len && fine; i++)
		fine = str_is_identifier(str_span(host.at + i, 1)) || strchr("[]", host.at[i]);
	buf_printf(out, "%s://%.*s", request->is_tls ? "https" : "http", STR_ARG(fine ? host : STR("localhost")));
}

static void
write_index_part(const struct site *site, struct str base, bool specs, struct buf *out)
{
	for (size_t i = 0; i + 1 < site->entry_count; i++) {
		auto_draft struct site_draft *draft = site_entry_draft(site, &site->entries[i], false);
		const struct site_page *page = draft->page;
		if (!draft->index_title || (specs && !page->spec))
			continue;
		if (specs) {
			struct str name = str_of(strrchr(page->spec, '/') + 1);
			buf_printf(out, "- [%.*s](%.*s%s)\n", (int)(name.len - sizeof(".openapi.json") + 1), name.at,
			    STR_ARG(base), page->spec);
		} else {
			buf_printf(out, "- [%s](%.*s%s.md): %s\n", draft->index_title, STR_ARG(base), draft->place,
			    page->description);
		}
	}
}

/* The looks that an index can have; a churn has one of two orders of blanks. */
static uint64_t
index_look(const struct site *site, const struct site_entry *entry)
{
	uint64_t look = 0;
	for (unsigned i = 0; i < entry->steps.count; i++)
		if (site_change_kind(entry->steps.list[i].change) == SITE_LOOK)
			look |= UINT64_C(1) << entry->steps.list[i].change;
	if (look >> SITE_cosmetic_churn & 1)
		look |= churn(draw_mix(site->seed, times_served(entry)));
	return look;
}

static void
write_index(const struct site *site, const struct http_request *request, struct buf *out)
{
	auto_buf struct buf base = BUF_INIT(SITE_PAGE_BYTES);
	auto_buf struct buf text = BUF_INIT(SITE_PAGE_BYTES);
	const struct site_entry *entry = &site->entries[site->entry_count - 1];
	uint64_t look = index_look(site, entry);
	write_origin(request, &base);
	buf_text(&base, root);
	buf_text(&text, "# CometAPI\n\n> The simulated documentation of a simulated provider.\n\n");
	if (look >> SITE_cosmetic_churn & 1) /* so that no two answers are the same */
		buf_printf(&text, "%*s\n", (int)(times_served(entry) % 64), "");
	buf_text(&text, "## Docs\n\n");
	write_index_part(site, buf_view(&base), false, &text);
	buf_text(&text, "\n## OpenAPI Specs\n\n");
	write_index_part(site, buf_view(&base), true, &text);
	site_apply_look(look, buf_view(&text), out);
}

/* ---- requests ---- */

struct visit {
	struct site *site;
	const struct http_request *request;
	struct wall now;
	struct answer *answer;
};

static uint64_t
hash_of(const struct answer *answer)
{
	return draw_hash(0, buf_view(&answer->body));
}

/* Does one of the tags in the list name it? Weakly, as RFC 9110 has it for GET. */
static bool
names_tag(struct str list, struct str tag)
{
	while (list.at) {
		struct str one = str_trim(str_split(&list, ','));
		if (str_starts(one, STR("W/")))
			one = str_span(one.at + 2, one.len - 2);
		if (str_eq(one, tag) || str_eq(one, STR("*")))
			return true;
	}
	return false;
}

static bool
is_known(const struct http_request *request, struct str tag, struct wall changed)
{
	struct str tags = http_header(request, "if-none-match"), since = http_header(request, "if-modified-since");
	if (tags.at)
		return names_tag(tags, tag);
	struct wall then = since.at ? head_date(since) : (struct wall){ 0 };
	return then.us > 0 && changed.us / US_PER_SEC <= then.us / US_PER_SEC;
}

/* The headers of what is there, and 304 for who has it already. fickle: the next answer may be another. */
static void
finish(const struct visit *visit, struct wall changed, bool fickle)
{
	struct answer *answer = visit->answer;
	auto_buf struct buf date = BUF_INIT(DATE_MAX);
	char tag[32];
	snprintf(tag, sizeof(tag), "\"%016llx\"", (unsigned long long)hash_of(answer));
	http_date(&date, fickle ? visit->now : changed);
	answer_header(answer, "ETag", str_of(tag));
	answer_header(answer, "Last-Modified", buf_view(&date));
	answer_header(answer, "Cache-Control", STR("public, max-age=0, must-revalidate"));
	answer_header(answer, "Vary", STR("Accept"));
	if (!is_known(visit->request, str_of(tag), fickle ? (struct wall){ INT64_MAX } : changed))
		return;
	answer_clear_body(answer);
	answer->status = 304;
	answer->type = NULL;
}

static void
say_not_found(struct answer *answer)
{
	answer->status = 404;
	answer->type = types[FORM_HTML];
	buf_text(&answer->body, not_found);
}

/* To where the page is now. suffix: ".md", or "". */
static void
redirect(const struct visit *visit, const struct site_draft *draft, const char *suffix)
{
	auto_buf struct buf place = BUF_INIT(SITE_PAGE_BYTES);
	if (draft->moved_relative) {
		for (const char *at = draft->page->path; (at = strchr(at, '/')); at++)
			buf_text(&place, "../");
	} else {
		write_origin(visit->request, &place);
		buf_text(&place, root);
	}
	buf_printf(&place, "%s%s", draft->place, suffix);
	visit->answer->status = 308;
	visit->answer->type = NULL;
	answer_header(visit->answer, "Location", buf_view(&place));
}

static void
answer_page(const struct visit *visit, struct site_entry *entry, enum site_form form, int64_t *ret_delay_ns)
{
	struct answer *answer = visit->answer;
	bool flaps = site_entry_has(entry, SITE_flapping);
	bool untouched = flaps && entry->served[form] % 2 == 1;
	auto_buf struct buf html = BUF_INIT(SITE_PAGE_BYTES);
	if (entry->page) {
		auto_draft struct site_draft *draft = site_entry_draft(visit->site, entry, untouched);
		write_form(draft, form, &answer->body);
		if (site_entry_has(entry, SITE_html_instead))
			write_form(draft, FORM_HTML, &html);
		answer->type = types[form];
	} else {
		write_index(visit->site, visit->request, &answer->body);
		site_write_html(STR("Index"), buf_view(&answer->body), &html);
		answer->type = "text/plain; charset=utf-8";
	}
	entry->served[form]++;
	site_apply_troubles(entry, buf_view(&html), answer, ret_delay_ns);
	if (answer->status == 200)
		finish(visit, entry->changed, flaps || site_entry_has(entry, SITE_cosmetic_churn));
}

/* Which page, in which form, is at the path; or a redirect to it. False when there is none. */
static bool
find_page(const struct visit *visit, struct str path, struct site_entry **ret_entry, enum site_form *ret_form)
{
	struct str stem = path;
	bool is_markdown = str_ends(path, STR(".md"));
	if (is_markdown)
		stem.len -= sizeof(".md") - 1;
	bool wants_markdown = str_contains_nocase(http_header(visit->request, "accept"), STR("text/markdown"));
	for (size_t i = 0; i + 1 < visit->site->entry_count; i++) {
		struct site_entry *entry = &visit->site->entries[i];
		auto_draft struct site_draft *draft = site_entry_draft(visit->site, entry, false);
		*ret_entry = entry;
		*ret_form = is_markdown || wants_markdown ? FORM_MARKDOWN : FORM_HTML;
		if (draft->exists && str_eq(stem, str_of(draft->place)))
			return true;
		if (draft->moved && str_eq(stem, str_of(draft->page->path))) {
			redirect(visit, draft, is_markdown ? ".md" : "");
			*ret_entry = NULL;
			return true;
		}
		*ret_form = FORM_SPEC;
		if (draft->page->spec && str_eq(path, str_of(draft->page->spec)))
			return true;
	}
	*ret_entry = &visit->site->entries[visit->site->entry_count - 1];
	*ret_form = FORM_MARKDOWN;
	return str_eq(path, str_of(index_path));
}

static const struct site_text *
find_text(const struct site *site, struct str path)
{
	for (size_t i = 0; i < site->text_count; i++)
		if (str_eq(path, str_of(site->texts[i].path)))
			return &site->texts[i];
	return NULL;
}

void
site_answer(struct site *site, const struct http_request *request, struct wall now, struct answer *answer,
    int64_t *ret_delay_ns)
{
	const struct visit visit = { site, request, now, answer };
	struct str path = request->path;
	struct site_entry *entry;
	enum site_form form;
	*ret_delay_ns = 0;
	path = path.len < sizeof(root) ? STR("") : str_span(path.at + sizeof(root) - 1, path.len - (sizeof(root) - 1));
	const struct site_text *text = find_text(site, path);
	if (!str_eq(request->method, STR("GET")) && !str_eq(request->method, STR("HEAD"))) {
		answer->status = 405;
		answer->type = NULL;
		answer_header(answer, "Allow", STR("GET, HEAD"));
	} else if (text) {
		answer->type = text->type;
		buf_add(&answer->body, text->bytes, text->len);
		finish(&visit, text->changed, false);
	} else if (!find_page(&visit, path, &entry, &form)) {
		say_not_found(answer);
	} else if (entry) {
		answer_page(&visit, entry, form, ret_delay_ns);
	}
}

/* ---- its life ---- */

struct site *
site_new(uint64_t seed, struct wall now)
{
	struct site *site = xcalloc(1, sizeof(*site));
	site->seed = seed;
	site->changed = now;
	site->entry_count = site_page_count() + 1;
	site->entries = xcalloc(site->entry_count, sizeof(*site->entries));
	for (size_t i = 0; i < site->entry_count; i++) {
		site->entries[i].page = i < site_page_count() ? site_page_at(i) : NULL;
		site->entries[i].changed = now;
	}
	return site;
}

void
site_free(struct site *site)
{
	if (!site)
		return;
	(void)site_restore(site, STR_NONE, (struct wall){ 0 });
	free(site->entries);
	free(site);
}
