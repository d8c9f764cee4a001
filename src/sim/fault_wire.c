/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/fault_apply.h"

#include "sim/output.h"

static void
cut(struct wire *wire, enum output_end how, int64_t at, bool in_body)
{
	wire->cut = how;
	wire->cut_at = (uint64_t)at;
	wire->cut_in_body = in_body;
}

static void
apply_latency_head(struct wire *wire, const struct fault_args *args)
{
	wire->head_ns += args->ms * NS_PER_MS;
}

static void
apply_latency_first(struct wire *wire, const struct fault_args *args)
{
	wire->first_ns += args->ms * NS_PER_MS;
}

static void
apply_latency_token(struct wire *wire, const struct fault_args *args)
{
	wire->token_ns += args->ms * NS_PER_MS;
}

static void
apply_burst(struct wire *wire, const struct fault_args *args)
{
	wire->first_ns = args->ms * NS_PER_MS;
	wire->burst = true;
}

static void
apply_pings(struct wire *wire, const struct fault_args *args)
{
	wire->ping_ns = args->ms > 0 ? args->ms * NS_PER_MS : NS_PER_MS;
	wire->ping_count = args->count;
}

static void
apply_silent(struct wire *wire, const struct fault_args *args)
{
	(void)args;
	cut(wire, OUTPUT_HANG, 0, false);
}

static void
apply_hang_after_head(struct wire *wire, const struct fault_args *args)
{
	(void)args;
	wire->hang_after_head = true;
}

static void
apply_hang_after_events(struct wire *wire, const struct fault_args *args)
{
	wire->hang_after_events = args->events;
}

static void
apply_hang_at(struct wire *wire, const struct fault_args *args)
{
	cut(wire, OUTPUT_HANG, args->at, false);
}

static void
apply_close_at(struct wire *wire, const struct fault_args *args)
{
	cut(wire, OUTPUT_CLOSE, args->at, false);
}

static void
apply_reset_at(struct wire *wire, const struct fault_args *args)
{
	cut(wire, OUTPUT_RESET, args->at, false);
}

static void
apply_close_in_body(struct wire *wire, const struct fault_args *args)
{
	cut(wire, OUTPUT_CLOSE, args->at, true);
}

static void
apply_reset_in_body(struct wire *wire, const struct fault_args *args)
{
	cut(wire, OUTPUT_RESET, args->at, true);
}

static void
apply_hold_open(struct wire *wire, const struct fault_args *args)
{
	(void)args;
	wire->hold_open = true;
}

static void
apply_slow(struct wire *wire, const struct fault_args *args)
{
	wire->drip_bytes = args->bytes > 0 ? (size_t)args->bytes : 1;
	wire->drip_ns = args->ms * NS_PER_MS;
}

static void
apply_split(struct wire *wire, const struct fault_args *args)
{
	wire->split_bytes = args->bytes > 0 ? (size_t)args->bytes : 1;
}

static void
apply_length_short(struct wire *wire, const struct fault_args *args)
{
	wire->length_off = -args->bytes;
}

static void
apply_length_long(struct wire *wire, const struct fault_args *args)
{
	wire->length_off = args->bytes;
}

static void
apply_length_odd(struct wire *wire, const struct fault_args *args)
{
	wire->length_text = args->text;
}

static void
apply_no_length(struct wire *wire, const struct fault_args *args)
{
	(void)args;
	wire->no_length = true;
}

static void
apply_bad_chunk(struct wire *wire, const struct fault_args *args)
{
	(void)args;
	wire->bad_chunk = true;
}

static void
apply_no_last_chunk(struct wire *wire, const struct fault_args *args)
{
	(void)args;
	wire->no_last_chunk = true;
}

static void
apply_endless_body(struct wire *wire, const struct fault_args *args)
{
	wire->endless = true;
	wire->endless_bytes = (uint64_t)args->bytes;
}

static void
apply_endless_stream(struct wire *wire, const struct fault_args *args)
{
	wire->endless = true;
	wire->endless_ns = args->ms * NS_PER_MS;
	wire->endless_bytes = (uint64_t)args->bytes;
}

static void
apply_gzip(struct wire *wire, const struct fault_args *args)
{
	(void)args;
	wire->coding = CODING_GZIP;
}

static void
apply_gzip_undeclared(struct wire *wire, const struct fault_args *args)
{
	(void)args;
	wire->coding = CODING_UNDECLARED;
}

static void
apply_gzip_garbage(struct wire *wire, const struct fault_args *args)
{
	(void)args;
	wire->coding = CODING_GARBAGE;
}

static void
apply_gzip_cut(struct wire *wire, const struct fault_args *args)
{
	(void)args;
	wire->coding = CODING_CUT;
}

static void
apply_gzip_bomb(struct wire *wire, const struct fault_args *args)
{
	wire->coding = CODING_BOMB;
	wire->bomb_bytes = (uint64_t)args->bytes;
}

static void
apply_head_line(struct wire *wire, const struct fault_args *args)
{
	wire->head_line_bytes = (size_t)args->bytes;
}

static void
apply_head_lines(struct wire *wire, const struct fault_args *args)
{
	wire->head_lines_bytes = (size_t)args->bytes;
}

static void
apply_interim(struct wire *wire, const struct fault_args *args)
{
	wire->interim_status = (int)args->status;
	wire->interim_count = args->count;
}

static void
apply_not_http(struct wire *wire, const struct fault_args *args)
{
	wire->not_http = args->text;
}

static void
apply_connection_close(struct wire *wire, const struct fault_args *args)
{
	(void)args;
	wire->close = true;
}

static void (*const table[FAULT_COUNT])(struct wire *wire, const struct fault_args *args) = {
#define ROW_CONNECT(id)
#define ROW_SHAPE(id)
#define ROW_ANSWER(id)
#define ROW_EVENTS(id)
#define ROW_WIRE(id) [FAULT_##id] = apply_##id,
#define FAULT(stage, id, name, parameters, what) ROW_##stage(id)
#include "sim/fault.def"
#undef FAULT
};

void
fault_apply_wire(const struct fault_picks *picks, struct wire *wire)
{
	for (size_t i = 0; i < picks->count; i++)
		if (table[picks->steps[i]->fault])
			table[picks->steps[i]->fault](wire, &picks->steps[i]->args);
}
