/* SPDX-License-Identifier: Apache-2.0 */
/* What control requests do to the site: changes of pages, texts at any path, the catalogue. */
#include "config.h"

#include <stdlib.h>

#include "base/attr.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "base/xalloc.h"
#include "sim/http.h"
#include "sim/site_state.h"

/* Dates of HTTP have whole seconds, and who asks by date alone has to see each change. */
static struct wall
stamp(struct site *site, struct wall now)
{
	int64_t next = site->changed.us + US_PER_SEC;
	site->changed.us = now.us > next ? now.us : next;
	return site->changed;
}

/* ---- changes ---- */

struct order {
	struct site *site;
	struct wall now;
	struct buf *error;
};

static bool ATTR_PRINTF(2, 3) refuse(const struct order *order, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	buf_vprintf(order->error, format, args);
	va_end(args);
	return false;
}

static struct site_entry *
find_entry(const struct site *site, struct str name)
{
	for (size_t i = 0; i < site->entry_count; i++)
		if (str_eq(name, str_of(site_entry_name(&site->entries[i]))))
			return &site->entries[i];
	return NULL;
}

/* Adds the change at once. False with the reason in error: the page has no such thing. */
static bool
add_step(const struct order *order, struct site_entry *entry, enum site_change change, struct str argument)
{
	enum site_change_kind kind = site_change_kind(change);
	unsigned before = entry->steps.count;
	if (!entry->page && kind < SITE_LOOK)
		return refuse(order, "the index can only look different, or be in trouble");
	if (kind == SITE_TROUBLE && argument.at && !site_trouble_argument_fits(change, argument, order->error))
		return false;
	if (!site_steps_add(&entry->steps, change, argument))
		return refuse(order, "a page can have %d changes", SITE_STEPS_MAX);
	if (!entry->page || entry->steps.count == before)
		return true;
	auto_draft struct site_draft *draft = site_draft_new(entry->page);
	for (unsigned i = 0; i < entry->steps.count; i++)
		if (!site_draft_apply(draft, &entry->steps.list[i], order->error)) {
			site_steps_cut(&entry->steps, before);
			return false;
		}
	if (draft->exists)
		return true;
	site_steps_cut(&entry->steps, before);
	return refuse(order, "the page is not there before index-added");
}

static bool
read_change(const struct order *order, struct json value, enum site_change *ret_change, struct str *ret_argument)
{
	struct str argument = json_str(value);
	struct str name = argument.at ? str_split(&argument, ':') : STR("");
	*ret_change = site_change_find(name);
	*ret_argument = argument;
	if (*ret_change == SITE_CHANGE_COUNT)
		return refuse(order, "there is no change \"%.*s\": GET /_sim/docs lists them", STR_ARG(name));
	if (argument.at && !*site_change_argument(*ret_change))
		return refuse(order, "it takes no argument");
	if (argument.len > SITE_ARGUMENT_MAX ||
	    (argument.at && (argument.len == 0 || memchr(argument.at, 0, argument.len))))
		return refuse(order, "an argument has 1 to %d bytes", SITE_ARGUMENT_MAX);
	return true;
}

/* To one page, or to all that have such a thing. */
static bool
add_change(const struct order *order, struct str page, struct json value)
{
	enum site_change change;
	struct str argument;
	if (!read_change(order, value, &change, &argument))
		return false;
	if (!str_eq(page, STR("*")))
		return add_step(order, find_entry(order->site, page), change, argument);
	bool any = false;
	for (size_t i = 0; i < order->site->entry_count; i++)
		any = add_step(order, &order->site->entries[i], change, argument) || any;
	if (any)
		buf_reset(order->error);
	return any;
}

static bool
add_changes(const struct order *order, struct str page, struct json changes)
{
	for (size_t i = 0; i < json_count(changes); i++) {
		auto_buf struct buf reason = BUF_INIT(SITE_PAGE_BYTES);
		const struct order one = { order->site, order->now, &reason };
		if (!add_change(&one, page, json_at(changes, i)))
			return refuse(order, "changes[%zu]: %s", i, buf_cstr(&reason));
	}
	return true;
}

static bool
check_order(const struct order *order, struct json root)
{
	struct json_walk walk = { .entry = NULL };
	struct str page = json_str(json_get(root, "page"));
	struct json changes = json_get(root, "changes");
	while (json_next(root, &walk))
		if (!str_eq(str_of(walk.key), STR("page")) && !str_eq(str_of(walk.key), STR("changes")))
			return refuse(order, "there is no \"%s\" here; known are: page changes", walk.key);
	if (!str_eq(page, STR("*")) && !find_entry(order->site, page))
		return refuse(order, "page: there is no page \"%.*s\": GET /_sim/docs lists them", STR_ARG(page));
	if (changes.kind != JSON_ARRAY || json_count(changes) == 0 || json_count(changes) > SITE_STEPS_MAX)
		return refuse(order, "changes must be a list of 1 to %d names", SITE_STEPS_MAX);
	return true;
}

bool
site_change(struct site *site, struct str json, struct wall now, struct buf *ret_error)
{
	const struct order order = { site, now, ret_error };
	auto_json struct json root = JSON_NOTHING;
	if (json_parse(json, JSON_DEPTH_MAX, &root) != JSON_FINE || root.kind != JSON_OBJECT)
		return refuse(&order, "this is no JSON object");
	if (!check_order(&order, root))
		return false;
	auto_free unsigned *before = xcalloc(site->entry_count, sizeof(*before));
	for (size_t i = 0; i < site->entry_count; i++)
		before[i] = site->entries[i].steps.count;
	bool fine = add_changes(&order, json_str(json_get(root, "page")), json_get(root, "changes"));
	struct wall changed = fine ? stamp(site, now) : site->changed;
	for (size_t i = 0; i < site->entry_count; i++) {
		if (!fine)
			site_steps_cut(&site->entries[i].steps, before[i]);
		else if (site->entries[i].steps.count > before[i])
			site->entries[i].changed = site->entries[site->entry_count - 1].changed = changed;
	}
	return fine;
}

