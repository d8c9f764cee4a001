/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/fault_apply.h"

#include "sim/ask.h"

static void
apply_say(struct shape *shape, const struct fault_args *args)
{
	shape->text = args->text;
}

static void
apply_reasoning(struct shape *shape, const struct fault_args *args)
{
	shape->reasoning_tokens = (unsigned)args->events;
}

static void
apply_content_filter(struct shape *shape, const struct fault_args *args)
{
	(void)args;
	shape->filtered = true;
}

static void
apply_refusal(struct shape *shape, const struct fault_args *args)
{
	(void)args;
	shape->refused = true;
}

static void
apply_failed(struct shape *shape, const struct fault_args *args)
{
	(void)args;
	shape->failed = true;
}

static void
apply_cap_eaten(struct shape *shape, const struct fault_args *args)
{
	(void)args;
	shape->cap_eaten = true;
}

static void
apply_empty_output(struct shape *shape, const struct fault_args *args)
{
	(void)args;
	shape->no_text = true;
}

static void
apply_accept_any_key(struct shape *shape, const struct fault_args *args)
{
	(void)args;
	shape->any_key = true;
}

static void
apply_accept_any_model(struct shape *shape, const struct fault_args *args)
{
	(void)args;
	shape->any_model = true;
}

static void
apply_accept_any_body(struct shape *shape, const struct fault_args *args)
{
	(void)args;
	shape->any_body = true;
}

static void
apply_vary(struct shape *shape, const struct fault_args *args)
{
	(void)args;
	shape->vary = true;
}

static void
apply_as_stream(struct shape *shape, const struct fault_args *args)
{
	(void)args;
	shape->as_stream = true;
}

static void
apply_as_whole(struct shape *shape, const struct fault_args *args)
{
	(void)args;
	shape->as_whole = true;
}

static void (*const table[FAULT_COUNT])(struct shape *shape, const struct fault_args *args) = {
#define ROW_CONNECT(id)
#define ROW_SHAPE(id) [FAULT_##id] = apply_##id,
#define ROW_ANSWER(id)
#define ROW_EVENTS(id)
#define ROW_WIRE(id)
#define FAULT(stage, id, name, parameters, what) ROW_##stage(id)
#include "sim/fault.def"
#undef FAULT
};

void
fault_apply_shape(const struct fault_picks *picks, struct shape *shape)
{
	for (size_t i = 0; i < picks->count; i++)
		if (table[picks->steps[i]->fault])
			table[picks->steps[i]->fault](shape, &picks->steps[i]->args);
}
