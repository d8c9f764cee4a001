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
	answer_insert_event(answer, before, EVENT_ODD, buf_view(&copy));
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

static void
apply_cut_stream(const struct target *to, const struct fault_args *args)
{
	size_t after = answer_after_content(to->answer, (size_t)args->events);
	if (after < to->answer->event_count)
		to->answer->event_count = after;
	else
		to->answer->event_count = answer_find_event(to->answer, EVENT_FINISH);
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
	error_write_body(error_find(str_of(args->name)), to->ask, str_of(args->text), &data);
	apply_cut_stream(to, args);
	answer_insert_event(to->answer, to->answer->event_count, EVENT_ODD, buf_view(&data));
}

static void
apply_bad_event(const struct target *to, const struct fault_args *args)
{
	answer_insert_event(to->answer, answer_after_content(to->answer, (size_t)args->events), EVENT_ODD,
	    STR("{\"id\":\"chatcmpl-x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"o"));
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
	answer_insert_event(
	    to->answer, answer_after_content(to->answer, (size_t)args->events), EVENT_ODD, str_of(args->text));
}

static void
apply_empty_data(const struct target *to, const struct fault_args *args)
{
	answer_insert_event(to->answer, answer_after_content(to->answer, (size_t)args->events), EVENT_ODD, STR(""));
}

static void
apply_empty_choices(const struct target *to, const struct fault_args *args)
{
	auto_buf struct buf chunk = BUF_INIT(ANSWER_BYTES_MAX);
	size_t model = answer_find_event(to->answer, EVENT_START);
	if (!to->provider || !to->provider->paths.list || model == to->answer->event_count)
		return;
	if (edit_json(
		&chunk, answer_event_data(to->answer, model), EDIT_EMPTY, str_of(to->provider->paths.list), STR_NONE))
		answer_insert_event(
		    to->answer, answer_after_content(to->answer, (size_t)args->events), EVENT_ODD, buf_view(&chunk));
}

static void
apply_usage_each(const struct target *to, const struct fault_args *args)
{
	(void)args;
	struct answer *answer = to->answer;
	size_t usage = answer_find_event(answer, EVENT_USAGE);
	auto_buf struct buf changed = BUF_INIT(ANSWER_BYTES_MAX);
	auto_buf struct buf value = BUF_INIT(ANSWER_BYTES_MAX);
	if (usage == answer->event_count || !to->provider || !to->provider->paths.usage)
		return;
	if (!edit_get(&value, answer_event_data(answer, usage), str_of(to->provider->paths.usage)))
		return;
	for (size_t i = 0; i < answer->event_count; i++) {
		buf_reset(&changed);
		if (i != usage &&
		    edit_json(&changed, answer_event_data(answer, i), EDIT_SET, str_of(to->provider->paths.usage),
			buf_view(&value)))
			answer_replace_event(answer, i, buf_view(&changed));
	}
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
	for (size_t i = 0; i < picks->count && answer->is_stream; i++)
		if (table[picks->steps[i]->fault])
			table[picks->steps[i]->fault](&to, &picks->steps[i]->args);
}
