/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/answer.h"
#include "sim/ask.h"
#include "sim/edit.h"
#include "sim/fault_apply.h"
#include "sim/profile.h"
#include "sim/provider.h"

struct target {
	struct answer *answer;
	const struct ask *ask;
	const struct provider *provider; /* NULL = none */
};

static void
drop_kind(struct answer *answer, enum event_kind kind)
{
	size_t i;
	while ((i = answer_find_event(answer, kind)) < answer->event_count)
		answer_drop_event(answer, i);
}

/* A copy, because adding may move what it is a view of. */
static void
repeat_event(struct answer *answer, size_t index, size_t before)
{
	if (index == answer->event_count)
		return;
	auto_buf struct buf copy = BUF_INIT(ANSWER_BYTES_MAX);
	buf_str(&copy, answer_event_data(answer, index));
	answer_insert_event(answer, before, EVENT_ODD, answer->events[index].name, buf_view(&copy));
}

static void
apply_no_terminal(const struct target *to, const struct fault_args *args)
{
	(void)args;
	drop_kind(to->answer, EVENT_TERMINAL);
}

static void
apply_no_finish(const struct target *to, const struct fault_args *args)
{
	(void)args;
	drop_kind(to->answer, EVENT_FINISH);
}

/* When there is less content, behind the last of it, or behind what starts the stream. */
static size_t
end_of_content(const struct answer *answer, size_t n)
{
	size_t after = answer_after_content(answer, n);
	if (after < answer->event_count)
		return after;
	for (after = answer->event_count; after > 0; after--)
		if (answer->events[after - 1].kind == EVENT_CONTENT || answer->events[after - 1].kind == EVENT_START)
			return after;
	return 0;
}

static void
apply_cut_stream(const struct target *to, const struct fault_args *args)
{
	to->answer->event_count = end_of_content(to->answer, (size_t)args->events);
}

static void
apply_start_only(const struct target *to, const struct fault_args *args)
{
	(void)args;
	size_t kept = 0;
	while (kept < to->answer->event_count && to->answer->events[kept].kind == EVENT_START)
		kept++;
	to->answer->event_count = kept;
}

static void
apply_terminal_twice(const struct target *to, const struct fault_args *args)
{
	(void)args;
	repeat_event(to->answer, answer_find_event(to->answer, EVENT_TERMINAL), to->answer->event_count);
}

static void
apply_after_terminal(const struct target *to, const struct fault_args *args)
{
	(void)args;
	repeat_event(to->answer, answer_find_event(to->answer, EVENT_CONTENT), to->answer->event_count);
}

static void
apply_finish_twice(const struct target *to, const struct fault_args *args)
{
	(void)args;
	size_t finish = answer_find_event(to->answer, EVENT_FINISH);
	repeat_event(to->answer, finish, finish);
}

static void
apply_error_event(const struct target *to, const struct fault_args *args)
{
	auto_buf struct buf data = BUF_INIT(ANSWER_BYTES_MAX);
	const char *own =
	    to->provider && to->provider->stream.error ? to->provider->stream.error : "openai_server_error";
	struct str name = str_of(args->name[0] ? args->name : own);
	bool named = to->provider && to->provider->stream.named;
	error_write_body(error_find(name), to->ask, str_of(args->text), &data);
	apply_cut_stream(to, args);
	answer_insert_event(to->answer, to->answer->event_count, EVENT_ODD, named ? "error" : NULL, buf_view(&data));
}

static void
insert_after_content(const struct target *to, const struct fault_args *args, struct str data)
{
	const struct answer *answer = to->answer;
	size_t content = answer_find_event(answer, EVENT_CONTENT);
	const char *name = content < answer->event_count ? answer->events[content].name : NULL;
	answer_insert_event(to->answer, answer_after_content(answer, (size_t)args->events), EVENT_ODD, name, data);
}

/* Half of what the first content event says. */
static void
apply_bad_event(const struct target *to, const struct fault_args *args)
{
	auto_buf struct buf half = BUF_INIT(ANSWER_BYTES_MAX);
	size_t content = answer_find_event(to->answer, EVENT_CONTENT);
	struct str data =
	    content < to->answer->event_count ? answer_event_data(to->answer, content) : STR("{\"type\":\"x\",\"a\":");
	buf_add(&half, data.at, data.len / 2 + 1);
	insert_after_content(to, args, buf_view(&half));
}

