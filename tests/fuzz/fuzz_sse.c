/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "decode/sse.h"

#include "fuzz.h"

/* Property: any split of a stream gives the same events. */

enum { LINE_CAP = 64, EVENT_CAP = 96, NOTES_BYTES = 1 << 22 };

static void
note_event(void *arg, const struct sse_event *event, bool unfinished)
{
	struct buf *notes = arg;
	FUZZ_REQUIRE(event->data.at);
	FUZZ_REQUIRE(event->data.len <= EVENT_CAP);
	FUZZ_REQUIRE(event->name.len <= LINE_CAP);
	buf_printf(notes, "%c%zu:%zu:", unfinished ? '~' : ' ', event->name.len, event->data.len);
	buf_str(notes, event->name);
	buf_str(notes, event->data);
}

/* Feeds pieces of `piece` bytes (the first one shorter by `shift`), and notes everything that can be seen. */
static void
note_stream(struct buf *notes, struct str stream, size_t piece, size_t shift)
{
	struct sse sse;
	sse_init(&sse, LINE_CAP, EVENT_CAP, note_event, notes);
	size_t at = 0;
	bool going = true;
	while (going && at < stream.len) {
		size_t len = at == 0 ? piece - shift : piece;
		len = len < stream.len - at ? len : stream.len - at;
		going = sse_feed(&sse, stream.at + at, len);
		at += len;
	}
	FUZZ_REQUIRE(going == !sse.over_cap);
	bool fragment = sse_end(&sse);
	buf_printf(notes, "%d%d%d %u", fragment, sse.broken_framing, sse.over_cap, sse.comments);
	sse_done(&sse);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str stream = fuzz_input(data, size);
	auto_buf struct buf whole = BUF_INIT(NOTES_BYTES);
	note_stream(&whole, stream, size + 1, 0);
	for (size_t piece = 1; piece <= 7 && piece <= size; piece++) {
		auto_buf struct buf pieces = BUF_INIT(NOTES_BYTES);
		note_stream(&pieces, stream, piece, piece / 2);
		FUZZ_REQUIRE(str_eq(buf_view(&whole), buf_view(&pieces)));
	}
	return 0;
}
