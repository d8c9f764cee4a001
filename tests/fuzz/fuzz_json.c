/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/json.h"

#include "base/jsonw.h"

#include "fuzz.h"

/* Properties: the check and the parser agree; every getter takes every value; what was read and written again is read the
 * same. */

enum { TEXT_BYTES = 1 << 24 };

static void
touch(struct json value)
{
	(void)json_int(value);
	(void)json_real(value);
	(void)json_truth(value);
	(void)json_count(value);
	(void)json_is_set(json_get(value, "choices"));
	(void)json_is_set(json_at(value, 0));
	(void)json_is_set(json_at(value, SIZE_MAX));
	struct str text = json_str(value);
	FUZZ_REQUIRE(str_is_utf8(text));
}

static void write_value(struct jsonw *w, const char *key, struct json value, unsigned depth);

static void
write_members(struct jsonw *w, struct json value, unsigned depth)
{
	struct json_walk walk = { 0 };
	while (json_next(value, &walk))
		write_value(w, walk.key, walk.value, depth + 1);
}

static void
write_value(struct jsonw *w, const char *key, struct json value, unsigned depth)
{
	touch(value);
	switch (value.kind) {
	case JSON_ABSENT:
	case JSON_NULL:
		jsonw_null(w, key);
		break;
	case JSON_BOOL:
		jsonw_bool(w, key, json_truth(value));
		break;
	case JSON_INT:
		jsonw_int(w, key, json_int(value));
		break;
	case JSON_REAL:
		jsonw_real(w, key, json_real(value) + 0.0); /* "-0" reads back as the integer 0: let it be 0 at once */
		break;
	case JSON_STRING:
		jsonw_str(w, key, json_str(value));
		break;
	case JSON_ARRAY:
		jsonw_open_array(w, key);
		for (size_t i = 0; i < json_count(value); i++)
			write_value(w, NULL, json_at(value, i), depth + 1);
		jsonw_close_array(w);
		break;
	case JSON_OBJECT:
		jsonw_open_object(w, key);
		write_members(w, value, depth);
		jsonw_close_object(w);
		break;
	}
}

static void
write_document(struct buf *out, struct json root)
{
	struct jsonw w;
	jsonw_init(&w, out);
	write_value(&w, NULL, root, 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = fuzz_input(data, size);
	auto_json struct json deep;
	FUZZ_REQUIRE(json_parse(text, JSON_DEPTH_MAX, &deep) == json_check(text, JSON_DEPTH_MAX));
	enum { WRITER_DEPTH = 30 };
	auto_json struct json first;
	if (json_parse(text, WRITER_DEPTH, &first) != JSON_FINE)
		return 0;
	auto_buf struct buf once = BUF_INIT(TEXT_BYTES);
	auto_buf struct buf twice = BUF_INIT(TEXT_BYTES);
	auto_json struct json second;
	write_document(&once, first);
	FUZZ_REQUIRE(json_parse(buf_view(&once), WRITER_DEPTH, &second) == JSON_FINE);
	write_document(&twice, second);
	FUZZ_REQUIRE(str_eq(buf_view(&once), buf_view(&twice)));
	return 0;
}