bool
site_restore(struct site *site, struct str page, struct wall now)
{
	if (page.at && !find_entry(site, page))
		return false;
	struct wall changed = stamp(site, now);
	for (size_t i = 0; i < site->entry_count; i++) {
		struct site_entry *entry = &site->entries[i];
		if (entry->steps.count == 0 || (page.at && entry != find_entry(site, page)))
			continue;
		site_steps_cut(&entry->steps, 0);
		entry->changed = site->entries[site->entry_count - 1].changed = changed;
	}
	while (!page.at && site->text_count > 0)
		(void)site_take_back(site, str_of(site->texts[0].path), now);
	return true;
}

/* ---- texts ---- */

static const char *
type_by_path(struct str path)
{
	return str_ends(path, STR(".md"))  ? "text/markdown; charset=utf-8"
	    : str_ends(path, STR(".json")) ? "application/json"
	    : str_ends(path, STR(".txt"))  ? "text/plain; charset=utf-8"
					   : "text/html; charset=utf-8";
}

static void
forget(struct site_text *text)
{
	free(text->path);
	free(text->type);
	free(text->bytes);
	*text = (struct site_text){ .path = NULL };
}

/* Whatever was under it is new to who has seen it. */
bool
site_take_back(struct site *site, struct str path, struct wall now)
{
	for (size_t i = 0; i < site->text_count; i++) {
		if (!str_eq(path, str_of(site->texts[i].path)))
			continue;
		forget(&site->texts[i]);
		site->texts[i] = site->texts[--site->text_count];
		site->texts[site->text_count] = (struct site_text){ .path = NULL };
		struct wall changed = stamp(site, now);
		for (size_t e = 0; e < site->entry_count; e++)
			site->entries[e].changed = changed;
		return true;
	}
	return false;
}

bool
site_put(struct site *site, struct str path, const struct http_request *request, struct wall now)
{
	struct str type = http_header(request, "content-type");
	if (path.len == 0 || request->body.len > SITE_TEXT_BYTES)
		return false;
	(void)site_take_back(site, path, now);
	if (site->text_count == SITE_TEXTS_MAX)
		return false;
	struct site_text *text = &site->texts[site->text_count++];
	*text = (struct site_text){ .path = xstrndup(path.at, path.len),
		.type = type.len ? xstrndup(type.at, type.len) : xstrdup(type_by_path(path)),
		.bytes = xmalloc(request->body.len + 1),
		.len = request->body.len,
		.changed = stamp(site, now) };
	if (text->len > 0)
		memcpy(text->bytes, request->body.at, text->len);
	return true;
}

/* ---- the catalogue ---- */

static void
write_page(struct jsonw *w, const struct site_entry *entry)
{
	const struct site_page *page = entry->page;
	auto_buf struct buf text = BUF_INIT(SITE_PAGE_BYTES);
	jsonw_open_object(w, NULL);
	jsonw_text(w, "page", site_entry_name(entry));
	buf_printf(&text, page ? "/docs/%s.md" : "/docs/llms.txt", page ? page->path : "");
	jsonw_str(w, "path", buf_view(&text));
	if (page && page->spec) {
		buf_reset(&text);
		buf_printf(&text, "/docs/%s", page->spec);
		jsonw_str(w, "spec", buf_view(&text));
	}
	jsonw_open_array(w, "changes");
	for (unsigned i = 0; i < entry->steps.count; i++) {
		const struct site_step *step = &entry->steps.list[i];
		buf_reset(&text);
		buf_printf(&text, "%s%s%s", site_change_name(step->change), step->argument ? ":" : "",
		    step->argument ? step->argument : "");
		jsonw_str(w, NULL, buf_view(&text));
	}
	jsonw_close_array(w);
	jsonw_close_object(w);
}

void
site_write_catalogue(const struct site *site, struct buf *out)
{
	struct jsonw w;
	jsonw_init(&w, out);
	jsonw_open_object(&w, NULL);
	jsonw_open_array(&w, "pages");
	for (size_t i = 0; i < site->entry_count; i++)
		write_page(&w, &site->entries[i]);
	jsonw_close_array(&w);
	jsonw_open_array(&w, "texts");
	for (size_t i = 0; i < site->text_count; i++) {
		jsonw_open_object(&w, NULL);
		jsonw_text(&w, "path", site->texts[i].path);
		jsonw_text(&w, "type", site->texts[i].type);
		jsonw_int(&w, "bytes", (int64_t)site->texts[i].len);
		jsonw_close_object(&w);
	}
	jsonw_close_array(&w);
	jsonw_open_array(&w, "changes");
	for (enum site_change change = 0; change < SITE_CHANGE_COUNT; change++) {
		jsonw_open_object(&w, NULL);
		jsonw_text(&w, "name", site_change_name(change));
		jsonw_text(&w, "kind", site_change_kind_name(site_change_kind(change)));
		jsonw_text(&w, "argument", site_change_argument(change));
		jsonw_text(&w, "what", site_change_text(change));
		jsonw_close_object(&w);
	}
	jsonw_close_array(&w);
	jsonw_close_object(&w);
}
