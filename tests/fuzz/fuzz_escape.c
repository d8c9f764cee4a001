/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/escape.h"

#include "base/json.h"

#include "fuzz.h"

/* Properties: each escaped text is one token of its grammar, and where the grammar can say everything, the text itself. */

enum { TEXT_BYTES = 1 << 24 };

/* No control character, well-formed UTF-8. */
static void
require_printable(struct str text, const char *but)
{
	FUZZ_REQUIRE(str_is_utf8(text));
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];
		FUZZ_REQUIRE((c >= 0x20 && c != 0x7F) || (c && strchr(but, c)));
	}
}

/* A label value between its quotes: no bare quote, no line break, every backslash begins \\, \" or \n. */
static void
check_label(struct str text, bool quotes)
{
	require_printable(text, "");
	for (size_t i = 0; i < text.len; i++) {
		if (quotes)
			FUZZ_REQUIRE(text.at[i] != '"');
		if (text.at[i] == '\\') {
			FUZZ_REQUIRE(++i < text.len);
			FUZZ_REQUIRE(strchr("\\\"n", text.at[i]));
		}
	}
}

static void
check_json(struct str text, struct str original)
{
	auto_json struct json root;
	FUZZ_REQUIRE(json_parse(text, 1, &root) == JSON_FINE);
	FUZZ_REQUIRE(root.kind == JSON_STRING);
	if (str_is_utf8(original))
		FUZZ_REQUIRE(str_eq(json_str(root), original));
}

static void
check_logfmt(struct str text)
{
	require_printable(text, "");
	FUZZ_REQUIRE(text.len > 0);
	bool quoted = text.at[0] == '"';
	FUZZ_REQUIRE(!quoted || (text.len > 1 && text.at[text.len - 1] == '"'));
	for (size_t i = 1; i + 1 < text.len; i++) {
		if (!quoted)
			FUZZ_REQUIRE(!strchr(" =\"", text.at[i]));
		else if (text.at[i] == '\\')
			i++;
		else
			FUZZ_REQUIRE(text.at[i] != '"');
	}
}

static void
check_html(struct str text)
{
	require_printable(text, "\t\r\n");
	for (size_t i = 0; i < text.len; i++)
		FUZZ_REQUIRE(!strchr("<>\"'", text.at[i]));
}

static const char url_bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%";

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = fuzz_input(data, size);
	auto_buf struct buf out = BUF_INIT(TEXT_BYTES);
	if (size > TEXT_BYTES / 16)
		return 0;
	FUZZ_REQUIRE(escape_json(&out, text));
	check_json(buf_view(&out), text);
	buf_reset(&out);
	FUZZ_REQUIRE(escape_label(&out, text));
	check_label(buf_view(&out), true);
	buf_reset(&out);
	FUZZ_REQUIRE(escape_help_openmetrics(&out, text));
	check_label(buf_view(&out), true);
	buf_reset(&out);
	FUZZ_REQUIRE(escape_help_text(&out, text));
	check_label(buf_view(&out), false);
	buf_reset(&out);
	FUZZ_REQUIRE(escape_logfmt(&out, text));
	check_logfmt(buf_view(&out));
	buf_reset(&out);
	FUZZ_REQUIRE(escape_html(&out, text));
	check_html(buf_view(&out));
	buf_reset(&out);
	FUZZ_REQUIRE(escape_terminal(&out, text));
	require_printable(buf_view(&out), "");
	buf_reset(&out);
	FUZZ_REQUIRE(escape_url(&out, text));
	FUZZ_REQUIRE(strspn(buf_cstr(&out), url_bytes) == out.len);
	return 0;
}