static void
apply_cut_event(const struct target *to, const struct fault_args *args)
{
	struct answer *answer = to->answer;
	size_t index = answer_after_content(answer, (size_t)args->events);
	if (index >= answer->event_count)
		return;
	answer->event_count = index + 1;
	answer->events[index].len /= 2;
	answer->style.open_end = true;
}

static void
apply_odd_data(const struct target *to, const struct fault_args *args)
{
	insert_after_content(to, args, str_of(args->text));
}

static void
apply_empty_data(const struct target *to, const struct fault_args *args)
{
	insert_after_content(to, args, STR(""));
}

/* The first event that has such a list, with an empty one. */
static void
apply_empty_choices(const struct target *to, const struct fault_args *args)
{
	auto_buf struct buf chunk = BUF_INIT(ANSWER_BYTES_MAX);
	struct str list = to->provider && to->provider->paths.list ? str_of(to->provider->paths.list) : STR_NONE;
	list = str_split(&list, ' ');
	for (size_t i = 0; i < to->answer->event_count && list.at; i++) {
		struct str data = answer_event_data(to->answer, i);
		buf_reset(&chunk);
		if (!edit_get(&chunk, data, list))
			continue;
		buf_reset(&chunk);
		if (edit_json(&chunk, data, EDIT_EMPTY, list, STR_NONE))
			answer_insert_event(to->answer, answer_after_content(to->answer, (size_t)args->events),
			    EVENT_ODD, to->answer->events[i].name, buf_view(&chunk));
		return;
	}
}

/* The last usage of the stream, in every event that has a place for one. */
static void
say_usage_everywhere(struct answer *answer, struct str path)
{
	auto_buf struct buf changed = BUF_INIT(ANSWER_BYTES_MAX);
	auto_buf struct buf value = BUF_INIT(ANSWER_BYTES_MAX);
	for (size_t i = answer->event_count; i > 0 && value.len == 0; i--)
		if (edit_get(&value, answer_event_data(answer, i - 1), path) && value.at[0] != '{')
			buf_reset(&value);
	for (size_t i = 0; i < answer->event_count && value.len > 0; i++) {
		buf_reset(&changed);
		if (edit_json(&changed, answer_event_data(answer, i), EDIT_SET, path, buf_view(&value)))
			answer_replace_event(answer, i, buf_view(&changed));
	}
}

static void
apply_usage_each(const struct target *to, const struct fault_args *args)
{
	(void)args;
	struct str paths = to->provider && to->provider->paths.usage ? str_of(to->provider->paths.usage) : STR_NONE;
	while (paths.at)
		say_usage_everywhere(to->answer, str_split(&paths, ' '));
}

static void
apply_comments(const struct target *to, const struct fault_args *args)
{
	to->answer->style.comment = args->text;
	to->answer->style.comment_every = args->every > 0 ? (size_t)args->every : 1;
}

static void
apply_line_end(const struct target *to, const struct fault_args *args)
{
	to->answer->style.line_end = str_eq(str_of(args->text), STR("cr")) ? "\r"
	    : str_eq(str_of(args->text), STR("crlf"))                      ? "\r\n"
									   : "\n";
}

static void
apply_no_space(const struct target *to, const struct fault_args *args)
{
	(void)args;
	to->answer->style.no_space = true;
}

static void
apply_several_lines(const struct target *to, const struct fault_args *args)
{
	(void)args;
	to->answer->style.several_lines = true;
}

static void
apply_open_end(const struct target *to, const struct fault_args *args)
{
	(void)args;
	to->answer->style.open_end = true;
}

static void (*const table[FAULT_COUNT])(const struct target *to, const struct fault_args *args) = {
#define ROW_CONNECT(id)
#define ROW_SHAPE(id)
#define ROW_ANSWER(id)
#define ROW_EVENTS(id) [FAULT_##id] = apply_##id,
#define ROW_WIRE(id)
#define FAULT(stage, id, name, parameters, what) ROW_##stage(id)
#include "sim/fault.def"
#undef FAULT
};

void
fault_apply_events(
    const struct fault_picks *picks, const struct ask *ask, const struct provider *provider, struct answer *answer)
{
	struct target to = { answer, ask, provider };
	bool applied = false;
	for (size_t i = 0; i < picks->count && answer->is_stream; i++) {
		if (!table[picks->steps[i]->fault])
			continue;
		table[picks->steps[i]->fault](&to, &picks->steps[i]->args);
		applied = true;
	}
	if (applied && provider)
		provider_number_events(provider, answer);
}
